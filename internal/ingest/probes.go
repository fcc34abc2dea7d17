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

	"github.com/journeyman-dev/journeyman/internal/ingest/puller"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// StatsDocument is the response of /stats.
type StatsDocument struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	Transport string `json:"transport,omitempty"`
	// Generation of the source in use.
	Generation int64 `json:"generation,omitempty"`
	Suspended  bool  `json:"suspended,omitempty"`
	// ConfigError is why the latest configuration is not in use; empty if it is.
	ConfigError string `json:"configError,omitempty"`
	// SecretError is the problem with a Secret.
	SecretError string `json:"secretError,omitempty"`
	// Counters since this pod started.
	Counters store.Counters `json:"counters"`
	// Unauthorized requests since this pod started, by reason. They are not in Counters.
	Unauthorized map[string]store.Rejection `json:"unauthorized,omitempty"`
	// AbsentRecords is the number of notifications whose record the API of the sender did not have.
	AbsentRecords int64 `json:"absentRecords,omitempty"`
	// NewestEventTime and NewestReceivedTime of stored events.
	NewestEventTime    time.Time `json:"newestEventTime,omitzero"`
	NewestReceivedTime time.Time `json:"newestReceivedTime,omitzero"`
	Store              StoreView `json:"store"`
	// QueuedBytes are waiting for the store.
	QueuedBytes int64 `json:"queuedBytes"`
	// Pull is the state of reading; absent for a source that receives its documents.
	Pull *puller.State `json:"pull,omitempty"`
}

// Probes serves the kubelet, and statistics inside the pod, on a port that senders cannot reach. It contains no secrets.
type Probes struct {
	server   *Server
	reloader *Reloader
	draining atomic.Bool
	mux      *http.ServeMux
}

// NewProbes returns the handler.
func NewProbes(s *Server, r *Reloader) *Probes {
	p := &Probes{server: s, reloader: r, mux: http.NewServeMux()}
	p.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { ok(w) })
	p.mux.HandleFunc("GET /readyz", p.ready)
	p.mux.HandleFunc("GET /stats", p.stats)
	return p
}

// ServeHTTP implements http.Handler.
func (p *Probes) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

func ok(w io.Writer) { _, _ = io.WriteString(w, "ok\n") }

// ready does not depend on the store: while the store is unavailable, this pod returns that to senders.
func (p *Probes) ready(w http.ResponseWriter, _ *http.Request) {
	switch {
	case p.draining.Load():
		http.Error(w, "draining", http.StatusServiceUnavailable)
	case p.server.Current() == nil:
		// Anybody in the cluster can call this, and the details contain names of the customer's objects. They are in the log and in the status of the source.
		http.Error(w, "no valid configuration", http.StatusServiceUnavailable)
	case p.reloader.files.TLSDir != "" && p.server.Current().Certificate == nil:
		// Pods with a certificate keep serving while a rollout waits for this one.
		http.Error(w, "no certificate", http.StatusServiceUnavailable)
	default:
		ok(w)
	}
}

// stats responds only inside the pod, which is where a port-forward ends, because it contains the source and errors of its events.
func (p *Probes) stats(w http.ResponseWriter, r *http.Request) {
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !from.Addr().Unmap().IsLoopback() {
		http.Error(w, "/stats is served only inside the pod: use kubectl port-forward, and call localhost", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(p.document())
}

func (p *Probes) document() StatsDocument {
	d := StatsDocument{ConfigError: p.reloader.Problem(), QueuedBytes: p.server.batcher.QueuedBytes()}
	if c := p.server.Current(); c != nil {
		d.Namespace, d.Name, d.Transport, d.Generation = c.Config.Namespace, c.Config.Name, c.Kind, c.Config.Generation
		d.Suspended = c.Suspended()
		d.SecretError = c.Problem
		if c.Pulls() && p.reloader.puller != nil {
			state := p.reloader.puller.State()
			d.Pull = &state
		}
	}
	s := p.server.stats
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Counters, d.Store, d.AbsentRecords = s.counters, s.view, s.recordsAbsent
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
