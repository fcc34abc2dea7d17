// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/conns"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Options of an ingestion process.
type Options struct {
	Files Files
	// Listen serves senders; nil for a source that fetches its documents. ProbeListen serves the kubelet, and MetricsListen scrapers.
	Listen, ProbeListen, MetricsListen net.Listener
	// Connect connects to a store.
	Connect func(podconfig.Store) (store.Appender, error)
	// ReloadEvery is the interval between two checks of the files.
	ReloadEvery time.Duration
	// DrainDelay is how long requests are still accepted after shutdown was requested, so that the Service's endpoints can be updated. DrainTimeout is
	// how long requests in progress can take after that.
	DrainDelay, DrainTimeout time.Duration
	// MaxConnections is the number of concurrent connections of senders.
	MaxConnections int
	Batcher        batch.Options
	// Memory of the process in bytes; 0 uses GOMEMLIMIT.
	Memory int64
	// Pod is the name under which this process reports to the store; empty for no reports.
	Pod string
	// Now is the clock of receipts.
	Now func() time.Time
	Log *slog.Logger
}

// Limits on connections, in addition to those on bodies.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 90 * time.Second
	maxHeaderBytes    = 32 << 10
)

// Run serves senders, or fetches documents, until ctx ends, then drains: it stops accepting requests, completes those in progress, finishes or drops the
// batch in hand, and writes the counters.
func Run(ctx context.Context, o Options) error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	stats := NewStats(registry, o.Now)
	o.Batcher.Observe = stats.Appended
	batcher := batch.New(o.Batcher)
	defer batcher.Close()
	memory := budget.New(budget.Total(o.Memory))
	server := NewServer(batcher, memory, stats, o.Now, o.Log)
	reloader := NewReloader(o.Files, server, o.Connect, o.Log)
	reloader.puller = puller.New(puller.Options{
		Memory: memory, Pod: o.Pod, AppendTimeout: o.Batcher.AppendTimeout, Now: o.Now, Observe: stats.Appended, Stored: stats.fetched, Log: o.Log,
	})
	probes := NewProbes(server, reloader)
	metrics := NewMetrics(server, reloader, registry)
	reloader.Reload()

	quiet := slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)
	plain := func(h http.Handler) *http.Server {
		return &http.Server{Handler: h, ReadHeaderTimeout: readHeaderTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: quiet}
	}
	kubelet, scrapers := plain(probes), plain(metrics)
	g, running := errgroup.WithContext(ctx)
	var senders *http.Server
	if o.Listen != nil {
		senders = receive(g, o, server, registry)
	}
	for s, l := range map[*http.Server]net.Listener{kubelet: o.ProbeListen, scrapers: o.MetricsListen} {
		bound := conns.Bound(s, l, plainLimits)
		g.Go(func() error { return serve(s, bound, false) })
	}
	loops := []func(context.Context){func(ctx context.Context) { reloader.Run(ctx, o.ReloadEvery) }, reloader.puller.Run}
	if o.Pod != "" {
		loops = append(loops, (&reporter{server: server, puller: reloader.puller, pod: o.Pod, log: o.Log}).run)
	}
	for _, loop := range loops {
		g.Go(func() error {
			loop(running)
			return nil
		})
	}
	g.Go(func() error {
		<-running.Done()
		probes.draining.Store(true)
		o.Log.Info("draining")
		return drain(o, senders, kubelet, scrapers)
	})
	o.Log.Info("serving", "probes", o.ProbeListen.Addr().String(), "metrics", o.MetricsListen.Addr().String())
	return g.Wait()
}

// receive starts the server for senders.
func receive(g *errgroup.Group, o Options, server *Server, registry *prometheus.Registry) *http.Server {
	senders := &http.Server{
		Handler: server, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	encrypted := o.Files.TLSDir != ""
	if encrypted {
		// As without TLS, only HTTP/1.1 is supported, because the connection limits assume one request per connection.
		senders.TLSConfig, senders.Protocols = server.tlsConfig(), &http.Protocols{}
		senders.Protocols.SetHTTP1(true)
		registry.MustRegister(certificateAge{server})
	}
	table := conns.New(conns.Limits{
		Connections: o.MaxConnections, Unfinished: max(1, o.MaxConnections/4), PerPeer: max(1, o.MaxConnections/16), Encrypted: encrypted,
	}, server.stats.Closed)
	table.Serve(senders)
	server.follow(table)
	watch(registry, table)
	g.Go(func() error { return serve(senders, table.Listener(o.Listen), encrypted) })
	o.Log.Info("receiving", "address", o.Listen.Addr().String())
	return senders
}

func serve(s *http.Server, l net.Listener, encrypted bool) error {
	run := s.Serve
	if encrypted {
		run = func(l net.Listener) error { return s.ServeTLS(l, "", "") }
	}
	if err := run(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// drain shuts down the senders' server before the others, so that the pod can be probed and scraped until it has answered everything.
func drain(o Options, senders, kubelet, scrapers *http.Server) error {
	if senders != nil {
		time.Sleep(o.DrainDelay)
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.DrainTimeout)
	defer cancel()
	var err error
	if senders != nil {
		senders.SetKeepAlivesEnabled(false)
		err = senders.Shutdown(ctx)
	}
	return errors.Join(err, kubelet.Shutdown(ctx), scrapers.Shutdown(ctx))
}
