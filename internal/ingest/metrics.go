// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// NewMetrics serves /metrics of the registry, and registers the gauges of the server's memory and configuration, and the series
// of reading.
func NewMetrics(s *Server, r *Reloader, registry *prometheus.Registry) http.Handler {
	gauge := func(name, help string, f func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "journeyman_ingest_" + name, Help: help}, f))
	}
	gauge("queued_bytes", "Bytes of events that wait for the store.", func() float64 { return float64(s.batcher.QueuedBytes()) })
	gauge("held_bytes", "Memory of requests in progress, in bytes: bodies, and events until they are stored.", func() float64 {
		held, _ := s.memory.Held()
		return float64(held)
	})
	gauge("decoding_bytes", "Estimated bytes of memory that decoding may use now.", func() float64 {
		_, decoding := s.memory.Held()
		return float64(decoding)
	})
	gauge("config_generation", "Generation of the source that is in use; 0 for none.", func() float64 {
		if c := s.Current(); c != nil {
			return float64(c.Config.Generation)
		}
		return 0
	})
	gauge("config_error", "1 while the newest configuration is invalid and the previous one stays in use.", func() float64 {
		if r.Problem() != "" {
			return 1
		}
		return 0
	})
	if r.puller != nil {
		registry.MustRegister(r.puller)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}
