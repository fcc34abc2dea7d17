// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/load"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

func loadCommand(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	worlds, where := addWorldFlags(f), addSendFlags(f)
	batch := f.Int("batch", 1, "events of a request: 1 for single ones, 200 for a full batch")
	workers := f.Int("workers", 16, "requests at the same time")
	perSecond := f.Int("rate", 0, "events a second; 0 for as fast as possible")
	duration := f.Duration("duration", 0, "length of the load; 0 until the events are sent")
	events := f.Int64("events", 0, "events to send; 0 for all of the world")
	if err := f.Parse(args); err != nil {
		return err
	}
	w, err := worlds.one()
	if err != nil {
		return err
	}
	endpoints, err := where.read([]world.Source{world.Web})
	if err != nil {
		return err
	}
	client, err := where.client(*workers, time.Minute)
	if err != nil {
		return err
	}
	result, err := load.Run(ctx, load.Options{
		URL: endpoints[world.Web].URL, Encode: load.Segment(endpoints[world.Web].Secret), World: w, Batch: *batch, Workers: *workers, Rate: *perSecond,
		Events: *events, Duration: *duration, Client: client,
	})
	if err != nil {
		return err
	}
	return printJSON(out, result)
}

func eventsCommand(_ context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("events", flag.ContinueOnError)
	worlds := addWorldFlags(f)
	format := f.String("o", "ndjson", "format of the output: ndjson")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *format != "ndjson" {
		return fmt.Errorf("%w: -o %s: only ndjson is known", errUsage, *format)
	}
	w, err := worlds.one()
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	e := json.NewEncoder(buffered)
	for _, event := range w.Events() {
		line := struct {
			world.Event
			Person string
		}{event, event.Who(w.Params.Now)}
		if err := e.Encode(line); err != nil {
			return err
		}
	}
	return buffered.Flush()
}
