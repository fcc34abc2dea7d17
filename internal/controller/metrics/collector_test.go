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
