// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/metrics"
)

func TestSeriesComeAndGoWithTheObjects(t *testing.T) {
	noon := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	named := metav1.ObjectMeta{Namespace: "shop", Name: "retail"}
	jm := &v1alpha1.JourneyMap{ObjectMeta: named, Status: v1alpha1.JourneyMapStatus{
		Stages:  []v1alpha1.StageResult{{Name: "see", Entered: 600, DropOff: "0.25"}, {Name: "buy", Entered: 450}},
		Summary: &v1alpha1.JourneySummary{Conversion: "0.75", Period: &v1alpha1.ResultPeriod{AsOf: ptr.To(metav1.NewTime(noon.Add(-time.Minute)))}},
	}}
	mr := &v1alpha1.MetricReport{ObjectMeta: named, Status: v1alpha1.MetricReportStatus{KPIs: []v1alpha1.KPIResult{
		{Name: "nps", Value: "-12.5", Unit: "points", Met: ptr.To(false)}, {Name: "empty"},
	}}}
	tps := &v1alpha1.TouchpointSource{ObjectMeta: named, Status: v1alpha1.TouchpointSourceStatus{
		NewestReceivedTime: ptr.To(metav1.NewTime(noon.Add(-90 * time.Second))), Placeholders: 5,
		Accepted: new(int64(7)), Rejected: new(int64(2)), Duplicates: new(int64(3)), WithoutID: new(int64(4)), Unidentified: new(int64(6)),
		PlaceholderIDs: 7, Uncorrected: 8,
	}}
	young := &v1alpha1.TouchpointSource{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "young"}} // without counters, because unknown is not 0
	scheme := runtime.NewScheme()
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(jm, mr, tps, young).WithStatusSubresource(jm, mr, tps).Build()
	collector := metrics.New(c, clocktesting.NewFakePassiveClock(noon))
	require.NoError(t, prometheus.NewPedanticRegistry().Register(collector))
	require.NoError(t, testutil.CollectAndCompare(collector, strings.NewReader(want), "journeyman_stage_customers", "journeyman_stage_drop_off_ratio",
		"journeyman_conversion_ratio", "journeyman_analysis_age_seconds", "journeyman_kpi_value", "journeyman_kpi_target_met", "journeyman_source_age_seconds", "journeyman_source_duplicate_events",
		"journeyman_source_events_without_id", "journeyman_source_placeholders", "journeyman_source_unidentified_events",
		"journeyman_source_placeholder_ids", "journeyman_source_uncorrected_events"))

	require.NoError(t, c.Delete(t.Context(), jm))
	require.NoError(t, c.Delete(t.Context(), mr))
	require.NoError(t, c.Delete(t.Context(), tps))
	require.NoError(t, c.Delete(t.Context(), young))
	require.Zero(t, testutil.CollectAndCount(collector), "the series are gone with the objects")
}

// The series is that of the first run with the newest event. Runs without a newer one, and a look after a restart, do not change it.
func TestEventToStatus(t *testing.T) {
	noon := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	jm := &v1alpha1.JourneyMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "retail", UID: "1"}}
	mr := &v1alpha1.MetricReport{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "kpis", UID: "2"}}
	scheme := runtime.NewScheme()
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(jm, mr).WithStatusSubresource(jm, mr).Build()
	collector := metrics.New(c, clocktesting.NewFakePassiveClock(noon))
	at := func(seconds int) *metav1.Time {
		return ptr.To(metav1.NewTime(noon.Add(time.Duration(seconds) * time.Second)))
	}
	run := func(completed int, received ...int) {
		trace := v1alpha1.Trace{Analysis: &v1alpha1.AnalysisRecord{CompletionTime: at(completed)}, Sources: []v1alpha1.SourceTrace{{Name: "silent"}}}
		for _, r := range received {
			trace.Sources = append(trace.Sources, v1alpha1.SourceTrace{Name: "web", NewestReceivedTime: at(r)})
		}
		jm.Status.Trace, mr.Status.Trace = trace, trace
		require.NoError(t, c.Status().Update(t.Context(), jm))
		require.NoError(t, c.Status().Update(t.Context(), mr))
	}
	is := func(collector prometheus.Collector, seconds string) {
		t.Helper()
		text := ""
		if seconds != "" {
			text = strings.ReplaceAll(eventToStatus, "SECONDS", seconds)
		}
		require.NoError(t, testutil.CollectAndCompare(collector, strings.NewReader(text), "journeyman_event_to_status_seconds"))
	}
	is(collector, "")
	run(10)
	is(collector, "")
	run(60, -3600, -7200)
	is(collector, "")
	run(900, -3600, 880)
	is(collector, "20")
	run(1800, -3600, 880)
	is(collector, "20")
	is(metrics.New(c, clocktesting.NewFakePassiveClock(noon)), "")
	run(2700, 2695, 880)
	is(collector, "5")
	run(3600, 3601, 880)
	is(collector, "0")
	require.NoError(t, c.Delete(t.Context(), jm))
	require.NoError(t, c.Delete(t.Context(), mr))
	is(collector, "")
}

