// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Trend counts customers by the calendar period in which they entered, and how many of them converted within the window.
//
// A customer counts once for each period in which an attempt of theirs starts, with the deepest of those, so they can count in several periods.
// With the entry First, they count only in the period of their first attempt. A period is provisional if an attempt in it can still change.
type Trend struct {
	metric.NoHits
	// From and To are names of stages; empty means the first stage and the goal. In the order Any, the n-th stage means any n stages.
	From, To string
	// Period is the unit of the calendar periods.
	Period journey.Unit
}

// Since returns the time from which the metric needs events.
func (t Trend) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// Extent reaches to the latest entries. Rows with attempts in progress are provisional.
func (t Trend) Extent(p *journey.Period, c *journey.Calendar) journey.Extent {
	out := journey.Extent{What: "entries, including those in progress,", From: p.From, To: p.YoungTo}
	if starts := c.Starts(p.From, p.YoungTo, t.Period, MaxPeriods); len(starts) > 0 {
		out.From = max(p.From, starts[0])
	}
	return out
}

// NewSums returns empty sums. An error names the invalid field.
func (t Trend) NewSums(c *metric.Context) (metric.Sums, error) {
	if err := t.Period.Valid(); err != nil {
		return nil, fmt.Errorf("trend.period: %w", err)
	}
	stages, err := stretchOf(c.Map, t.From, t.To)
	if err != nil {
		return nil, fmt.Errorf("trend.%w", err)
	}
	starts := c.Calendar.Starts(c.Period.From, c.Period.YoungTo, t.Period, MaxPeriods)
	s := &TrendSums{stretch: stages, calendar: c.Calendar, policy: c.Policy}
	for i, start := range starts {
		end := c.Calendar.Add(start, t.Period, 1)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		s.starts = append(s.starts, start)
		s.Periods = append(s.Periods, TrendPeriod{Start: start, Provisional: end > c.Period.To})
	}
	s.end = c.Period.YoungTo
	return s, nil
}

// StagesOnly marks metrics that use only attempts.
func (Trend) StagesOnly() {}

// TrendSums counts the customers of a Trend.
type TrendSums struct {
	// Periods in order.
	Periods []TrendPeriod

	stretch  stretch
	starts   []int64
	end      int64
	calendar *journey.Calendar
	policy   journey.Policy
}

// TrendPeriod is one calendar period.
type TrendPeriod struct {
	// Start of the period in microseconds. The first one may start before the analysed time.
	Start int64
	// Entered is the number of customers who entered, and Converted the number of those who converted.
	Entered, Converted int64
	// Provisional is set if some attempt can still change.
	Provisional bool
}

// AddPerson adds a person.
func (s *TrendSums) AddPerson(v *metric.View) {
	if s.policy.Count == journey.Entries {
		s.entries(v)
		return
	}
	events := v.Person.Events
	for i, last := 0, -1; i < len(events) && events[i].Time < s.end; i++ {
		if events[i].Time < v.Period.From || !v.Progression.Enters(events, i) {
			continue
		}
		n := periodOf(s.starts, events[i].Time)
		if n < 0 || n == last {
			continue
		}
		last = n
		s.add(n, v, i)
		if s.policy.Entry == journey.First {
			return
		}
	}
}

// add counts a person in the period of their first entry in it, given as an event. An attempt can use events from the instant of its entry on, or
// from before it with a grace. The events reach back no further than that, because a person can have entries in many periods.
func (s *TrendSums) add(n int, v *metric.View, entry int) {
	events, at, first := v.Person.Events, v.Person.Events[entry].Time, entry
	for first > 0 && events[first-1].Time >= at-v.Progression.Lead() {
		first--
	}
	events = events[first:]
	to := s.end
	if n+1 < len(s.starts) {
		to = s.starts[n+1]
	}
	from, p := max(s.starts[n], v.Period.From), v.Period
	best, ok := v.Progression.BestSince(p.From, events, from, min(to, p.To), p.Limit)
	if s.policy.Entry == journey.First && at < p.To {
		to = p.To // the first attempt is a mature one, whether it counts or not
	}
	if young, also := v.Progression.BestSince(p.From, events, max(from, p.To), to, p.YoungLimit); also && (!ok || young.Deeper(&best)) {
		best, ok = young, true
	}
	if ok {
		s.count(n, &best)
	}
}

// entries counts every attempt in the period of its entry, if entries are counted.
func (s *TrendSums) entries(v *metric.View) {
	p, events := v.Period, v.Person.Events
	all, next := v.Progression.All(p.From, events, p.From, p.To, p.Limit, nil)
	all, _ = v.Progression.All(p.From, events, next, p.YoungTo, p.YoungLimit, all)
	for i := range all {
		if n := periodOf(s.starts, all[i].Entry); n >= 0 {
			s.count(n, &all[i])
		}
	}
}

func (s *TrendSums) count(n int, a *journey.Attempt) {
	if !s.stretch.entered(a, s.policy) {
		return
	}
	s.Periods[n].Entered++
	if s.stretch.passed(a, s.policy) {
		s.Periods[n].Converted++
	}
}

// Merge adds the counts over other persons.
func (s *TrendSums) Merge(other metric.Sums) {
	for i, p := range other.(*TrendSums).Periods {
		s.Periods[i].Entered += p.Entered
		s.Periods[i].Converted += p.Converted
	}
}

// Grid returns one row for each period. Samples counts a customer once for each period.
func (s *TrendSums) Grid() metric.Grid {
	g := metric.Grid{Columns: []metric.Column{
		{Name: "from", Unit: metric.UnitTime}, {Name: "entered", Unit: metric.UnitCount}, {Name: "converted", Unit: metric.UnitCount},
		{Name: "conversion", Unit: metric.UnitRatio},
	}}
	g.KeepLast = true
	for _, p := range s.Periods {
		g.Samples += p.Entered
		g.Rows = append(g.Rows, metric.GridRow{Provisional: p.Provisional, Values: []string{
			s.calendar.Instant(p.Start), number.Whole(p.Entered), number.Whole(p.Converted), number.Ratio(p.Converted, p.Entered),
		}})
	}
	return g
}
