// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Stickiness counts persons by the number of periods in which they were active, such as the number of days on which they came back.
//
// Row d of the result is the number of persons with at least one matching event in exactly d of the calendar periods that overlap the analysed
// time. Persons without any are not counted.
type Stickiness struct {
	// Event lists what counts as activity.
	Event []journey.Match
	// Period is the unit in which activity is counted.
	Period journey.Unit
	// Cumulative shows the persons active in at least d periods instead of exactly d.
	Cumulative bool
}

// MaxPeriods is the number of calendar periods of one table. Of a longer time, the latest ones are used.
const MaxPeriods = 400

// Matches lists the events by role.
func (s Stickiness) Matches() [][]journey.Match { return [][]journey.Match{s.Event} }

// Read records nothing but the time of the event.
func (Stickiness) Read(*match.Values, uint8, *metric.Hit) {}

// Since returns the time from which the metric needs events.
func (s Stickiness) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom }

// NewSums returns empty sums. An error names the invalid field.
func (s Stickiness) NewSums(c *metric.Context) (metric.Sums, error) {
	if err := s.Period.Valid(); err != nil {
		return nil, fmt.Errorf("stickiness.period: %w", err)
	}
	starts := c.Calendar.Starts(c.Period.EventsFrom, c.Period.EventsTo, s.Period, MaxPeriods)
	return &StickinessSums{starts: starts, unit: s.Period, cumulative: s.Cumulative, Persons: make([]int64, len(starts))}, nil
}

// StickinessSums counts the persons of a Stickiness.
type StickinessSums struct {
	// Persons[d-1] is the number of persons active in exactly d periods.
	Persons    []int64
	unit       journey.Unit
	cumulative bool
	starts     []int64
}

// AddPerson adds a person.
func (s *StickinessSums) AddPerson(v *metric.View) {
	active, last := 0, -1
	for i := range v.Hits {
		at := v.Hits[i].Time
		if !v.InPeriod(at) {
			continue
		}
		if p := periodOf(s.starts, at); p >= 0 && p != last {
			active, last = active+1, p
		}
	}
	if active > 0 {
		s.Persons[active-1]++
	}
}

// periodOf returns the index of the period that contains an instant, given the beginnings of all; -1 before the first.
func periodOf(starts []int64, at int64) int {
	n, _ := slices.BinarySearch(starts, at+1)
	return n - 1
}

// Merge adds the counts over other persons.
func (s *StickinessSums) Merge(other metric.Sums) {
	for i, n := range other.(*StickinessSums).Persons {
		s.Persons[i] += n
	}
}

// Grid returns one row for each number of periods that somebody was active in.
func (s *StickinessSums) Grid() metric.Grid {
	g := metric.Grid{Columns: []metric.Column{
		{Name: "active" + string(s.unit) + "s", Unit: metric.UnitCount}, {Name: "customers", Unit: metric.UnitCount},
		{Name: "share", Unit: metric.UnitRatio},
	}}
	for _, n := range s.Persons {
		g.Samples += n
	}
	before := int64(0)
	for i, n := range s.Persons {
		if n == 0 {
			continue
		}
		shown := n
		if s.cumulative {
			shown, before = g.Samples-before, before+n
		}
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{number.Whole(int64(i + 1)), number.Whole(shown), number.Ratio(shown, g.Samples)}})
	}
	return g
}