const eventToStatus = `
# HELP journeyman_event_to_status_seconds Time from the receipt of the newest event in the results to the end of the run that was the first to have it. Missing until a run has a newer event.
# TYPE journeyman_event_to_status_seconds gauge
journeyman_event_to_status_seconds{kind="JourneyMap",name="retail",namespace="shop"} SECONDS
journeyman_event_to_status_seconds{kind="MetricReport",name="kpis",namespace="shop"} SECONDS
`

const want = `
# HELP journeyman_analysis_age_seconds Age of the results of a JourneyMap.
# TYPE journeyman_analysis_age_seconds gauge
journeyman_analysis_age_seconds{name="retail",namespace="shop"} 60
# HELP journeyman_conversion_ratio Share of customers that reached the last stage, from 0 to 1.
# TYPE journeyman_conversion_ratio gauge
journeyman_conversion_ratio{name="retail",namespace="shop"} 0.75
# HELP journeyman_kpi_target_met 1 when the KPI meets its target, else 0; only for KPIs with a target.
# TYPE journeyman_kpi_target_met gauge
journeyman_kpi_target_met{kpi="nps",name="retail",namespace="shop"} 0
# HELP journeyman_kpi_value Value of a KPI, in its unit.
# TYPE journeyman_kpi_value gauge
journeyman_kpi_value{kpi="nps",name="retail",namespace="shop",unit="points"} -12.5
# HELP journeyman_source_age_seconds Time since a TouchpointSource received an event, as of the newest status.
# TYPE journeyman_source_age_seconds gauge
journeyman_source_age_seconds{name="retail",namespace="shop"} 90
# HELP journeyman_source_duplicate_events Duplicates among the accepted events, since the source was created, as of the newest status.
# TYPE journeyman_source_duplicate_events gauge
journeyman_source_duplicate_events{name="retail",namespace="shop"} 3
# HELP journeyman_source_events_without_id Accepted events without id and time, new with each receipt, as of the newest status.
# TYPE journeyman_source_events_without_id gauge
journeyman_source_events_without_id{name="retail",namespace="shop"} 4
# HELP journeyman_source_placeholder_ids Accepted events whose id was a placeholder, as of the newest status.
# TYPE journeyman_source_placeholder_ids gauge
journeyman_source_placeholder_ids{name="retail",namespace="shop"} 7
# HELP journeyman_source_uncorrected_events Accepted events whose sentAt could not correct their time, as of the newest status.
# TYPE journeyman_source_uncorrected_events gauge
journeyman_source_uncorrected_events{name="retail",namespace="shop"} 8
# HELP journeyman_source_placeholders Identifiers that were ignored because they are placeholders, as of the newest status.
# TYPE journeyman_source_placeholders gauge
journeyman_source_placeholders{name="retail",namespace="shop"} 5
# HELP journeyman_stage_customers Customers whose attempt reached the stage, mature attempts only.
# TYPE journeyman_stage_customers gauge
journeyman_stage_customers{name="retail",namespace="shop",stage="buy"} 450
journeyman_stage_customers{name="retail",namespace="shop",stage="see"} 600
# HELP journeyman_stage_drop_off_ratio Share of the stage's customers who went no further, from 0 to 1.
# TYPE journeyman_stage_drop_off_ratio gauge
journeyman_stage_drop_off_ratio{name="retail",namespace="shop",stage="see"} 0.25
# HELP journeyman_source_unidentified_events Accepted events without an identity, as of the newest status.
# TYPE journeyman_source_unidentified_events gauge
journeyman_source_unidentified_events{name="retail",namespace="shop"} 6
`
