// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/journeyman-dev/journeyman/internal/store/server"
)

// door is an address at which the store serves.
type door struct {
	name, address string
	listen        func(net.Listener) (*http.Server, net.Listener)
	encrypted     bool

	web     *http.Server
	callers net.Listener
}

// open listens.
func (d *door) open() (where string, err error) {
	l, err := net.Listen("tcp", d.address)
	if err != nil {
		return "", fmt.Errorf("%s: %w", d.name, err)
	}
	d.web, d.callers = d.listen(l)
	return l.Addr().String(), nil
}

// serve answers until the server is shut down.
func (d *door) serve() error {
	err := error(nil)
	if d.encrypted {
		err = d.web.ServeTLS(d.callers, "", "")
	} else {
		err = d.web.Serve(d.callers)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// serve serves until the context ends or a server fails, and then waits for the calls in progress.
func serve(ctx context.Context, o options, srv *server.Server, log *slog.Logger, follow func(context.Context) error) error {
	doors := []*door{
		{name: "listen", address: o.listen, listen: srv.Listen, encrypted: true},
		{name: "admin", address: o.adminListen, listen: srv.ListenAdmin, encrypted: true},
		{name: "probes", address: o.probeListen, listen: srv.ListenProbes},
		{name: "metrics", address: o.metricsListen, listen: srv.ListenMetrics},
	}
	var where []any
	for _, d := range doors {
		address, err := d.open()
		if err != nil {
			return err // the process ends, which closes the other listeners
		}
		where = append(where, d.name, address)
	}
	log.Info("the store accepts calls", where...)

	group, ctx := errgroup.WithContext(ctx)
	for _, d := range doors {
		group.Go(d.serve)
	}
	group.Go(func() error { return follow(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		srv.Drain()
		// The context of the process has ended, but the calls in progress have a timeout of their own.
		draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.drainTimeout)
		defer cancel()
		return drain(draining, doors, log)
	})
	return group.Wait()
}

// drain stops accepting calls first, and stops probes and metrics last, so that the pod can be observed until all calls are answered.
func drain(ctx context.Context, doors []*door, log *slog.Logger) error {
	var calls errgroup.Group
	for _, d := range doors {
		if d.encrypted {
			calls.Go(func() error { return d.end(ctx, log) })
		}
	}
	err := calls.Wait()
	for _, d := range doors {
		if !d.encrypted {
			err = errors.Join(err, d.web.Close())
		}
	}
	return err
}

// end shuts down the server. It waits for calls in progress until the context ends.
func (d *door) end(ctx context.Context, log *slog.Logger) error {
	err := d.web.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("closing the calls that are still in progress", "at", d.name)
		err = d.web.Close()
	}
	return err
}
