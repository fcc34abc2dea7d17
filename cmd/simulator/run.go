// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/broker"
	"github.com/journeyman-dev/journeyman/internal/simulator/send"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

func run(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	worlds, where := addWorldFlags(f), addSendFlags(f)
	server := f.String("nats", "", "address of the NATS server of an omnichannel world, host:port")
	workers := f.Int("workers", 8, "requests at the same time")
	perSecond := f.Int("rate", 4000, "events a second of all sources together; 0 for no bound. A source refuses more than 5000 by default")
	live := f.Bool("live", false, "with an end in the future: wait for what has not happened yet, and send it when it does")
	retryFor := f.Duration("retry-for", 10*time.Minute, "how long one request is tried again while it is refused for now")
	timeout := f.Duration("timeout", 30*time.Second, "how long one try may take")
	every := f.Duration("progress", 3*time.Second, "time between two lines of progress")
	save := f.String("save", "", "write the parameters of the world to a file, for truth and compare")
	if err := f.Parse(args); err != nil {
		return err
	}
	w, err := worlds.one()
	if err != nil {
		return err
	}
	endpoints, err := where.read(w.Senders())
	if err != nil {
		return err
	}
	client, err := where.client(*workers, *timeout)
	if err != nil {
		return err
	}
	messages, err := connect(ctx, w, *server)
	if err != nil {
		return err
	}
	options := send.Options{Endpoints: endpoints, Client: client, RetryFor: *retryFor, Now: time.Now}
	if messages != nil {
		defer messages.Close()
		options.Broker = messages
	}
	if err := saveParams(*save, w.Params); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "a world of %d persons, seed %d, from %s to %s\n", w.Params.Persons, w.Params.Seed,
		w.Params.Start().Format(time.RFC3339), w.Params.Now.Format(time.RFC3339))
	r := send.Run{
		World: w, Workers: *workers, Rate: *perSecond, Live: *live, Now: time.Now, Every: *every,
		Sender:   send.New(options),
		Progress: progress,
	}
	summary, err := r.Do(ctx)
	if err != nil {
		return err
	}
	return printJSON(out, map[string]any{"world": w.Params, "summary": summary})
}

// connect returns the broker of the tills, or nil for a world without one.
func connect(ctx context.Context, w *world.World, address string) (*broker.Broker, error) {
	if !w.Params.Omnichannel {
		return nil, nil //nolint:nilnil // there is none
	}
	if address == "" {
		return nil, fmt.Errorf("%w: an omnichannel world needs --nats", errUsage)
	}
	if err := near("http://" + address); err != nil {
		return nil, fmt.Errorf("%w: --nats: %w", errUsage, err)
	}
	return broker.Connect(ctx, address)
}

func progress(s send.Summary) {
	fmt.Fprintf(os.Stderr, "%6.0f s  %d events in %d requests, %d sent again\n", s.Seconds, s.Events, s.Requests, s.Retries)
}

func saveParams(file string, p world.Params) error {
	if file == "" {
		return nil
	}
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(raw, '\n'), 0o644)
}

func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
