// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command ingest is the pod of a TouchpointSource. It receives events over HTTP, or fetches them, and appends them to the store. It polls the files of
// its document and Secrets for changes. On SIGTERM, it drains.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/gctuner"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/version"
)

const (
	// headroomShare is the share of the memory that can be allocated between two collections while the heap is small.
	headroomShare = 8
	// gcPercent is what the heap can grow by when it is larger: Go's default.
	gcPercent = 100
)

type options struct {
	files          ingest.Files
	keys           string
	serverName     string
	listen         string
	probeListen    string
	metricsListen  string
	reloadEvery    time.Duration
	drainDelay     time.Duration
	drainTimeout   time.Duration
	maxConnections int
	memory         int64
	batcher        batch.Options
	debug          bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := dispatch(ctx, os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ingest:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// dispatch runs the server, or one of the commands hash and import.
func dispatch(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "hash" {
		return hash(args[1:], os.Stdin, os.Stdout)
	}
	if len(args) > 0 && args[0] == "import" {
		return importRecords(ctx, args[1:], os.Stdin, os.Stdout)
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return run(ctx, o)
}

func parse(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("ingest", flag.ContinueOnError)
	f.StringVar(&o.files.Config, "config", filepath.Join(podconfig.Dir, podconfig.File), "path of the configuration document")
	f.StringVar(&o.files.SecretDir, "secret-dir", podconfig.SecretDir, "folder with the Secret that authenticates senders")
	f.StringVar(&o.files.PepperDir, "pepper-dir", podconfig.PepperDir, "folder with the Secret for hashing identifiers")
	f.StringVar(&o.files.TLSDir, "tls-dir", "", "folder with tls.crt and tls.key; if it is not set, senders are served over HTTP")
	f.StringVar(&o.keys, "store-key-dir", podconfig.StoreKeyDir, "folder with the key of the store and its CA certificate")
	f.StringVar(&o.serverName, "store-server-name", "", "name in the store's certificate, if it is not the host of its URL")
	f.StringVar(&o.listen, "listen", fmt.Sprintf(":%d", podconfig.IngestPort), "address for senders; empty for a source that fetches its documents")
	f.StringVar(&o.probeListen, "probe-listen", fmt.Sprintf(":%d", podconfig.ProbePort), "address for probes, and for /stats inside the pod")
	f.StringVar(&o.metricsListen, "metrics-listen", fmt.Sprintf(":%d", podconfig.MetricsPort), "address for metrics")
	f.DurationVar(&o.reloadEvery, "reload-every", 2*time.Second, "interval between two checks of the files")
	f.DurationVar(&o.drainDelay, "drain-delay", 5*time.Second, "how long requests are still accepted after SIGTERM")
	f.DurationVar(&o.drainTimeout, "drain-timeout", 18*time.Second, "how long requests in progress may take after that")
	f.IntVar(&o.maxConnections, "max-connections", 4096, "maximum number of connections of senders")
	f.Int64Var(&o.memory, "memory", 0, "memory limit in bytes (default: GOMEMLIMIT, else 435 MiB)")
	f.DurationVar(&o.batcher.Linger, "linger", 5*time.Millisecond, "how long an append waits for more events while another one is in progress")
	f.DurationVar(&o.batcher.AppendTimeout, "append-timeout", 10*time.Second, "timeout of an append")
	f.Int64Var(&o.batcher.MaxBytes, "max-queued-bytes", 64<<20, "maximum bytes of events that wait for the store")
	f.BoolVar(&o.debug, "debug", false, "also log broken connections")
	return o, version.Parse(f, args, os.Stdout)
}

func run(ctx context.Context, o options) error {
	level := slog.LevelInfo
	if o.debug {
		level = slog.LevelDebug
	}
	pod, err := os.Hostname() // the host name of a pod is the name of the pod
	if err != nil {
		return err
	}
	var listeners [3]net.Listener // closed when the process ends
	for i, address := range []string{o.listen, o.probeListen, o.metricsListen} {
		if address == "" {
			continue
		}
		if listeners[i], err = new(net.ListenConfig).Listen(ctx, "tcp", address); err != nil {
			return err
		}
	}
	memory := budget.Total(o.memory)
	gctuner.Start(memory/headroomShare, gcPercent)
	return ingest.Run(ctx, ingest.Options{
		Pod: pod, Files: o.files, Listen: listeners[0], ProbeListen: listeners[1], MetricsListen: listeners[2],
		ReloadEvery: o.reloadEvery, DrainDelay: o.drainDelay, DrainTimeout: o.drainTimeout, MaxConnections: o.maxConnections, Memory: memory, Batcher: o.batcher,
		Now: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
		Connect: o.connect,
	})
}

// connect returns a client of the store.
func (o *options) connect(s podconfig.Store) (store.Appender, error) {
	return client.New(client.Options{
		URL: s.URL, KeyFile: filepath.Join(o.keys, podconfig.KeyFile), CAFile: filepath.Join(o.keys, podconfig.CAFile),
		ServerName: o.serverName, Timeout: o.batcher.AppendTimeout,
	})
}
