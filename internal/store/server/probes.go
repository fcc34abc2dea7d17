// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// ProbeHandler serves /healthz and /readyz to the kubelet, without keys.
func (s *Server) ProbeHandler() http.Handler {
	mux := http.NewServeMux()
	// Liveness means that the process responds: a slow disk or a long query must not kill the store.
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.ready(r.Context()); err != "" {
			http.Error(w, err, http.StatusServiceUnavailable)
		}
	})
	return mux
}

// MetricsHandler serves /metrics without keys, because it contains nothing confidential.
func (s *Server) MetricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.opts.Registry, promhttp.HandlerOpts{}))
	return mux
}

// ready returns why the store should get no calls. A full store is ready, because it can be read.
func (s *Server) ready(ctx context.Context) string {
	if s.draining.Load() {
		return "draining"
	}
	ctx, cancel := context.WithTimeout(ctx, collectTimeout)
	defer cancel()
	if _, err := s.opts.Store.State(ctx); err != nil {
		s.opts.Log.Warn("not ready", "error", err)
		return "the state of the store cannot be read"
	}
	return ""
}

// Drain makes the server not ready, so that no new calls come.
func (s *Server) Drain() { s.draining.Store(true) }
