// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package puller

import (
	"github.com/prometheus/client_golang/prometheus"
)

var (
	lagDesc = prometheus.NewDesc("journeyman_ingest_reader_lag",
		"Documents that the source has and that are not stored yet, in the partitions of this pod. Missing while it is unknown.", nil, nil)
	partitionsDesc = prometheus.NewDesc("journeyman_ingest_reader_partitions", "Partitions that this pod reads.", nil, nil)
	missedDesc     = prometheus.NewDesc("journeyman_ingest_reader_missed_total",
		"Documents that the source removed before they were read, or that are too large to fetch.", nil, nil)
	failuresDesc = prometheus.NewDesc("journeyman_ingest_reader_failures_total",
		"Failures to read, acknowledge or store, by the reason that the status of the source shows if they last.", []string{"reason"}, nil)
)

// Describe implements prometheus.Collector.
func (r *Runner) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lagDesc, partitionsDesc, missedDesc, failuresDesc} {
		out <- d
	}
}

// Collect implements prometheus.Collector. A source that receives its documents has no such series.
func (r *Runner) Collect(out chan<- prometheus.Metric) {
	if current, _ := r.snapshot(); !current.Pulls() {
		return
	}
	s := r.State()
	if s.Lag != nil {
		out <- prometheus.MustNewConstMetric(lagDesc, prometheus.GaugeValue, float64(*s.Lag))
	}
	out <- prometheus.MustNewConstMetric(partitionsDesc, prometheus.GaugeValue, float64(s.Partitions))
	out <- prometheus.MustNewConstMetric(missedDesc, prometheus.CounterValue, float64(s.Missed))
	for reason, n := range s.Failures {
		out <- prometheus.MustNewConstMetric(failuresDesc, prometheus.CounterValue, float64(n), reason)
	}
}
