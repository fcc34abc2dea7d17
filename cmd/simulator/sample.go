// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/sample"
	"github.com/journeyman-dev/journeyman/internal/simulator/send"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// sampleCommand sends the sample file to the sources of config/samples, and waits until the map shows it.
func sampleCommand(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("sample", flag.ContinueOnError)
	where := addSendFlags(f)
	journey := f.String("map", "omnichannel-retail", "JourneyMap to have analysed and to wait for, from inside of the cluster; empty for none")
	retryFor := f.Duration("retry-for", 5*time.Minute, "how long a request is tried again while its source does not take it, and the map is waited for")
	if err := f.Parse(args); err != nil {
		return err
	}
	endpoints, err := where.read(world.Sources)
	if err != nil {
		return err
	}
	client, err := where.client(1, 30*time.Second)
	if err != nil {
		return err
	}
	requests, err := sample.Requests(time.Now())
	if err != nil {
		return err
	}
	sender := send.New(send.Options{Endpoints: endpoints, Client: client, RetryFor: *retryFor, Now: time.Now})
	events := 0
	for _, r := range requests {
		if _, err := sender.Deliver(ctx, r); err != nil {
			return err
		}
		events += r.Good
	}
	fmt.Fprintf(out, "%d events were accepted by %d sources.\n", events, len(endpoints))
	if *journey == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, *retryFor)
	defer cancel()
	summary, err := sample.Analyse(ctx, where.namespace, *journey)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "JourneyMap %s: %d customers, %s converted; most are lost after the stage %s: %s\n",
		*journey, summary.Customers, summary.Display.Conversion, summary.WorstStage, summary.Display.DropOff)
	return nil
}
