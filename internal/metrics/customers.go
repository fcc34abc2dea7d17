// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"cmp"
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
)

// defaultCohorts is the number of cohorts of a retention that names none: a month of days and the day itself.
const defaultCohorts = 31

// customerTable puts the tables about customers into the words of the journey package; nil when none is set.
func customerTable(t *v1alpha1.Table, events *eventNames) journey.Table {
	switch {
	case t.Retention != nil:
		return retention(t.Retention, events)
	case t.Lifecycle != nil:
		l := t.Lifecycle
		return journey.Lifecycle{
			Event: events.of(l.Event, "lifecycle.event"), Period: journey.Unit(l.Period),
			New: cmp.Or(journey.NewBy(l.NewBy), journey.FirstEvent),
		}
	case t.ConditionRetention != nil:
		var out journey.ConditionRetention
		for i, c := range t.ConditionRetention.Conditions {
			path := fmt.Sprintf("conditionRetention.conditions[%d].event", i)
			out.Conditions = append(out.Conditions, journey.EventOnDay{Event: events.of(c.Event, path), Day: string(c.Day)})
		}
		return out
	}
	return nil
}

func retention(r *v1alpha1.RetentionTable, events *eventNames) journey.Table {
	out := journey.Retention{
		Start: events.of(r.Start, "retention.start"), Return: events.of(r.Return, "retention.return"),
		Period: journey.Unit(r.Period), Cohorts: int(cmp.Or(r.Cohorts, defaultCohorts)), Rolling: r.Windows == "Rolling",
		FirstTime: r.Entry != "Recurring", OnOrAfter: r.Retained == "OnOrAfter", MinEvents: int(r.MinEvents), Counts: r.Show == "Counts",
	}
	for _, b := range r.Brackets {
		out.Brackets = append(out.Brackets, int(b))
	}
	return out
}
