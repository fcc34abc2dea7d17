// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// collectTimeout limits how long a scrape waits for the store's state.
const collectTimeout = 5 * time.Second

// metrics of a server.
type metrics struct {
	calls       *prometheus.HistogramVec
	events      *prometheus.CounterVec
	removed     prometheus.Counter
	bytes       prometheus.Counter
	scanRows    prometheus.Counter
	scanBytes   prometheus.Counter
	activeScans prometheus.Gauge
	cut         *prometheus.CounterVec
}

func newMetrics(r *prometheus.Registry, s store.Store, cert func() (*tls.Certificate, error)) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "journeyman_store_call_duration_seconds", Help: "Time of calls, by call and code; for appends this is the time until the events are durable.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 14),
		}, []string{"call", "code"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "journeyman_store_append_events_total", Help: "Events of appends, by outcome.",
		}, []string{"outcome"}),
		removed:   counter("journeyman_store_removed_events_total", "Events that removals have removed."),
		bytes:     counter("journeyman_store_append_bytes_total", "Bytes of the bodies of accepted appends."),
		scanRows:  counter("journeyman_store_scan_rows_total", "Rows that scans returned."),
		scanBytes: counter("journeyman_store_scan_read_bytes_total", "Bytes that scans read from files."),
		activeScans: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "journeyman_store_scans_active", Help: "Scans in progress.",
		}),
		cut: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "journeyman_store_closed_connections_total",
			Help: "Connections that were closed before an authenticated call, by cause: too many in total (connections), without a call (unfinished), " +
				"too many from one peer (peer).",
		}, []string{"cause"}),
	}
	r.MustRegister(m.calls, m.events, m.removed, m.bytes, m.scanRows, m.scanBytes, m.activeScans, m.cut, &stateCollector{store: s, cert: cert})
	if c, ok := s.(prometheus.Collector); ok {
		r.MustRegister(c)
	}
	return m
}

func (m *metrics) closed(cause string) { m.cut.WithLabelValues(cause).Inc() }

func (m *metrics) observe(call, code string, took time.Duration) {
	m.calls.WithLabelValues(call, code).Observe(took.Seconds())
}

func (m *metrics) appended(events int, bytes int64, a store.Appended) {
	m.bytes.Add(float64(bytes))
	left := map[string]int64{"duplicate": a.Duplicates, "expired": a.Expired, "erased": a.Erased}
	stored := int64(events)
	for outcome, n := range left {
		m.events.WithLabelValues(outcome).Add(float64(n))
		stored -= n
	}
	m.events.WithLabelValues("stored").Add(float64(stored))
}

func (m *metrics) scanned(s store.ScanStats) {
	m.scanRows.Add(float64(s.Rows))
	m.scanBytes.Add(float64(s.Bytes))
}

// stateCollector reports the state of the store at the time of the scrape, as far as it is technical, because this port requires no credentials.
// Metrics about customers and sources are series of the operator, whose port does.
type stateCollector struct {
	store store.Store
	cert  func() (*tls.Certificate, error)
}

func gauge(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("journeyman_store_"+name, help, nil, nil)
}

// healthGauges are the numbers of store.Health.
var healthGauges = []struct {
	desc  *prometheus.Desc
	value func(store.Health) int64
}{
	{gauge("seq", "Newest commit."), func(h store.Health) int64 { return h.Seq }},
	{gauge("identity_version", "Version of the identity table."), func(h store.Health) int64 { return h.IdentityVersion }},
	{gauge("refused_merges", "Refused links, which would join two customers or split identities."), func(h store.Health) int64 { return h.RefusedMerges }},
	{gauge("refused_public_links", "Refused links that only public sources claim, between persons with names of their own."),
		func(h store.Health) int64 { return h.RefusedPublic }},
	{gauge("identities", "Identities known."), func(h store.Health) int64 { return h.Identities }},
	{gauge("identity_links", "Links between identities."), func(h store.Health) int64 { return h.IdentityLinks }},
	{gauge("identity_limit", "Maximum number of identities and links in memory, 0 for no limit."), func(h store.Health) int64 { return h.IdentityLimit }},
	{gauge("used_bytes", "Bytes used on the volume."), func(h store.Health) int64 { return h.UsedBytes }},
	{gauge("free_bytes", "Bytes free on the volume."), func(h store.Health) int64 { return h.FreeBytes }},
	{gauge("unflushed_bytes", "Bytes of the log that are not in sorted files yet."), func(h store.Health) int64 { return h.UnflushedBytes }},
	{gauge("pins", "Pinned snapshots."), func(h store.Health) int64 { return h.Pins }},
	{gauge("pins_oldest_timestamp_seconds", "Time at which the oldest pin was created, in seconds since 1970, 0 if there is none."),
		func(h store.Health) int64 { return h.OldestPin / time.Second.Microseconds() }},
	{gauge("pinned_bytes", "Bytes that are on the volume only for pins."), func(h store.Health) int64 { return h.PinnedBytes }},
	{gauge("pins_ended_early", "Pins that the store ended before their time since it was opened: for an erasure, for space, or because of damage."),
		func(h store.Health) int64 { return h.PinsEndedEarly }},
	{gauge("corrupt_results", "Results of runs that the store has set aside since it was opened, because their files are corrupt."),
		func(h store.Health) int64 { return h.CorruptResults }},
	{gauge("files", "Sorted files."), func(h store.Health) int64 { return h.Files }},
	{gauge("read_only", "1 while the store is read-only."), func(h store.Health) int64 {
		if h.ReadOnly != "" {
			return 1
		}
		return 0
	}},
}

var (
	upGauge     = gauge("up", "1 if the state of the store can be read.")
	expiryGauge = gauge("certificate_expiry_timestamp_seconds", "Time at which the certificate in use expires, in seconds since 1970.")
)

// Describe returns nothing, because sources come and go.
func (c *stateCollector) Describe(chan<- *prometheus.Desc) {}

// Collect reads the state of the store.
func (c *stateCollector) Collect(out chan<- prometheus.Metric) {
	if pair, err := c.cert(); err == nil && pair.Leaf != nil {
		out <- prometheus.MustNewConstMetric(expiryGauge, prometheus.GaugeValue, float64(pair.Leaf.NotAfter.Unix()))
	}
	ctx, cancel := context.WithTimeout(context.Background(), collectTimeout)
	defer cancel()
	state, err := c.store.State(ctx)
	if err != nil {
		out <- prometheus.MustNewConstMetric(upGauge, prometheus.GaugeValue, 0)
		return
	}
	out <- prometheus.MustNewConstMetric(upGauge, prometheus.GaugeValue, 1)
	for _, g := range healthGauges {
		out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, float64(g.value(state.Health)))
	}
}
