// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math/bits"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// ConditionRetention counts the persons who met a first condition, and how many of them met each of the others, as ClickHouse's retention(c0, c1, …)
// does. The order in time does not matter.
type ConditionRetention struct {
	// Conditions in order. The first one defines the whole.
	Conditions []EventOnDay
}

// EventOnDay is met by any of some events, optionally only on one day.
type EventOnDay struct {
	// Event lists the events.
	Event []journey.Match
	// Day is a calendar day, YYYY-MM-DD, in the calendar's zone; empty for the whole analysed time.
	Day string
}

// MaxConditions is the number of conditions of one ConditionRetention.
const MaxConditions = 32

// Matches lists the events by role.
func (c ConditionRetention) Matches() [][]journey.Match {
	var list [][]journey.Match
	for _, condition := range c.Conditions {
		list = append(list, condition.Event)
	}
	return list
}

// Read records nothing but the time of the event.
func (ConditionRetention) Read(*match.Values, uint8, *metric.Hit) {}

// Since returns the time from which the metric needs events.
func (ConditionRetention) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom }

// NewSums returns empty sums. An error names the invalid field.
func (c ConditionRetention) NewSums(t *metric.Context) (metric.Sums, error) {
	if len(c.Conditions) == 0 || len(c.Conditions) > MaxConditions {
		return nil, fmt.Errorf("conditionRetention.conditions: from 1 to %d", MaxConditions)
	}
	s := &ConditionSums{table: c, Counts: make([]int64, len(c.Conditions))}
	for i, condition := range c.Conditions {
		if condition.Day == "" {
			s.spans = append(s.spans, event.Span{From: t.Period.EventsFrom, To: t.Period.EventsTo - 1})
			continue
		}
		day, err := time.Parse(time.DateOnly, condition.Day)
		if err != nil {
			return nil, fmt.Errorf("conditionRetention.conditions[%d].day: %q is not a date", i, condition.Day)
		}
		from, to := t.Calendar.Date(day.Date())
		s.spans = append(s.spans, event.Span{From: max(t.Period.EventsFrom, from), To: min(t.Period.EventsTo, to) - 1})
	}
	return s, nil
}

// ConditionSums counts the persons of a ConditionRetention.
type ConditionSums struct {
	// Counts[k] is the number of persons who met condition 0 and condition k.
	Counts []int64

	table ConditionRetention
	spans []event.Span
}

// AddPerson adds a person.
func (s *ConditionSums) AddPerson(v *metric.View) {
	var met uint32
	for i := range v.Hits {
		h := &v.Hits[i]
		if span := s.spans[h.Role]; h.Time >= span.From && h.Time <= span.To {
			met |= 1 << h.Role
		}
	}
	if met&1 == 0 {
		return
	}
	for ; met != 0; met &= met - 1 {
		s.Counts[bits.TrailingZeros32(met)]++
	}
}

// Merge adds the counts over other persons.
func (s *ConditionSums) Merge(other metric.Sums) {
	for i, n := range other.(*ConditionSums).Counts {
		s.Counts[i] += n
	}
}

// Grid returns a row for each condition, counted from 0.
func (s *ConditionSums) Grid() metric.Grid {
	g := metric.Grid{Samples: s.Counts[0], Columns: []metric.Column{
		{Name: "condition", Unit: metric.UnitCount}, {Name: "day", Unit: metric.UnitTime}, {Name: "customers", Unit: metric.UnitCount},
		{Name: "share", Unit: metric.UnitRatio},
	}}
	for i, n := range s.Counts {
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{number.Whole(int64(i)), s.table.Conditions[i].Day, number.Whole(n), number.Ratio(n, s.Counts[0])}})
	}
	return g
}
