// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Stats counts what this pod has done since it started, for /stats and /metrics. The durable counters are in the store.
type Stats struct {
	mu       sync.Mutex
	counters store.Counters
	view     StoreView
	// newestEvent in microseconds; newestReceived is the time at which events were last stored.
	newestEvent    int64
	newestReceived int64
	// recordsAbsent counts notifications whose record does not exist.
	recordsAbsent int64
	now           func() time.Time

	senders
	requests *prometheus.CounterVec
	duration prometheus.Histogram
	events   *prometheus.CounterVec
	rejected *prometheus.CounterVec
	// withoutID counts events that are new with each receipt, duplicates those that the store already had, and uncorrected those whose sentAt could not
	// correct their time.
	withoutID, placeholders, placeholderIDs, duplicates, uncorrected prometheus.Counter
	// unidentified counts events that belong to no customer.
	unidentified prometheus.Counter
	absentTotal  prometheus.Counter
	appends      *prometheus.CounterVec
	appendS      prometheus.Histogram
	appendN      prometheus.Histogram
}

// StoreView is the state of the store as this pod sees it.
type StoreView struct {
	// LastSuccess and LastFailure of an append, and the error of that failure.
	LastSuccess time.Time `json:"lastSuccess,omitzero"`
	LastFailure time.Time `json:"lastFailure,omitzero"`
	LastError   string    `json:"lastError,omitempty"`
	// Duplicates, Expired and Erased events that the store did not keep.
	Duplicates int64 `json:"duplicates"`
	Expired    int64 `json:"expired"`
	Erased     int64 `json:"erased"`
}

// NewStats registers the metrics.
func NewStats(r prometheus.Registerer, now func() time.Time) *Stats {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "journeyman_ingest_" + name, Help: help}, labels)
		r.MustRegister(v)
		return v
	}
	single := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "journeyman_ingest_" + name, Help: help})
		r.MustRegister(c)
		return c
	}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "journeyman_ingest_" + name, Help: help, Buckets: buckets})
		r.MustRegister(h)
		return h
	}
	durations := prometheus.ExponentialBuckets(0.0005, 2, 16)
	return &Stats{
		now:            now,
		senders:        newSenders(counter),
		requests:       counter("requests_total", "HTTP requests by status code.", "code"),
		duration:       histogram("request_duration_seconds", "Time from the first byte of a request to its response.", durations),
		events:         counter("events_total", "Events by outcome: accepted, dropped or rejected.", "result"),
		rejected:       counter("rejected_total", "Events refused, by reason.", "reason"),
		withoutID:      single("events_without_id_total", "Accepted events without id and time: each receipt is a new event."),
		duplicates:     single("duplicate_events_total", "Accepted events that the store already had. They count once."),
		placeholders:   single("placeholder_identities_total", "Identifiers that were ignored because they are placeholders."),
		placeholderIDs: single("placeholder_ids_total", "Accepted events whose id was a placeholder, which is not used as an id."),
		uncorrected:    single("uncorrected_events_total", "Accepted events whose sentAt could not correct their time, which is unchanged."),
		unidentified:   single("unidentified_events_total", "Accepted events without an identity, which belong to no customer."),
		absentTotal:    single("absent_records_total", "Notifications whose record the API of the sender does not have. Their events are stored without it."),
		appends:        counter("appends_total", "Appends to the store by result: ok or error.", "result"),
		appendS:        histogram("append_duration_seconds", "Time that an append to the store took.", durations),
		appendN:        histogram("append_events", "Events in an append to the store.", prometheus.ExponentialBuckets(1, 2, 14)),
	}
}

func (s *Stats) request(code int, took time.Duration) {
	s.requests.WithLabelValues(strconv.Itoa(code)).Inc()
	s.duration.Observe(took.Seconds())
}

// count adds counters of finished requests.
func (s *Stats) count(c store.Counters) {
	s.events.WithLabelValues("accepted").Add(float64(c.Accepted))
	s.events.WithLabelValues("dropped").Add(float64(c.Dropped))
	s.withoutID.Add(float64(c.WithoutID))
	s.uncorrected.Add(float64(c.Uncorrected))
	s.placeholders.Add(float64(c.Placeholders))
	s.placeholderIDs.Add(float64(c.PlaceholderIDs))
	s.unidentified.Add(float64(c.Unidentified))
	for reason, r := range c.Rejected {
		if reject.Unauthorized(reason) {
			s.unauthorized.WithLabelValues(reason).Add(float64(r.Count))
			continue
		}
		s.events.WithLabelValues("rejected").Add(float64(r.Count))
		s.rejected.WithLabelValues(reason).Add(float64(r.Count))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.Add(c)
}

// absent counts notifications without a record, and returns how many there were.
func (s *Stats) absent(n int) int64 {
	s.absentTotal.Add(float64(n))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recordsAbsent += int64(n)
	return s.recordsAbsent
}

func (s *Stats) stored(events []event.Event) {
	if len(events) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newestEvent = max(s.newestEvent, newest(events))
	s.newestReceived = max(s.newestReceived, events[len(events)-1].ReceivedAt)
}

// fetched counts a batch that was fetched and is durable.
func (s *Stats) fetched(events []event.Event, c store.Counters) {
	s.count(c)
	s.stored(events)
}

// Appended implements the batcher's Observe.
func (s *Stats) Appended(events int, took time.Duration, a store.Appended, err error) {
	s.appendS.Observe(took.Seconds())
	s.appendN.Observe(float64(events))
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.appends.WithLabelValues("error").Inc()
		s.view.LastFailure, s.view.LastError = s.now(), err.Error()
		return
	}
	s.appends.WithLabelValues("ok").Inc()
	s.view.LastSuccess = s.now()
	s.duplicates.Add(float64(a.Duplicates))
	s.view.Duplicates += a.Duplicates
	s.view.Expired += a.Expired
	s.view.Erased += a.Erased
}
