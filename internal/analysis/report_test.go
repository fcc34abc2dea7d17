// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/analysis/result"
	"github.com/journeyman-dev/journeyman/internal/event"
)

func bought(person int, ago time.Duration, id string, amount int64) event.Event {
	e := say(person, "Order Completed", ago)
	e.OrderID, e.Amount, e.Currency = id, amount*event.MicroUnits, "EUR"
	return e
}

func reportSpec() v1alpha1.MetricReportSpec {
	return v1alpha1.MetricReportSpec{
		Analysis: &v1alpha1.Analysis{Lookback: "10d"}, Compare: v1alpha1.PreviousPeriod, Currency: "EUR",
		Events: []v1alpha1.NamedEvent{
			{Name: "visit", Match: []v1alpha1.EventMatch{{Event: "Visited"}}}, {Name: "order", Match: []v1alpha1.EventMatch{{Event: "Order Completed"}}},
		},
		KPIs: []v1alpha1.KPI{
			{Name: "conversion", Measure: v1alpha1.Measure{ConversionRate: &v1alpha1.ConversionRateMeasure{From: "visit", To: "buy"}}, Target: &v1alpha1.Target{AtLeast: "0.75"}},
			{Name: "lost", Measure: v1alpha1.Measure{DropOffRate: &v1alpha1.DropOffRateMeasure{Stage: "visit"}}, Target: &v1alpha1.Target{AtMost: "0.5"}},
			{Name: "aov", Measure: v1alpha1.Measure{AverageOrderValue: &v1alpha1.AverageOrderValueMeasure{}}, Target: &v1alpha1.Target{AtLeast: "40"}},
			{Name: "nps", Measure: v1alpha1.Measure{NetPromoterScore: &v1alpha1.NetPromoterScoreMeasure{}}, Target: &v1alpha1.Target{AtLeast: "40"}},
			{Name: "visits", Measure: v1alpha1.Measure{EventCount: &v1alpha1.EventCountMeasure{Event: "visit"}}},
			{Name: "per-visit", Measure: v1alpha1.Measure{Ratio: &v1alpha1.RatioMeasure{Numerator: "order", Denominator: "visit"}}},
		},
	}
}

// Two visitors in this period, of whom one buys, and four in the previous one, of whom three buy. Visitors whose window has not ended count only in
// KPIs about events.
func TestReport(t *testing.T) {
	c := newCluster(t)
	of := c.createMap(t, "shop", visitMap())
	doc := c.createReport(t, of, "kpis", reportSpec())
	events := []event.Event{
		say(1, "Visited", 3*day), bought(1, 3*day-hour, "o1", 30), say(2, "Visited", 4*day), say(3, "Visited", 2*hour),
		bought(9, hour, "o9", 60),
	}
	for i := range 4 {
		events = append(events, say(10+i, "Visited", 15*day))
		if i > 0 {
			events = append(events, bought(10+i, 15*day-hour, fmt.Sprint("p", i), 20))
		}
	}
	// The window of this visitor was still open ten days ago, so they must not count in the previous period either.
	events = append(events, say(20, "Visited", 10*day+2*hour))
	r := runOf(doc, storeWith(t, events...))
	// Without expectEvery, no source holds the time of analysis back.
	doc.Sources[0].ExpectEvery = ""
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))

	live := &v1alpha1.MetricReport{}
	require.NoError(t, c.Get(context.Background(), client.ObjectKey{Namespace: c.namespace, Name: "kpis"}, live))
	yes, no := true, false
	entries, during := messages.Basis("entries", noon.Add(-11*day), noon.Add(-day)), messages.Basis("events", noon.Add(-10*day), noon)
	require.Equal(t, []v1alpha1.KPIResult{
		{
			Name: "conversion", Value: "0.3333", Display: "33.3%", Basis: entries, Unit: "ratio", Samples: 3,
			Previous: "0.7500", PreviousSamples: 4, Change: "-0.4167", Target: "at least 75 %", Met: &no,
		},
		{
			Name: "lost", Value: "0.6667", Display: "66.7%", Basis: entries, Unit: "ratio", Samples: 3,
			Previous: "0.2500", PreviousSamples: 4, Change: "0.4167", Target: "at most 50 %", Met: &no,
		},
		{
			Name: "aov", Value: "45.00", Display: "45.00 EUR", Basis: during, Unit: "EUR", Samples: 2,
			Previous: "20.00", PreviousSamples: 3, Change: "25.00", Target: "at least 40 EUR", Met: &yes,
		},
		{Name: "nps", Basis: during, Unit: "points", Target: "at least 40 points", Note: "No value: the period has no samples."},
		{Name: "visits", Value: "3", Display: "3", Basis: during, Unit: "count", Samples: 3, Previous: "5", PreviousSamples: 5, Change: "-2"},
		{
			Name: "per-visit", Value: "0.6667", Display: "66.7%", Basis: during, Unit: "ratio", Samples: 3,
			Previous: "0.6000", PreviousSamples: 5, Change: "0.0667",
		},
	}, live.Status.KPIs)
	require.Equal(t, "Compared with "+messages.Basis("entries", noon.Add(-21*day), noon.Add(-11*day))+", "+
		messages.Basis("events", noon.Add(-20*day), noon.Add(-10*day))+".", messages.Previous(live.Status.Summary.Previous))
	require.Equal(t, "5/6", live.Status.Summary.KPIs)
	require.Equal(t, "1/4 (1 unknown)", live.Status.Summary.Targets)
	require.Equal(t, "conversion", live.Status.Summary.Worst)
	require.EqualValues(t, 3, live.Status.Summary.Customers)
	require.EqualValues(t, 1, live.Status.Summary.InProgress)
	require.EqualValues(t, 4, *live.Status.Summary.Outside.Before)
	require.True(t, live.Status.Summary.Period.AsOf.Equal(result.Stamp(noon)))
	require.EqualValues(t, of.Generation, live.Status.Trace.MapGeneration)
	require.Equal(t, doc.UID, live.Status.Trace.Analysis.UID)
}

