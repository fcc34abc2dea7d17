// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// defaultCohorts is the default number of cohorts of a retention table: a month of days and the day itself.
const defaultCohorts = 31

// defaultMonths is the default horizon of lifetimeValue.
const defaultMonths = 12

// customerTable converts tables about customers to the types of the journey package. It returns nil if none is set.
func customerTable(t *v1alpha1.Table, report *v1alpha1.MetricReportSpec, events *eventNames) metric.Metric {
	switch {
	case t.Retention != nil:
		return retention(t.Retention, events)
	case t.Lifecycle != nil:
		l := t.Lifecycle
		return table.Lifecycle{
			Event: events.ref(l.Event, "lifecycle.event"), Period: journey.Unit(l.Period),
			New: cmp.Or(table.NewBy(l.NewBy), table.FirstEvent),
		}
	case t.ConditionRetention != nil:
		var out table.ConditionRetention
		for i, c := range t.ConditionRetention.Conditions {
			path := fmt.Sprintf("conditionRetention.conditions[%d].event", i)
			out.Conditions = append(out.Conditions, table.EventOnDay{Event: events.ref(c.Event, path), Day: string(c.Day)})
		}
		return out
	case t.RFM != nil:
		return table.RFM(orders(report, t.RFM.Event, "rfm.event", events))
	case t.LifetimeValue != nil:
		l := t.LifetimeValue
		return table.LifetimeValue{
			Orders: orders(report, l.Event, "lifetimeValue.event", events), Apart: l.SameDay == v1alpha1.Apart,
			Months: int(cmp.Or(l.Months, defaultMonths)), Discount: events.micro(string(l.MonthlyDiscountRate), "lifetimeValue.monthlyDiscountRate"),
		}
	}
	return nil
}

func retention(r *v1alpha1.RetentionTable, events *eventNames) metric.Metric {
	out := table.Retention{
		Start: events.ref(r.Start, "retention.start"), Return: events.ref(r.Return, "retention.return"),
		Period: journey.Unit(r.Period), Cohorts: int(cmp.Or(r.Cohorts, defaultCohorts)), Rolling: r.Windows == "Rolling",
		FirstTime: r.Entry != "Recurring", OnOrAfter: r.Retained == "OnOrAfter", MinEvents: int(r.MinEvents), Counts: r.Show == "Counts",
	}
	for _, b := range r.Brackets {
		out.Brackets = append(out.Brackets, int(b))
	}
	return out
}
