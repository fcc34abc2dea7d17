// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// StatsDocument is the answer of /stats.
type StatsDocument struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	Transport string `json:"transport,omitempty"`
	// Generation of the source that is in use.
	Generation int64 `json:"generation,omitempty"`
	Suspended  bool  `json:"suspended,omitempty"`
	// ConfigError says why the newest configuration is not in use; empty when it is.
	ConfigError string `json:"configError,omitempty"`
	// SecretError says what is wrong with a Secret.
	SecretError string `json:"secretError,omitempty"`
	// Counters since this pod started.
	Counters store.Counters `json:"counters"`
	// Unauthorized requests since this pod started, by reason: their senders were not recognised. Counters has none of them.
	Unauthorized map[string]store.Rejection `json:"unauthorized,omitempty"`
	// NewestEventTime and NewestReceivedTime of what was stored.
	NewestEventTime    time.Time `json:"newestEventTime,omitzero"`
	NewestReceivedTime time.Time `json:"newestReceivedTime,omitzero"`
	Store              StoreView `json:"store"`
	// QueuedBytes wait for the store.
	QueuedBytes int64 `json:"queuedBytes"`
}

// Admin serves probes, metrics and numbers, on a port of its own that senders cannot reach. It shows no secret.
type Admin struct {
	server   *Server
	reloader *Reloader
	draining atomic.Bool
	mux      *http.ServeMux
}

// NewAdmin makes the handler and registers the gauges.
func NewAdmin(s *Server, r *Reloader, registry *prometheus.Registry) *Admin {
	a := &Admin{server: s, reloader: r, mux: http.NewServeMux()}
	gauge := func(name, help string, f func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "journeyman_ingest_" + name, Help: help}, f))
	}
	gauge("queued_bytes", "Bytes of events that wait for the store.", func() float64 { return float64(s.batcher.QueuedBytes()) })
	gauge("held_bytes", "Bytes of memory that requests under way hold: bodies, and events until they are stored.", func() float64 {
		held, _ := s.memory.Held()
		return float64(held)
	})
	gauge("decoding_bytes", "Bytes of memory that decoding may take now, as estimated.", func() float64 {
		_, decoding := s.memory.Held()
		return float64(decoding)
	})
	gauge("config_generation", "Generation of the source that is in use; 0 for none.", func() float64 {
		if c := s.Current(); c != nil {
			return float64(c.Config.Generation)
		}
		return 0
	})
	gauge("config_error", "1 while the newest configuration cannot be used and the one before is kept.", func() float64 {
		if r.Problem() != "" {
			return 1
		}
		return 0
	})
	a.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { ok(w) })
	a.mux.HandleFunc("GET /readyz", a.ready)
	a.mux.HandleFunc("GET /stats", a.stats)
	a.mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return a
}

// ServeHTTP implements http.Handler.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

func ok(w io.Writer) { _, _ = io.WriteString(w, "ok\n") }

// ready does not ask for the store: while that is away, this pod is the one that says so to senders.
func (a *Admin) ready(w http.ResponseWriter, _ *http.Request) {
	switch {
	case a.draining.Load():
		http.Error(w, "draining", http.StatusServiceUnavailable)
	case a.server.Current() == nil:
		// Anybody in the cluster may ask, and what is wrong with it names things of the customer's. The log has it, and the status of the source.
		http.Error(w, "no valid configuration", http.StatusServiceUnavailable)
	case a.reloader.files.TLSDir != "" && a.server.Current().Certificate == nil:
		// Pods with a certificate go on while a rollout waits for this one.
		http.Error(w, "no certificate", http.StatusServiceUnavailable)
	default:
		ok(w)
	}
}

// stats answers inside of the pod alone, which is where a port-forward ends: it names the source, and what was wrong with its events.
func (a *Admin) stats(w http.ResponseWriter, r *http.Request) {
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !peer.Addr().Unmap().IsLoopback() {
		http.Error(w, "/stats answers inside of the pod alone: kubectl port-forward to it, and ask localhost", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(a.document())
}

func (a *Admin) document() StatsDocument {
	d := StatsDocument{ConfigError: a.reloader.Problem(), QueuedBytes: a.server.batcher.QueuedBytes()}
	if c := a.server.Current(); c != nil {
		d.Namespace, d.Name, d.Transport, d.Generation = c.Config.Namespace, c.Config.Name, c.Kind, c.Config.Generation
		d.Suspended = c.suspended()
		d.SecretError = c.Problem
	}
	s := a.server.stats
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Counters, d.Store = s.counters, s.view
	d.Counters.Rejected = nil
	for reason, r := range s.counters.Rejected {
		into := &d.Counters.Rejected
		if reject.Unauthorized(reason) {
			into = &d.Unauthorized
		}
		if *into == nil {
			*into = map[string]store.Rejection{}
		}
		(*into)[reason] = r
	}
	if s.newestEvent > 0 {
		d.NewestEventTime = time.UnixMicro(s.newestEvent).UTC()
	}
	if s.newestReceived > 0 {
		d.NewestReceivedTime = time.UnixMicro(s.newestReceived).UTC()
	}
	return d
}