// Two orders of the maximum amount have a sum that the API server accepts.
func TestLargeSums(t *testing.T) {
	c := newCluster(t)
	of := c.createMap(t, "large", visitMap())
	spec := reportSpec()
	spec.KPIs = []v1alpha1.KPI{
		{Name: "revenue", Measure: v1alpha1.Measure{Revenue: &v1alpha1.OrdersMeasure{}}},
		{Name: "aov", Measure: v1alpha1.Measure{AverageOrderValue: &v1alpha1.AverageOrderValueMeasure{}}, Target: &v1alpha1.Target{AtLeast: "40"}},
	}
	doc := c.createReport(t, of, "large", spec)
	r := runOf(doc, storeWith(t, bought(1, 3*day, "o1", 9_000_000_000_000), bought(2, 3*day, "o2", 9_000_000_000_001)))
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))
	live := &v1alpha1.MetricReport{}
	require.NoError(t, c.Get(context.Background(), client.ObjectKey{Namespace: c.namespace, Name: "large"}, live))
	require.EqualValues(t, "18000000000001.00", live.Status.KPIs[0].Value)
	require.EqualValues(t, "9000000000000.50", live.Status.KPIs[1].Value)
	require.True(t, *live.Status.KPIs[1].Met)
}

// The API server accepts a status in which every list exceeds its limit with the longest names that senders can produce.
func TestWidestStatus(t *testing.T) {
	c := newCluster(t)
	spec := visitMap()
	spec.Stages = nil
	var events []event.Event
	channel := func(i int) string { return strings.Repeat("\u00e9", 32) + fmt.Sprint(i) }
	for s := range 20 {
		name := strings.Repeat("s", 37) + fmt.Sprintf("%03d", s)
		stage := stageOf(name, fmt.Sprint("stage ", s))
		for i := range 23 {
			stage.Touchpoints = append(stage.Touchpoints, v1alpha1.Touchpoint{
				Name: v1alpha1.ItemName(strings.Repeat("t", 37) + fmt.Sprintf("%03d", i)), Match: []v1alpha1.EventMatch{{Event: "never"}},
			})
		}
		spec.Stages = append(spec.Stages, stage)
		for p := range 30 {
			e := say(p, fmt.Sprint("stage ", s), 3*day-time.Duration(s)*time.Minute)
			e.Channel = channel(p)
			events = append(events, e)
		}
	}
	for i := range 40 {
		events = append(events, say(i, strings.Repeat("\x01\u202e\"\\", 300)+fmt.Sprint(i), 3*day), say(i, strings.Repeat("名", 300)+fmt.Sprint(i), 3*day))
	}
	events = append(events, say(1, " ", 3*day))
	doc := c.createMap(t, "wide", spec)
	r := runOf(doc, storeWith(t, events...))
	r.Writer = publish.NewStatusWriter(c.dynamic, doc, r.Scheduled)
	require.NoError(t, r.Execute(context.Background()))
	status := c.liveMap(t, "wide").Status
	require.Len(t, status.Stages, 20)
	require.Len(t, status.Stages[0].ByChannel, 17)
	require.Equal(t, "other", status.Stages[0].ByChannel[16].Channel)
	require.Len(t, status.Coverage.TopUnmatched, 10)
	require.Len(t, status.Coverage.QuietTouchpoints, 10)
	require.EqualValues(t, 20*23, status.Coverage.QuietCount)
	require.EqualValues(t, "1.0000", status.Summary.Conversion)

	long := v1alpha1.RunRecord{Time: result.Stamp(noon), Job: strings.Repeat("j", 63), Error: strings.Repeat("\x00é", 5000)}
	require.NoError(t, r.Writer.WriteFailure(context.Background(), long))
	require.EqualValues(t, 30, c.liveMap(t, "wide").Status.Summary.Customers)
}
