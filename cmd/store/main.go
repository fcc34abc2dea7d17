// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command store is the pod of an EventStore. It serves the embedded store over HTTPS. It polls the files of its document, keys and certificate for
// changes. On SIGTERM, it stops after the calls in progress.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/internal/version"
)

// minBody and maxBody bound the maximum size of an append, which is a sixteenth of the memory, because an append is in memory several times while it
// is stored.
const (
	minBody = 8 << 20
	maxBody = 64 << 20
)

type options struct {
	config, data, serverDir string
	listen, adminListen     string
	probeListen             string
	metricsListen           string
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

// dispatch runs the server, or the command erase, split or remove.
func dispatch(ctx context.Context, args []string) error {
	switch {
	case len(args) > 0 && args[0] == "erase":
		return erase(ctx, args[1:], os.Stdin, os.Stdout, os.Stderr)
	case len(args) > 0 && args[0] == "split":
		return split(ctx, args[1:], os.Stdout, os.Stderr)
	case len(args) > 0 && args[0] == "remove":
		return remove(ctx, args[1:], os.Stdout, os.Stderr)
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
		fmt.Fprintln(f.Output(), "usage: store [flags], or store erase, store split and store remove, which call the running store; each has -h")
		f.PrintDefaults()
	}
	f.StringVar(&o.config, "config", filepath.Join(podconfig.Dir, podconfig.File), "path of the document with retention and identity policy")
	f.StringVar(&o.data, "data", podconfig.DataDir, "folder of the store's files")
	f.StringVar(&o.serverDir, "server-dir", podconfig.StoreServerDir, "folder with certificate and keys")
	f.StringVar(&o.listen, "listen", fmt.Sprintf(":%d", podconfig.StorePort), "address for ingestion and analysis jobs")
	f.StringVar(&o.adminListen, "admin-listen", fmt.Sprintf("127.0.0.1:%d", podconfig.StoreAdminPort), "address of the admin API")
	f.StringVar(&o.probeListen, "probe-listen", fmt.Sprintf(":%d", podconfig.ProbePort), "address for probes")
	f.StringVar(&o.metricsListen, "metrics-listen", fmt.Sprintf(":%d", podconfig.MetricsPort), "address for metrics")
	f.DurationVar(&o.lockWait, "lock-wait", time.Minute, "how long to wait until another process releases the data")
	f.DurationVar(&o.drainTimeout, "drain-timeout", 20*time.Second, "how long calls in progress may take after SIGTERM")
	f.DurationVar(&o.compactEvery, "compact-every", 0, "flush the log at least this often (default 5m)")
	f.Int64Var(&o.minFree, "min-free", 0, "bytes of the volume to keep free (default 256 MiB, or a sixteenth of a small volume)")
	f.Int64Var(&o.memory, "memory", 0, "memory limit in bytes (default: the limit of the container)")
	f.BoolVar(&o.acceptDamage, "accept-damage", false, "set corrupt parts of the log aside, and lose the events in them that cannot be read")
	return o, version.Parse(f, args, os.Stdout)
}

func run(ctx context.Context, o options) error {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	doc := document(o.config)
	first, err := doc.Get()
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	stay, work := limitMemory(o.memory, log)
	stores := opener{options: o, memory: work, identities: stay / persons.EntryBytes, log: log}
	inner, err := stores.openWaiting(ctx, first)
	if err != nil {
		return err
	}
	st := server.NewReopening(inner)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	srv, err := server.New(server.Options{
		Store: st, Dir: o.serverDir, Registry: registry, Log: log,
		Memory: budget.New(stay), MaxBodyBytes: min(max(stay/16, minBody), maxBody),
	})
	if err != nil {
		return errors.Join(err, st.Close())
	}
	err = serve(ctx, o, srv, log, func(ctx context.Context) error { return stores.follow(ctx, doc, first, st) })
	return errors.Join(err, st.Close())
}
