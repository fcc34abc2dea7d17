// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/kpi"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Defaults of measures about customers.
const (
	defaultSatisfactionScale = 5
	defaultEffortScale       = 7
)

// customerMeasure converts measures about customers to the types of the journey package. It returns nil if none is set.
func customerMeasure(m *v1alpha1.Measure, report *v1alpha1.MetricReportSpec, events *eventNames) metric.Metric {
	switch {
	case m.Revenue != nil:
		return kpi.Revenue(orders(report, m.Revenue.Event, "revenue.event", events))
	case m.CustomerLifetimeValue != nil:
		return kpi.CustomerLifetimeValue(orders(report, m.CustomerLifetimeValue.Event, "customerLifetimeValue.event", events))
	case m.RepeatPurchaseRate != nil:
		r := m.RepeatPurchaseRate
		return kpi.RepeatPurchaseRate{
			Orders: orders(report, r.Event, "repeatPurchaseRate.event", events), Calendar: events.sameDay(r.SameDay, report.Analysis),
		}
	case m.PurchaseFrequency != nil:
		return kpi.PurchaseFrequency(orders(report, m.PurchaseFrequency.Event, "purchaseFrequency.event", events))
	case m.ChurnRate != nil:
		return kpi.ChurnRate{
			Event:      events.ref(m.ChurnRate.Event, "churnRate.event"),
			Inactivity: events.duration(m.ChurnRate.Inactivity, "churnRate.inactivity"),
		}
	case m.RetentionRate != nil:
		return kpi.RetentionRate{Event: events.ref(m.RetentionRate.Event, "retentionRate.event")}
	}
	return primitiveMeasure(m, report, events)
}

// primitiveMeasure does the same for answers, and for the parts of named forms of engagement.
func primitiveMeasure(m *v1alpha1.Measure, report *v1alpha1.MetricReportSpec, events *eventNames) metric.Metric {
	switch {
	case m.CustomerSatisfaction != nil:
		c := m.CustomerSatisfaction
		scale := int64(cmp.Or(c.Scale, defaultSatisfactionScale))
		return kpi.CustomerSatisfaction{
			Match: events.or(v1alpha1.ItemName(c.Event), "customerSatisfaction.event", defaultAnswerEvent), Scale: scale,
			SatisfiedFrom: cmp.Or(int64(c.SatisfiedFrom), scale-1),
		}
	case m.CustomerEffortScore != nil:
		c := m.CustomerEffortScore
		return kpi.CustomerEffortScore{
			Match: events.or(v1alpha1.ItemName(c.Event), "customerEffortScore.event", defaultAnswerEvent), Scale: int64(cmp.Or(c.Scale, defaultEffortScale)),
		}
	case m.Value != nil:
		return kpi.PropertyValue{
			Match: events.ref(m.Value.Event, "value.event"), Key: m.Value.Key, Statistic: kpi.Statistic(m.Value.Statistic),
			Money: ordersOf(report, events),
		}
	case m.TimeBetween != nil:
		t := m.TimeBetween
		return kpi.TimeBetween{
			From: events.ref(t.From, "timeBetween.from"), To: events.ref(t.To, "timeBetween.to"), Key: t.Key,
			Within:    events.duration(t.Within, "timeBetween.within"),
			Statistic: cmp.Or(kpi.Statistic(t.Statistic), kpi.Median), Closed: t.CountedAt == "To",
		}
	case m.Share != nil:
		s := m.Share
		return kpi.EventShare{
			Of: events.ref(s.Of, "share.of"), Event: events.ref(s.Event, "share.event"), Key: s.Key,
			Within: events.duration(s.Within, "share.within"), Without: s.Without,
		}
	case m.BounceRate != nil:
		b := m.BounceRate
		return kpi.BounceRate{
			Event: events.ref(b.Event, "bounceRate.event"), Gap: events.sessionGap(b.SessionGap, "bounceRate.sessionGap"),
		}
	case m.ExitRate != nil:
		e := m.ExitRate
		return kpi.ExitRate{
			Event: events.ref(e.Event, "exitRate.event"), Activity: events.ref(e.Activity, "exitRate.activity"),
			Gap: events.sessionGap(e.SessionGap, "exitRate.sessionGap"),
		}
	}
	return nil
}

// orders returns the events that are orders, with the currencies of the report.
func orders(report *v1alpha1.MetricReportSpec, name v1alpha1.EventRef, field string, events *eventNames) money.Orders {
	out := ordersOf(report, events)
	out.Match = events.or(v1alpha1.ItemName(name), field, defaultOrderEvent)
	return out
}

func ordersOf(report *v1alpha1.MetricReportSpec, events *eventNames) money.Orders {
	out := money.Orders{Currency: report.Currency, Rates: map[string]int64{}, Room: kpi.MaxOrders / max(books(report), 1)}
	for i, r := range report.Rates {
		micro, ok := number.ParseMicro(string(r.Rate))
		if (!ok || micro < 0) && events.err == nil {
			events.err = fmt.Errorf("spec.rates[%d].rate: %q is not a number of at least 0", i, r.Rate)
		}
		out.Rates[r.Currency] = micro
	}
	return out
}

// books returns the number of KPIs and periods that each keep all order ids of a run. They share the memory of the job.
func books(report *v1alpha1.MetricReportSpec) (n int) {
	for i := range report.KPIs {
		if m := &report.KPIs[i].Measure; m.Revenue != nil || m.AverageOrderValue != nil {
			n++
		}
	}
	if report.Compare == v1alpha1.PreviousPeriod {
		n *= 2
	}
	return n
}

// ref returns the events with a name.
func (n *eventNames) ref(name v1alpha1.EventRef, field string) []journey.Match {
	return n.of(v1alpha1.ItemName(name), field)
}

// duration returns a duration in microseconds, 0 for an empty one.
func (n *eventNames) duration(d v1alpha1.Duration, field string) int64 {
	out, err := d.Parse()
	if err != nil && n.err == nil {
		n.err = fmt.Errorf("%s.%s: %w", n.path, field, err)
	}
	return out.Microseconds()
}

// sessionGap returns the time that ends a session, in microseconds.
func (n *eventNames) sessionGap(d v1alpha1.Duration, field string) int64 {
	return cmp.Or(n.duration(d, field), defaultSessionGap.Microseconds())
}

// micro returns a decimal number in micro-units, 0 for an empty one.
func (n *eventNames) micro(text, field string) int64 {
	if text == "" {
		return 0
	}
	out, ok := number.ParseMicro(text)
	if !ok && n.err == nil {
		n.err = fmt.Errorf("%s.%s: %q is not a number", n.path, field, text)
	}
	return out
}

// sameDay returns the calendar for combining the orders of one day, or nil.
func (n *eventNames) sameDay(s v1alpha1.SameDay, analysis *v1alpha1.Analysis) *journey.Calendar {
	if s != v1alpha1.Together {
		return nil
	}
	c := journey.Calendar{}
	if analysis != nil {
		var err error
		if c, err = calendar(analysis); err != nil && n.err == nil {
			n.err = err
		}
	}
	return &c
}
