// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metricreport

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/analysis"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
)

func TestTargetsMet(t *testing.T) {
	target := &v1alpha1.Target{AtLeast: "0.25"}
	r := &v1alpha1.MetricReport{Spec: v1alpha1.MetricReportSpec{KPIs: []v1alpha1.KPI{{Name: "free"}}}}
	require.Equal(t, v1alpha1.ReasonNoTargets, targetsMet(r, true).Reason)
	r.Spec.KPIs = append(r.Spec.KPIs, v1alpha1.KPI{Name: "a", Target: target}, v1alpha1.KPI{Name: "b", Target: target})
	require.Equal(t, v1alpha1.ReasonNoResults, targetsMet(r, false).Reason)
	r.Status.KPIs = []v1alpha1.KPIResult{{Name: "free", Value: "1"}, {Name: "a", Value: "0.3", Met: ptr.To(true)}}
	v := targetsMet(r, true)
	require.Equal(t, v1alpha1.ReasonNoValue, v.Reason)
	require.Contains(t, v.Message, "b")
	r.Status.KPIs = append(r.Status.KPIs, v1alpha1.KPIResult{Name: "b", Value: "0.3", Met: ptr.To(true)})
	require.Equal(t, v1alpha1.ReasonTargetsMet, targetsMet(r, true).Reason)
	r.Status.KPIs[2] = v1alpha1.KPIResult{Name: "b", Value: "0.2", Unit: "ratio", Met: ptr.To(false)}
	v = targetsMet(r, true)
	require.Equal(t, v1alpha1.ReasonTargetsMissed, v.Reason)
	require.Contains(t, v.Message, "b (20.0 %, wanted at least 25 %)")
	r.Spec.KPIs[2].Target = &v1alpha1.Target{AtMost: "86400"}
	r.Status.KPIs[2] = v1alpha1.KPIResult{Name: "b", Value: "183600", Unit: "seconds", Met: ptr.To(false)}
	noon := metav1.NewTime(time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC))
	from, to := metav1.NewTime(noon.AddDate(0, 0, -44)), metav1.NewTime(noon.AddDate(0, 0, -14))
	r.Status.Summary = &v1alpha1.ReportSummary{Period: &v1alpha1.ResultPeriod{AsOf: &noon, From: &from, To: &to, EventsFrom: &to, EventsTo: &noon}}
	require.Equal(t, "KPIs that miss their target: b (2 d 3 h, wanted at most 1 d). As of 2026-11-02T12:00:00Z, "+
		"entries from 2026-09-19T12:00:00Z to 2026-10-19T12:00:00Z, events from 2026-10-19T12:00:00Z to 2026-11-02T12:00:00Z.", targetsMet(r, true).Message)
	r.Status.Trace.Analysis = &v1alpha1.AnalysisRecord{EventsScanned: 3, Future: 3}
	require.Equal(t, v1alpha1.ReasonNoValue, targetsMet(r, true).Reason, "no events, so nothing is missed")
	r.Status.Trace.Analysis.EventsScanned = 4
	require.Equal(t, v1alpha1.ReasonTargetsMissed, targetsMet(r, true).Reason, "one event is not of the future")
}

func TestCheckStages(t *testing.T) {
	s := &scope{
		Turn: &flow.Turn[*v1alpha1.MetricReport]{Object: &v1alpha1.MetricReport{Spec: v1alpha1.MetricReportSpec{KPIs: []v1alpha1.KPI{
			{Name: "a", Measure: v1alpha1.Measure{EventCount: &v1alpha1.EventCountMeasure{}}},
			{Name: "b", Measure: v1alpha1.Measure{ConversionRate: &v1alpha1.ConversionRateMeasure{From: "see", To: "buy"}}},
			{Name: "c", Measure: v1alpha1.Measure{DropOffRate: &v1alpha1.DropOffRateMeasure{Stage: "see"}}},
		}}}},
		Facts: analysis.Facts{Map: &v1alpha1.JourneyMap{Spec: v1alpha1.JourneyMapSpec{Stages: []v1alpha1.Stage{{Name: "see"}, {Name: "buy"}}}}},
	}
	require.NoError(t, checkStages(t.Context(), s))
	s.Object.Spec.KPIs[2].Measure.DropOffRate.Stage = "gone"
	var stalled *flow.Stalled
	require.ErrorAs(t, checkStages(t.Context(), s), &stalled)
	require.Equal(t, "spec.kpis[2].measure.dropOffRate.stage", stalled.Path)
	require.Equal(t, v1alpha1.ReasonInvalidStage, stalled.Reason)
}
