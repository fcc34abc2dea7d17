// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/journeyman-dev/journeyman/internal/conns"
)

// unfinishedBody is the cause of a request whose body did not come to its end.
const unfinishedBody = "body"

// senders counts what is not an event: requests that are not authenticated, and incomplete requests. Anybody can
// send both, so they say nothing about the events of a source.
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

// Closed counts a request that did not come to its end, by cause.
func (s *senders) Closed(cause string) { s.unfinished.WithLabelValues(cause).Inc() }

// plainLimits are for probes and for scrapes, each by itself; both answer whoever reaches them.
var plainLimits = conns.Limits{Connections: 128, Unfinished: 64, PerPeer: 32}

// watch shows the connections of a table.
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
