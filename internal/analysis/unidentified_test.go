// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// ofNobody removes the identities of an event.
func ofNobody(e event.Event) event.Event {
	e.Identities, e.Flags = nil, event.FlagUnidentified
	return e
}

// anonymousShop returns a store with one customer who visits and buys, and an unidentified visit, receipt and two answers.
func anonymousShop(t *testing.T) store.Scanner {
	answer := func(score int64) event.Event {
		e := ofNobody(say(0, "Survey Responded", 3*day))
		e.Survey = event.Survey{Kind: "nps", Score: score * event.MicroUnits, Scale: 10 * event.MicroUnits}
		return e
	}
	events := []event.Event{
		say(1, "Visited", 3*day), bought(1, 3*day-hour, "o1", 30), ofNobody(say(0, "Visited", 4*day)), ofNobody(bought(0, 4*day-hour, "o2", 10)), answer(10), answer(2),
	}
	for i := range events {
		events[i].SessionID = []string{"s1", "s1", "s2", "s2", "s3", "s3"}[i]
	}
	return storeWith(t, events...)
}

// Unidentified events count as events in a map, in each KPI and by session, but not as customers.
func TestUnidentifiedEventsCountAsEvents(t *testing.T) {
	s := anonymousShop(t)
	status := computeMap(t, runOf(mapDocument(visitMap()), s))
	require.EqualValues(t, 4, status.Trace.Analysis.Unidentified)
	require.EqualValues(t, 6, status.Trace.Analysis.EventsScanned)
	require.EqualValues(t, 1, status.Summary.Customers)
	require.EqualValues(t, 1, status.Summary.Seen)
	require.EqualValues(t, "1.0000", status.Summary.Conversion)
	require.EqualValues(t, 1, status.Stages[0].Reach)
	require.EqualValues(t, 4, status.Coverage.Matched, "coverage counts events")
	require.EqualValues(t, 2, status.Coverage.Unmatched)
	require.EqualValues(t, 6, status.Trace.Sources[0].Events)

	want := map[string]struct {
		value   string
		samples int64
		measure v1alpha1.Measure
	}{
		"revenue":  {"40.00", 2, v1alpha1.Measure{Revenue: &v1alpha1.OrdersMeasure{}}},
		"aov":      {"20.00", 2, v1alpha1.Measure{AverageOrderValue: &v1alpha1.AverageOrderValueMeasure{}}},
		"nps":      {"0.0", 2, v1alpha1.Measure{NetPromoterScore: &v1alpha1.NetPromoterScoreMeasure{}}},
		"visits":   {"2", 2, v1alpha1.Measure{EventCount: &v1alpha1.EventCountMeasure{Event: "visit"}}},
		"ratio":    {"1.0000", 2, v1alpha1.Measure{Ratio: &v1alpha1.RatioMeasure{Numerator: "order", Denominator: "visit"}}},
		"buyers":   {"1.0000", 1, v1alpha1.Measure{PurchaseFrequency: &v1alpha1.OrdersMeasure{}}},
		"repeat":   {"0.0000", 1, v1alpha1.Measure{RepeatPurchaseRate: &v1alpha1.BuyersMeasure{}}},
		"clv":      {"30.00", 1, v1alpha1.Measure{CustomerLifetimeValue: &v1alpha1.OrdersMeasure{}}},
		"converts": {"1.0000", 1, v1alpha1.Measure{ConversionRate: &v1alpha1.ConversionRateMeasure{From: "visit", To: "buy"}}},
	}
	report := reportSpec()
	report.Compare, report.KPIs = "", nil
	for name, w := range want {
		report.KPIs = append(report.KPIs, v1alpha1.KPI{Name: v1alpha1.ItemName(name), Measure: w.measure})
	}
	doc := mapDocument(visitMap())
	doc.Kind, doc.Report = v1alpha1.MetricReportKind, &report
	out, err := runOf(doc, s).Compute(t.Context())
	require.NoError(t, err)
	for _, k := range out.(*v1alpha1.MetricReportStatus).KPIs {
		require.EqualValues(t, want[string(k.Name)].value, k.Value, k.Name)
		require.Equal(t, want[string(k.Name)].samples, k.Samples, k.Name)
	}

	bySession := visitMap()
	bySession.CountBy = &v1alpha1.CountBy{Key: "sessionId"}
	sessions := computeMap(t, runOf(mapDocument(bySession), s))
	require.EqualValues(t, 2, sessions.Summary.Customers, "the session of nobody is a session")
	require.EqualValues(t, "1.0000", sessions.Summary.Conversion)
}

// Lists of customers do not have unidentified events.
func TestUnidentifiedEventsAreNotListed(t *testing.T) {
	doc := mapDocument(visitMap())
	for stage, customers := range map[string]int64{"visit": 1, "buy": 1} {
		n, err := List(t.Context(), anonymousShop(t), listAt(doc, stage), func(l Listed) error {
			require.NotEmpty(t, l.Identities)
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, customers, n.Customers)
	}
}

func listAt(doc *podconfig.Analysis, stage string) ListRequest {
	r := runOf(doc, nil)
	return ListRequest{Document: doc, Stage: stage, Now: r.Now, Log: r.Log}
}
