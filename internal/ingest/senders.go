// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/journeyman-dev/journeyman/internal/conns"
)

// unfinishedBody is the cause of a request whose body was incomplete.
const unfinishedBody = "body"

// senders counts requests without events: those that are not authenticated, and incomplete ones. Anybody can send both, so they are not counted for the source.
type senders struct {
	unauthorized, unfinished *prometheus.CounterVec
}

func newSenders(counter func(name, help string, labels ...string) *prometheus.CounterVec) senders {
	return senders{
		unauthorized: counter("unauthorized_requests_total",
			"Requests of senders that were not authenticated, by reason. They do not count as refused events.", "reason"),
		unfinished: counter("unfinished_requests_total",
			"Incomplete requests, by cause: body (it broke off, or took too long); closed because too many were unfinished "+
				"in total (unfinished) or from one peer (peer), or because of too many connections (connections) or header lines (headers).", "cause"),
	}
}

// Closed counts an incomplete request, by cause.
func (s *senders) Closed(cause string) { s.unfinished.WithLabelValues(cause).Inc() }

// plainLimits apply to probes and to scrapes separately. Both ports respond to everybody who can reach them.
var plainLimits = conns.Limits{Connections: 128, Unfinished: 64, PerPeer: 32}

// watch registers the metrics of the connections of a table.
func watch(r prometheus.Registerer, t *conns.Table) {
	for i, state := range []string{"unfinished", "serving", "idle"} {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "journeyman_ingest_connections", Help: "Connections of senders, by state: with an incomplete request, with a request in progress, idle.",
			ConstLabels: prometheus.Labels{"state": state},
		}, func() float64 {
			var n [3]int
			n[0], n[1], n[2] = t.Counts()
			return float64(n[i])
		}))
	}
}
