// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package metrics exports the numbers of journeys to Prometheus. The collector reads the operator's cache at each scrape, so the series of an object
// disappear with the object.
package metrics

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// object labels every series.
var object = []string{"namespace", "name"}

var (
	stageCustomers     = desc("journeyman_stage_customers", "Customers whose attempt reached the stage, mature attempts only.", "stage")
	stageDropOff       = desc("journeyman_stage_drop_off_ratio", "Share of the stage's customers who went no further, from 0 to 1.", "stage")
	conversion         = desc("journeyman_conversion_ratio", "Share of customers that reached the last stage, from 0 to 1.")
	analysisAge        = desc("journeyman_analysis_age_seconds", "Age of the results of a JourneyMap.")
	coverage           = desc("journeyman_coverage_ratio", "Share of customer events that some touchpoint matches, from 0 to 1.")
	kpiValue           = desc("journeyman_kpi_value", "Value of a KPI, in its unit.", "kpi", "unit")
	kpiMet             = desc("journeyman_kpi_target_met", "1 when the KPI meets its target, else 0; only for KPIs with a target.", "kpi")
	sourceAge          = desc("journeyman_source_age_seconds", "Time since a TouchpointSource received an event, as of the newest status.")
	sourceAccepted     = desc("journeyman_source_accepted_events", "Events accepted since the source was created, as of the newest status.")
	sourceDuplicates   = desc("journeyman_source_duplicate_events", "Duplicates among the accepted events, since the source was created, as of the newest status.")
	sourceNobody       = desc("journeyman_source_placeholders", "Identifiers that were ignored because they are placeholders, as of the newest status.")
	sourceWordIDs      = desc("journeyman_source_placeholder_ids", "Accepted events whose id was a placeholder, as of the newest status.")
	sourceUncorrected  = desc("journeyman_source_uncorrected_events", "Accepted events whose sentAt could not correct their time, as of the newest status.")
	sourceWithoutID    = desc("journeyman_source_events_without_id", "Accepted events without id and time, new with each receipt, as of the newest status.")
	sourceUnidentified = desc("journeyman_source_unidentified_events", "Accepted events without an identity, as of the newest status.")
	sourceReasons      = desc("journeyman_source_rejected_events_by_reason", "Events refused for the most frequent reasons, as of the newest status.", "reason")
	storeEvents        = desc("journeyman_eventstore_events", "Events stored, each counted once, as of the newest status.")
	storePersons       = desc("journeyman_eventstore_persons", "Persons that an EventStore knows, as of the newest status.")
	storeHubs          = desc("journeyman_eventstore_hubs", "Identifiers of an EventStore that stopped linking, as of the newest status.")
	sourceUnauthorized = desc("journeyman_source_unauthorized_requests",
		"Requests of senders that were not authenticated since the source was created, as of the newest status.")
	sourceRejected = desc("journeyman_source_rejected_events", "Events refused since the source was created, as of the newest status.")
)

func desc(name, help string, more ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, append(append([]string(nil), object...), more...), nil)
}

// Collector collects the series of all journeys.
type Collector struct {
	reader client.Reader
	clock  clock.PassiveClock

	// mu is held during a scrape. lags are those of the previous one.
	mu   sync.Mutex
	lags lags
}

var _ prometheus.Collector = (*Collector)(nil)

// New returns a collector that reads from a cache.
func New(reader client.Reader, clk clock.PassiveClock) *Collector {
	return &Collector{reader: reader, clock: clk}
}

// Describe describes the series.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		stageCustomers, stageDropOff, conversion, analysisAge, coverage, eventToStatus,
		kpiValue, kpiMet, sourceAge, sourceAccepted, sourceDuplicates, sourceWithoutID, sourceUnidentified, sourceNobody, sourceWordIDs, sourceUncorrected,
		sourceRejected, sourceUnauthorized, sourceReasons,
		storeEvents, storePersons, storeHubs, condition, suspended,
	} {
		ch <- d
	}
}

// Collect reads the objects. There are no series before the cache has synced.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	g := gauges{ch: ch, now: c.clock.Now(), before: c.lags, lags: lags{}}
	var maps v1alpha1.JourneyMapList
	if c.reader.List(ctx, &maps, client.UnsafeDisableDeepCopy) == nil {
		for i := range maps.Items {
			g.journeyMap(&maps.Items[i])
		}
	}
	var reports v1alpha1.MetricReportList
	if c.reader.List(ctx, &reports, client.UnsafeDisableDeepCopy) == nil {
		for i := range reports.Items {
			g.metricReport(&reports.Items[i])
		}
	}
	var stores v1alpha1.EventStoreList
	if c.reader.List(ctx, &stores, client.UnsafeDisableDeepCopy) == nil {
		for i := range stores.Items {
			g.eventStore(&stores.Items[i])
		}
	}
	var sources v1alpha1.TouchpointSourceList
	if c.reader.List(ctx, &sources, client.UnsafeDisableDeepCopy) == nil {
		for i := range sources.Items {
			g.touchpointSource(&sources.Items[i])
		}
	}
	c.lags = g.lags
}

