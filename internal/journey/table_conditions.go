// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"math/bits"
	"time"
)

// ConditionRetention counts the persons who met a first condition, and of these the ones who met each of the others: ClickHouse's
// retention(c0, c1, …). The order in time does not matter.
type ConditionRetention struct {
	// Conditions in their order; the first one is the whole.
	Conditions []EventOnDay
}

// EventOnDay is met by any of some events, maybe on one day only.
type EventOnDay struct {
	// Event lists the events.
	Event []Match
	// Day is a calendar day, YYYY-MM-DD, in the calendar's zone; empty for the whole analysed time.
	Day string
}

// MaxConditions is the number of conditions of one ConditionRetention.
const MaxConditions = 32

// Matches lists the events that it looks at, by role.
func (c ConditionRetention) Matches() [][]Match {
	var list [][]Match
	for _, condition := range c.Conditions {
		list = append(list, condition.Event)
	}
	return list
}

// Read notes no more than that the event happened, and when.
func (ConditionRetention) Read(*Values, uint8, *Hit) {}

// Since is the time from which on it needs events.
func (ConditionRetention) Since(p *Period, _ *Calendar) int64 { return p.EventsFrom }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (c ConditionRetention) NewAccumulator(t *TableContext) (TableAccumulator, error) {
	if len(c.Conditions) == 0 || len(c.Conditions) > MaxConditions {
		return nil, fmt.Errorf("conditionRetention.conditions: from 1 to %d", MaxConditions)
	}
	s := &ConditionSums{table: c, Counts: make([]int64, len(c.Conditions))}
	for i, condition := range c.Conditions {
		if condition.Day == "" {
			s.spans = append(s.spans, Span{From: t.Period.EventsFrom, To: t.Period.EventsTo - 1})
			continue
		}
		day, err := time.ParseInLocation(time.DateOnly, condition.Day, t.Calendar.Zone())
		if err != nil {
			return nil, fmt.Errorf("conditionRetention.conditions[%d].day: %q is no date", i, condition.Day)
		}
		s.spans = append(s.spans, Span{
			From: max(t.Period.EventsFrom, day.UnixMicro()), To: min(t.Period.EventsTo, day.AddDate(0, 0, 1).UnixMicro()) - 1,
		})
	}
	return s, nil
}

// ConditionSums counts the persons of a ConditionRetention.
type ConditionSums struct {
	// Counts[k] is the number of persons who met condition 0 and condition k.
	Counts []int64

	table ConditionRetention
	spans []Span
}

// AddPerson adds a person.
func (s *ConditionSums) AddPerson(v *View) {
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
func (s *ConditionSums) Merge(other TableAccumulator) {
	for i, n := range other.(*ConditionSums).Counts {
		s.Counts[i] += n
	}
}

// Grid has a row for each condition, counted from 0.
func (s *ConditionSums) Grid() Grid {
	g := Grid{Samples: s.Counts[0], Columns: []Column{
		{Name: "condition", Unit: UnitCount}, {Name: "day", Unit: UnitTime}, {Name: "customers", Unit: UnitCount}, {Name: "share", Unit: UnitRatio},
	}}
	for i, n := range s.Counts {
		g.Rows = append(g.Rows, GridRow{Values: []string{Whole(int64(i)), s.table.Conditions[i].Day, Whole(n), Ratio(n, s.Counts[0])}})
	}
	return g
}
