// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command store is the pod of an EventStore: the embedded store behind HTTPS. Its document, keys and certificate are files that it
// looks at again and again; SIGTERM ends it after the calls that are under way.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store/server"
)

// minBody and maxBody bound the greatest append, which is a sixteenth of the memory: it is in there several times while it is stored.
const (
	minBody = 8 << 20
	maxBody = 64 << 20
)

type options struct {
	config, data, serverDir string
	listen, adminListen     string
	lockWait, drainTimeout  time.Duration
	compactEvery            time.Duration
	minFree, memory         int64
	acceptDamage            bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := dispatch(ctx, os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "store:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// dispatch runs the store, or asks the running one to erase or to split somebody.
func dispatch(ctx context.Context, args []string) error {
	switch {
	case len(args) > 0 && args[0] == "erase":
		return erase(ctx, args[1:], os.Stdin, os.Stdout, os.Stderr)
	case len(args) > 0 && args[0] == "split":
		return split(ctx, args[1:], os.Stdout, os.Stderr)
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return run(ctx, o)
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("store", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "usage: store [flags], or store erase, store split to ask the running one; these have -h, too")
		f.PrintDefaults()
	}
	f.StringVar(&o.config, "config", filepath.Join(podconfig.Dir, podconfig.File), "the document with retention and identity policy")
	f.StringVar(&o.data, "data", podconfig.DataDir, "folder of the store's files")
	f.StringVar(&o.serverDir, "server-dir", podconfig.StoreServerDir, "folder with certificate and keys")
	f.StringVar(&o.listen, "listen", fmt.Sprintf(":%d", podconfig.StorePort), "address for ingestion and analysis jobs")
	f.StringVar(&o.adminListen, "admin-listen", fmt.Sprintf(":%d", podconfig.AdminPort), "address for probes and metrics")
	f.DurationVar(&o.lockWait, "lock-wait", time.Minute, "how long to wait for another process to leave the data")
	f.DurationVar(&o.drainTimeout, "drain-timeout", 20*time.Second, "how long calls under way may take after SIGTERM")
	f.DurationVar(&o.compactEvery, "compact-every", 0, "how long events stay in the log at most (default 5m)")
	f.Int64Var(&o.minFree, "min-free", 0, "bytes of the volume to keep free (default 256 MiB, of a small volume a sixteenth)")
	f.Int64Var(&o.memory, "memory", 0, "bytes of memory to live in (default: the limit of the container)")
	f.BoolVar(&o.acceptDamage, "accept-damage", false, "put damaged parts of the log aside, and give up what cannot be read in them")
	return o, f.Parse(args)
}

func run(ctx context.Context, o options) error {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	doc := document(o.config)
	first, err := doc.Get()
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	goMemory, engineMemory := limitMemory(o.memory, log)
	stores := opener{options: o, memory: engineMemory, identities: goMemory / identity.EntryBytes, log: log}
	inner, err := stores.openWaiting(ctx, first)
	if err != nil {
		return err
	}
	st := server.NewReopening(inner)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	srv, err := server.New(server.Options{
		Store: st, Dir: o.serverDir, Registry: registry, Log: log,
		Memory: budget.New(goMemory), MaxBodyBytes: min(max(goMemory/16, minBody), maxBody),
	})
	if err != nil {
		return errors.Join(err, st.Close())
	}
	err = serve(ctx, o, srv, log, func(ctx context.Context) error { return stores.follow(ctx, doc, first, st) })
	return errors.Join(err, st.Close())
}

// serve listens until the context ends or something fails, then lets the calls that are under way come to their end.
func serve(ctx context.Context, o options, srv *server.Server, log *slog.Logger, follow func(context.Context) error) error {
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	adminListener, err := net.Listen("tcp", o.adminListen)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	web, callers := srv.Listen(listener)
	admin, asked := srv.ListenAdmin(adminListener)
	log.Info("the store serves", "listen", listener.Addr().String(), "admin", adminListener.Addr().String())

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ignoreClosed(web.ServeTLS(callers, "", "")) })
	group.Go(func() error { return ignoreClosed(admin.Serve(asked)) })
	group.Go(func() error { return follow(ctx) })
	group.Go(func() error {
		<-ctx.Done()
		srv.Drain()
		// The context of the process has ended, but the calls under way have time of their own.
		draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.drainTimeout)
		defer cancel()
		err := web.Shutdown(draining)
		if errors.Is(err, context.DeadlineExceeded) {
			log.Warn("calls under way are cut off")
			err = web.Close()
		}
		return errors.Join(err, admin.Close())
	})
	return group.Wait()
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
