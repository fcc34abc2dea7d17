// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/event"
)

// A time that started before the period and ended in it counts by its end, but not by its start.
func TestCountedAtOfTimeBetween(t *testing.T) {
	spec := reportSpec()
	spec.Compare, spec.KPIs = "", nil
	for _, at := range []string{"", "From", "To"} {
		spec.KPIs = append(spec.KPIs, v1alpha1.KPI{Name: v1alpha1.ItemName("by" + at), Measure: v1alpha1.Measure{
			TimeBetween: &v1alpha1.TimeBetweenMeasure{From: "visit", To: "order", Within: "3d", CountedAt: at},
		}})
	}
	doc := mapDocument(visitMap())
	doc.Kind, doc.Report = v1alpha1.MetricReportKind, &spec
	result, err := runOf(doc, storeWith(t, say(1, "Visited", 11*day), bought(1, 9*day, "o1", 10))).Compute(context.Background())
	require.NoError(t, err)
	status, ok := result.(*v1alpha1.MetricReportStatus)
	require.True(t, ok)
	require.Equal(t, []string{"", "", "172800"}, []string{string(status.KPIs[0].Value), string(status.KPIs[1].Value), string(status.KPIs[2].Value)})
}

// If both events of a share are the same, the share is refused. The API cannot check this if the names differ.
func TestShareOfTheSameEvents(t *testing.T) {
	spec := reportSpec()
	spec.Events = append(spec.Events, v1alpha1.NamedEvent{Name: "seen", Match: []v1alpha1.EventMatch{{Event: "Visited"}}})
	spec.KPIs = []v1alpha1.KPI{{Name: "came", Measure: v1alpha1.Measure{Share: &v1alpha1.ShareMeasure{Of: "visit", Event: "seen"}}}}
	doc := mapDocument(visitMap())
	doc.Kind, doc.Report = v1alpha1.MetricReportKind, &spec
	_, err := runOf(doc, storeWith(t, []event.Event{}...)).Compute(context.Background())
	require.ErrorIs(t, err, plan.ErrConfig)
	require.ErrorContains(t, err, "spec.kpis[0].measure.share.event: must name other events than share.of")
}
