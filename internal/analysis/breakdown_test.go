// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/event"
)

// tagged adds a property to an event.
func tagged(e event.Event, variant string) event.Event {
	e.Properties = fmt.Appendf(nil, `{"variant":%q}`, variant)
	return e
}

// reportOf runs the job of a report, and writes the status to an API server.
func reportOf(t *testing.T, of v1alpha1.JourneyMapSpec, spec v1alpha1.MetricReportSpec, events ...event.Event) v1alpha1.MetricReportStatus {
	c := newCluster(t)
	doc := c.createReport(t, c.createMap(t, "shop", of), "kpis", spec)
	r := runOf(doc, storeWith(t, events...))
	doc.Sources[0].ExpectEvery = ""
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))
	live := &v1alpha1.MetricReport{}
	require.NoError(t, c.Get(context.Background(), client.ObjectKey{Namespace: c.namespace, Name: "kpis"}, live))
	return live.Status
}

// Five visitors in this period and three in the previous one, with variants, of whom some buy. The funnel and the time to convert have the numbers of
// the previous period, too.
func TestBreakdownInStatus(t *testing.T) {
	limit := int32(1)
	spec := reportSpec()
	spec.KPIs = spec.KPIs[:3]
	spec.BreakdownBy = []v1alpha1.Breakdown{
		{By: v1alpha1.ByProperty, Keys: []string{"properties.variant"}, Limit: &limit},
		{By: v1alpha1.ByChannel, Attribution: v1alpha1.StageValue, Stage: "buy"},
	}
	spec.Tables = []v1alpha1.Table{
		{Name: "stages", Funnel: &v1alpha1.FunnelTable{}}, {Name: "time", TimeToConvert: &v1alpha1.TimeToConvertTable{}},
		{Name: "trend", Trend: &v1alpha1.TrendTable{Period: v1alpha1.WeekPeriod}},
	}
	var events []event.Event
	for i, variant := range []string{"a", "a", "a", "b", ""} {
		events = append(events, tagged(say(i, "Visited", 3*day), variant))
	}
	events = append(events, bought(0, 3*day-hour, "o1", 30), bought(3, 3*day-2*hour, "o2", 30))
	for i, variant := range []string{"a", "b", "c"} {
		events = append(events, tagged(say(10+i, "Visited", 15*day), variant))
	}
	events = append(events, bought(11, 15*day-hour, "o3", 20))
	status := reportOf(t, visitMap(), spec, events...)

	number := func(n int64) *int64 { return &n }
	basis := messages.Basis("entries", noon.Add(-11*day), noon.Add(-day))
	require.Equal(t, []v1alpha1.BreakdownResult{
		{
			By: v1alpha1.ByProperty, Keys: []string{"properties.variant"}, Attribution: v1alpha1.FirstValue, Basis: basis, Distinct: 3,
			Groups: []v1alpha1.BreakdownGroup{
				{
					Values: []string{"a"}, Customers: 3, Converted: 1, Conversion: "0.3333", PreviousCustomers: number(1), PreviousConversion: "0.0000",
					Stages: []v1alpha1.BreakdownStage{{Name: "visit", Entered: 3, Converted: 1, Dropped: 2}, {Name: "buy", Entered: 1, Converted: 1}},
					KPIs:   []v1alpha1.BreakdownKPI{{Name: "conversion", Value: "0.3333", Samples: 3}, {Name: "lost", Value: "0.6667", Samples: 3}},
				},
				{
					Other: true, Customers: 2, Converted: 1, Conversion: "0.5000", PreviousCustomers: number(2), PreviousConversion: "0.5000",
					Stages: []v1alpha1.BreakdownStage{{Name: "visit", Entered: 2, Converted: 1, Dropped: 1}, {Name: "buy", Entered: 1, Converted: 1}},
					KPIs:   []v1alpha1.BreakdownKPI{{Name: "conversion", Value: "0.5000", Samples: 2}, {Name: "lost", Value: "0.5000", Samples: 2}},
				},
			},
		},
		{
			By: v1alpha1.ByChannel, Attribution: v1alpha1.StageValue, Stage: "buy", Basis: basis, Distinct: 1,
			Groups: []v1alpha1.BreakdownGroup{{
				Values: []string{"web"}, Customers: 2, Converted: 2, Conversion: "1.0000", PreviousCustomers: number(1), PreviousConversion: "1.0000",
				Stages: []v1alpha1.BreakdownStage{{Name: "visit", Entered: 2, Converted: 2}, {Name: "buy", Entered: 2, Converted: 2}},
				KPIs:   []v1alpha1.BreakdownKPI{{Name: "conversion", Value: "1.0000", Samples: 2}, {Name: "lost", Value: "0.0000", Samples: 2}},
			}},
		},
	}, status.Breakdowns)
	require.Equal(t, basis, status.Tables[0].Basis)
	require.Equal(t, messages.Basis("entries, including those in progress,", noon.Add(-11*day), noon), status.Tables[2].Basis, "a trend goes up to now")
	values := func(table int) (out []string) {
		for _, r := range status.Tables[table].Rows {
			out = append(out, strings.Join(r.Values, " "))
		}
		return out
	}
	require.Equal(t, []string{"visit 5 2 3 0.6000 5400 3 0.6667 -0.0667", "buy 2 2 0 0.0000  1 0.0000 0.0000"}, values(0))
	require.Equal(t, "mean 5400.000 2 3600.000 1", values(1)[0])
	// The time of analysis is a Sunday, so visits of three days before are in the current week, which has not ended.
	require.Equal(t, []string{"2026-02-16T00:00:00Z 0 0 ", "2026-02-23T00:00:00Z 5 2 0.4000"}, values(2))
	require.True(t, status.Tables[2].Rows[1].Provisional)
	require.False(t, status.Tables[2].Rows[0].Provisional)
}

// The API server accepts a status in which all groups of all breakdowns have the largest values that senders can produce.
func TestWidestBreakdown(t *testing.T) {
	limit := int32(25)
	spec := reportSpec()
	spec.BreakdownBy = nil
	for range 4 {
		spec.BreakdownBy = append(spec.BreakdownBy, v1alpha1.Breakdown{
			By: v1alpha1.ByProperty, Keys: []string{"properties.variant", "event", "properties.none"}, Attribution: v1alpha1.AllValues, Limit: &limit,
		})
	}
	of := visitMap()
	of.Stages = nil
	var events []event.Event
	for s := range 20 {
		name := strings.Repeat("s", 37) + fmt.Sprintf("%03d", s)
		of.Stages = append(of.Stages, stageOf(name, strings.Repeat("名", 120)))
	}
	spec.KPIs = []v1alpha1.KPI{{Name: "conversion", Measure: v1alpha1.Measure{ConversionRate: &v1alpha1.ConversionRateMeasure{
		From: of.Stages[0].Name, To: of.Stages[19].Name}}}}
	for p := range 40 {
		events = append(events, tagged(say(p, strings.Repeat("名", 120), 3*day), strings.Repeat("\u202e\"é", 100)+fmt.Sprint(p)))
	}
	status := reportOf(t, of, spec, events...)
	require.Len(t, status.Breakdowns, 4)
	for _, b := range status.Breakdowns {
		require.Len(t, b.Groups, 26)
		require.EqualValues(t, 40, b.Distinct)
		require.EqualValues(t, 15, b.Groups[25].Customers)
		require.Len(t, b.Groups[0].Stages, 20)
	}
}