// gauges sends series of one scrape.
type gauges struct {
	ch  chan<- prometheus.Metric
	now time.Time
	// before are the lags of the previous scrape, and lags those of this one.
	before, lags lags
}

func (g gauges) send(d *prometheus.Desc, value float64, o client.Object, labels ...string) {
	g.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, append([]string{o.GetNamespace(), o.GetName()}, labels...)...)
}

// decimal sends a number that the API holds as text; a missing number has no series.
func (g gauges) decimal(d *prometheus.Desc, text string, o client.Object, labels ...string) {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		g.send(d, v, o, labels...)
	}
}

func (g gauges) journeyMap(m *v1alpha1.JourneyMap) {
	g.conditions(v1alpha1.JourneyMapKind, status.JourneyMap, m, m.Status.Conditions)
	g.suspend(v1alpha1.JourneyMapKind, m, paused(m.Spec.Analysis))
	for _, s := range m.Status.Stages {
		g.send(stageCustomers, float64(s.Entered), m, string(s.Name))
		g.decimal(stageDropOff, string(s.DropOff), m, string(s.Name))
	}
	if s := m.Status.Summary; s != nil {
		g.decimal(conversion, string(s.Conversion), m)
	}
	if c := m.Status.Coverage; c != nil {
		g.decimal(coverage, string(c.Ratio), m)
	}
	if asOf := m.Status.Summary.AsOf(); asOf != nil {
		g.send(analysisAge, g.now.Sub(asOf.Time).Seconds(), m)
	}
	g.lag(v1alpha1.JourneyMapKind, m, &m.Status.Trace)
}

func (g gauges) metricReport(r *v1alpha1.MetricReport) {
	g.conditions(v1alpha1.MetricReportKind, status.MetricReport, r, r.Status.Conditions)
	g.suspend(v1alpha1.MetricReportKind, r, paused(r.Spec.Analysis))
	g.lag(v1alpha1.MetricReportKind, r, &r.Status.Trace)
	for _, k := range r.Status.KPIs {
		g.decimal(kpiValue, string(k.Value), r, string(k.Name), k.Unit)
		if k.Met == nil {
			continue
		}
		met := 0.0
		if *k.Met {
			met = 1
		}
		g.send(kpiMet, met, r, string(k.Name))
	}
}

// eventStore sends no numbers before the store was polled.
func (g gauges) eventStore(s *v1alpha1.EventStore) {
	g.conditions(v1alpha1.EventStoreKind, status.EventStore, s, s.Status.Conditions)
	if s.Status.Events == nil || s.Status.Persons == nil {
		return
	}
	g.send(storeEvents, float64(*s.Status.Events), s)
	g.send(storePersons, float64(*s.Status.Persons), s)
	g.send(storeHubs, float64(s.Status.Hubs), s)
}

// touchpointSource sends no counters before the store was polled: unknown is not 0.
func (g gauges) touchpointSource(s *v1alpha1.TouchpointSource) {
	g.conditions(v1alpha1.TouchpointSourceKind, status.TouchpointSource, s, s.Status.Conditions)
	g.suspend(v1alpha1.TouchpointSourceKind, s, s.Spec.Suspend != nil && *s.Spec.Suspend)
	if t := s.Status.NewestReceivedTime; t != nil {
		g.send(sourceAge, g.now.Sub(t.Time).Seconds(), s)
	}
	if s.Status.Accepted == nil {
		return
	}
	g.send(sourceAccepted, known(s.Status.Accepted), s)
	g.send(sourceDuplicates, known(s.Status.Duplicates), s)
	g.send(sourceNobody, float64(s.Status.Placeholders), s)
	g.send(sourceWordIDs, float64(s.Status.PlaceholderIDs), s)
	g.send(sourceUncorrected, float64(s.Status.Uncorrected), s)
	g.send(sourceWithoutID, known(s.Status.WithoutID), s)
	g.send(sourceUnauthorized, float64(s.Status.UnauthorizedRequests), s)
	for _, r := range s.Status.RejectReasons {
		g.send(sourceReasons, float64(r.Count), s, r.Reason)
	}
	g.send(sourceUnidentified, known(s.Status.Unidentified), s)
	g.send(sourceRejected, known(s.Status.Rejected), s)
}

// known returns a counter of a source whose counters are known; a missing one is 0.
func known(n *int64) float64 {
	if n == nil {
		return 0
	}
	return float64(*n)
}
