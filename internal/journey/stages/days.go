// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stages

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Days counts, for each stage and day, the customers who entered it and those who continued, so that the latest finished day can be
// compared with those before it.
//
// All days are compared at equal age. If the time of analysis is some hours after the end of the latest finished day, only events up to that many
// hours after its end count for each day. Otherwise the latest day would always look worse than the others, because its customers had less
// time. For the same reason, the attempt of a day is the one that counted at that age: the deepest by then, among those whose window was open
// at some time of the day.
type Days struct {
	metric.NoHits
}

// MaxDays is the number of days that are compared: eight weeks and the latest finished day.
const MaxDays = 57

// Since is no earlier than the funnel needs: a longer lookback gives more days.
func (Days) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// NewSums returns empty sums. An error names the invalid field.
func (Days) NewSums(c *metric.Context) (metric.Sums, error) {
	if c.Policy.Order == journey.AnyOrder {
		return nil, fmt.Errorf("with the order Any, no stage follows another")
	}
	s := &DaySums{window: c.Policy.Window.Microseconds(), Stages: make([][]DayCount, len(c.Map.Stages))}
	end := c.Calendar.Start(min(c.Period.AsOf+1, c.Period.EventsTo), journey.Day)
	s.age = max(0, min(c.Period.AsOf+1, c.Period.EventsTo)-end)
	for len(s.days) < MaxDays {
		start := c.Calendar.Add(end, journey.Day, -1)
		if start-s.window < c.Period.From {
			break
		}
		// A date that the zone skips is an empty day, so that every seventh day is the same weekday.
		for skipped := c.Calendar.Day(end) - c.Calendar.Day(start) - 1; skipped > 0; skipped-- {
			s.days = append(s.days, event.Span{From: end, To: end})
		}
		s.days = append(s.days, event.Span{From: start, To: end})
		end = start
	}
	for i := range s.Stages {
		s.Stages[i] = make([]DayCount, len(s.days))
	}
	return s, nil
}

// StagesOnly marks metrics that use only attempts.
func (Days) StagesOnly() {}

// DayCount counts the customers who entered a stage on a day, and those of them who continued.
type DayCount struct{ Entered, Converted int64 }

// DaySums holds the days of each stage.
type DaySums struct {
	// Stages in the order of the map. Each has its days, from the latest finished one backwards.
	Stages [][]DayCount

	window, age int64
	// days, the newest first, from <= t < to.
	days []event.Span
}

// Newest returns the beginning of the latest finished day in microseconds. It returns false if no day is long enough ago.
func (s *DaySums) Newest() (int64, bool) {
	if len(s.days) == 0 {
		return 0, false
	}
	return s.days[0].From, true
}

// AddPerson adds a person.
func (s *DaySums) AddPerson(v *metric.View) {
	if len(s.days) == 0 {
		return
	}
	events := v.Person.Events
	day, open := len(s.days)-1, 0 // events before open are too old for an attempt of the day
	for i := 0; i < len(events) && day >= 0; i++ {
		e := &events[i]
		if e.Stages == 0 || e.Time < s.days[day].From {
			continue
		}
		for day >= 0 && e.Time >= s.days[day].To {
			day--
		}
		if day < 0 {
			return
		}
		for events[open].Time < s.days[day].From-s.window-v.Progression.Lead() {
			open++
		}
		s.add(day, v, events[open:])
		day--
	}
}

// add counts a person on a day on which they could enter a stage.
func (s *DaySums) add(day int, v *metric.View, events []journey.Event) {
	d := s.days[day]
	a, ok := v.Progression.BestSince(v.Period.From, events, d.From-s.window, d.To, d.To-1+s.age)
	if !ok {
		return
	}
	for stage := range s.Stages {
		if !a.Has(stage) {
			continue
		}
		if at := events[a.Event[stage]].Time; at < d.From || at >= d.To {
			continue
		}
		s.Stages[stage][day].Entered++
		if a.Stages>>(stage+1) != 0 || stage == len(s.Stages)-1 {
			s.Stages[stage][day].Converted++
		}
	}
}

// Merge adds the counts over other persons.
func (s *DaySums) Merge(other metric.Sums) {
	for i, days := range other.(*DaySums).Stages {
		for d, c := range days {
			s.Stages[i][d].Entered += c.Entered
			s.Stages[i][d].Converted += c.Converted
		}
	}
}

// Grid is not shown. The days are for alarms only.
func (s *DaySums) Grid() metric.Grid { return metric.Grid{} }
