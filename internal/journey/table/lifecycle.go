// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// NewBy defines when a person is new.
type NewBy string

// The values of NewBy.
const (
	// FirstEvent uses the time of the person's first event of any kind.
	FirstEvent NewBy = "FirstEvent"
	// FirstMatch uses the time of the first event that counts as activity.
	FirstMatch NewBy = "FirstMatch"
	// CreatedAt uses the trait createdAt, or the first event of any kind if a person does not have it.
	CreatedAt NewBy = "CreatedAt"
)

// createdAtTrait is the trait with the time of a person's creation, as in Segment's specs.
const createdAtTrait = "createdAt"

// Lifecycle classifies the persons of each calendar period by what they did before.
//
// A person active in a period is new if they became known in it, returning if they were also active in the previous period, and resurrecting
// otherwise. Dormant are those who were active in the previous period and are not in this one; their number is negative. The periods are those
// that overlap the analysed time, each as a whole. Activity in the period before the first one is read, too.
type Lifecycle struct {
	// Event lists what counts as activity.
	Event []journey.Match
	// Period is the unit in which activity is counted.
	Period journey.Unit
	// New defines when a person is new.
	New NewBy
}

// MaxLifecyclePeriods is the number of periods of one Lifecycle. Of a longer time, the latest ones are used.
const MaxLifecyclePeriods = 100

// Matches lists the events by role.
func (l Lifecycle) Matches() [][]journey.Match { return [][]journey.Match{l.Event} }

// Read records nothing but the time of the event.
func (Lifecycle) Read(*match.Values, uint8, *metric.Hit) {}

// Needs marks the columns that Read uses.
func (l Lifecycle) Needs(n *match.Needs) {
	if l.New == CreatedAt {
		n.AddKey("traits." + createdAtTrait)
	}
}

// Since is always the beginning: whether a person is new depends on the whole past.
func (Lifecycle) Since(*journey.Period, *journey.Calendar) int64 { return 0 }

// Extent is the time of the calendar periods, each as a whole.
func (l Lifecycle) Extent(p *journey.Period, c *journey.Calendar) journey.Extent {
	return p.WholePeriods(c.Starts(p.EventsFrom, p.EventsTo, l.Period, MaxLifecyclePeriods), l.Period, c)
}

// NewSums returns empty sums. An error names the invalid field.
func (l Lifecycle) NewSums(c *metric.Context) (metric.Sums, error) {
	if err := l.Period.Valid(); err != nil {
		return nil, fmt.Errorf("lifecycle.period: %w", err)
	}
	switch l.New {
	case FirstEvent, FirstMatch, CreatedAt:
	default:
		return nil, fmt.Errorf("lifecycle.new: there is no %q", l.New)
	}
	s := &LifecycleSums{table: l, calendar: c.Calendar, asOf: c.Period.AsOf}
	s.starts = c.Calendar.Starts(c.Period.EventsFrom, c.Period.EventsTo, l.Period, MaxLifecyclePeriods)
	s.Statuses = make([]LifecycleCounts, len(s.starts))
	if n := len(s.starts); n > 0 {
		s.before, s.end = c.Calendar.Add(s.starts[0], l.Period, -1), c.Calendar.Add(s.starts[n-1], l.Period, 1)
		s.active = make([]bool, n+1)
	}
	return s, nil
}

// LifecycleCounts counts the persons of one period. Dormant is negative.
type LifecycleCounts struct{ New, Returning, Resurrecting, Dormant int64 }

// LifecycleSums counts the persons of a Lifecycle.
type LifecycleSums struct {
	// Statuses by period.
	Statuses []LifecycleCounts
	// Persons is the number of persons who were active in any of the periods.
	Persons int64

	table    Lifecycle
	calendar *journey.Calendar
	starts   []int64
	// before is the beginning of the period before the first, end the end of the last.
	before, end, asOf int64
	// active holds the periods in which one person was active, starting with the one before the first. It is reused.
	active []bool
}

// Starts returns the beginnings of the periods.
func (s *LifecycleSums) Starts() []int64 { return s.starts }

// AddPerson adds a person.
func (s *LifecycleSums) AddPerson(v *metric.View) {
	clear(s.active)
	here := false
	for i := range v.Hits {
		at := v.Hits[i].Time
		if at < s.before || at >= s.end {
			continue
		}
		p := periodOf(s.starts, at)
		s.active[p+1] = true
		here = here || p >= 0
	}
	if here {
		s.Persons++
	}
	since := s.known(v)
	for p := range s.starts {
		counts := &s.Statuses[p]
		switch {
		case !s.active[p+1] && s.active[p]:
			counts.Dormant--
		case !s.active[p+1]:
		case since == p:
			counts.New++
		case s.active[p]:
			counts.Returning++
		default:
			counts.Resurrecting++
		}
	}
}

// known returns the index of the period in which the person became known, or -1.
func (s *LifecycleSums) known(v *metric.View) int {
	at := v.Person.First
	switch s.table.New {
	case FirstMatch:
		if len(v.Hits) > 0 {
			at = v.Hits[0].Time
		}
	case CreatedAt:
		if text, ok := v.Person.Known.Trait(createdAtTrait, s.asOf); ok {
			if t, ok := parseTime(s.calendar, text); ok {
				at = t
			}
		}
	}
	if at >= s.end {
		return -1
	}
	return periodOf(s.starts, at)
}

// parseTime parses an RFC 3339 time, or a date, whose day starts in the calendar's zone. It refuses placeholders for unknown times, such as
// 1970-01-01 or 9999-12-31.
func parseTime(c *journey.Calendar, text string) (micros int64, ok bool) {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return t.UnixMicro(), t.Unix() != 0 && t.Year() > 1904 && t.Year() < 9999
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Unix() == 0 || day.Year() <= 1904 || day.Year() >= 9999 {
		return 0, false
	}
	micros, _ = c.Date(day.Date())
	return micros, true
}

// Merge adds the counts over other persons.
func (s *LifecycleSums) Merge(other metric.Sums) {
	o := other.(*LifecycleSums)
	s.Persons += o.Persons
	for i, n := range o.Statuses {
		m := &s.Statuses[i]
		m.New, m.Returning = m.New+n.New, m.Returning+n.Returning
		m.Resurrecting, m.Dormant = m.Resurrecting+n.Resurrecting, m.Dormant+n.Dormant
	}
}

// Grid returns a row for each period.
func (s *LifecycleSums) Grid() metric.Grid {
	g := metric.Grid{Samples: s.Persons, Columns: []metric.Column{
		{Name: "period", Unit: metric.UnitTime}, {Name: "new", Unit: metric.UnitCount}, {Name: "returning", Unit: metric.UnitCount},
		{Name: "resurrecting", Unit: metric.UnitCount}, {Name: "dormant", Unit: metric.UnitCount},
	}}
	for i, n := range s.Statuses {
		g.Rows = append(g.Rows, metric.GridRow{
			Values: []string{
				s.calendar.Instant(s.starts[i]), number.Whole(n.New), number.Whole(n.Returning), number.Whole(n.Resurrecting), number.Whole(n.Dormant),
			},
			Provisional: s.calendar.Add(s.starts[i], s.table.Period, 1) > s.asOf+1,
		})
	}
	return g
}
