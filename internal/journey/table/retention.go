// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math/bits"
	"reflect"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Retention shows who came back: a row for each cohort, a column for each period after it.
//
// The cohorts are the calendar periods that overlap the analysed time, the latest Cohorts of them, each as a whole. A person belongs to the
// cohort of every period in which they did Start, or with FirstTime only to that of the first one ever. They are retained j periods later if
// they did Return in that period, at least MinEvents times. Nothing after the end of the last cohort's period is used.
type Retention struct {
	// Start lists the events that put a person into a cohort, Return those that count as coming back.
	Start, Return []journey.Match
	// Period of cohorts, and the unit of the columns.
	Period journey.Unit
	// Cohorts is the number of cohorts, at most MaxCohorts.
	Cohorts int
	// Rolling counts periods in elapsed time from a person's own start instead of by the calendar: period 1 of a Day is 24 to 48 hours later.
	Rolling bool
	// FirstTime puts a person into the cohort of their first Start ever, and into no other.
	FirstTime bool
	// OnOrAfter counts a person as retained in a period if they came back in it or in any later one.
	OnOrAfter bool
	// Brackets combine periods. Each is the last period of a bracket, so 3, 7 means the periods 1 to 3 and 4 to 7. If empty, each period is a column.
	Brackets []int
	// MinEvents is the number of Return events that a period needs; 0 means 1.
	MinEvents int
	// Counts shows numbers of persons instead of shares.
	Counts bool
}

// MaxCohorts is the number of cohorts of one Retention.
const MaxCohorts = 60

// Roles of events in a Retention.
const (
	roleStart uint8 = iota
	roleReturn
)

// Matches lists the events by role.
func (r Retention) Matches() [][]journey.Match {
	if r.oneRole() {
		return [][]journey.Match{r.Start}
	}
	return [][]journey.Match{r.Start, r.Return}
}

// oneRole reports whether Start and Return list the same events. Each event is then recorded once, as both.
func (r Retention) oneRole() bool { return reflect.DeepEqual(r.Start, r.Return) }

// Read records nothing but the time of the event.
func (Retention) Read(*match.Values, uint8, *metric.Hit) {}

// Since returns the time from which the metric needs events.
func (r Retention) Since(p *journey.Period, c *journey.Calendar) int64 {
	starts := c.Starts(p.EventsFrom, p.EventsTo, r.Period, r.Cohorts)
	if r.FirstTime || len(starts) == 0 {
		return 0
	}
	return starts[0]
}

// valid returns an error if a field is invalid.
func (r Retention) valid() error {
	if err := r.Period.Valid(); err != nil {
		return fmt.Errorf("retention.period: %w", err)
	}
	if r.Rolling && r.Period == journey.Month {
		return fmt.Errorf("retention.windows: Rolling goes with the periods Hour, Day and Week, months differ in length")
	}
	if r.Cohorts < 1 || r.Cohorts > MaxCohorts {
		return fmt.Errorf("retention.cohorts: from 1 to %d", MaxCohorts)
	}
	last := 0
	for i, b := range r.Brackets {
		if b <= last || b >= MaxCohorts {
			return fmt.Errorf("retention.brackets[%d]: brackets must increase, from 1 to %d", i, MaxCohorts-1)
		}
		last = b
	}
	return nil
}

// Extent is the time of the calendar periods, each as a whole.
func (r Retention) Extent(p *journey.Period, c *journey.Calendar) journey.Extent {
	return p.WholePeriods(c.Starts(p.EventsFrom, p.EventsTo, r.Period, r.Cohorts), r.Period, c)
}

// NewSums returns empty sums. An error names the invalid field.
func (r Retention) NewSums(c *metric.Context) (metric.Sums, error) {
	if err := r.valid(); err != nil {
		return nil, err
	}
	starts := c.Calendar.Starts(c.Period.EventsFrom, c.Period.EventsTo, r.Period, r.Cohorts)
	s := &RetentionSums{table: r, calendar: c.Calendar, starts: starts, asOf: c.Period.AsOf, Cohorts: make([][]int64, len(starts))}
	if !r.oneRole() {
		s.returns = roleReturn
	}
	if len(starts) == 0 {
		return s, nil
	}
	s.end = c.Calendar.Add(starts[len(starts)-1], r.Period, 1)
	for j := 1; j < len(starts); j++ {
		if len(r.Brackets) == 0 {
			s.brackets = append(s.brackets, bracket{from: j, to: j})
		}
	}
	from := 1
	for _, to := range r.Brackets {
		s.brackets = append(s.brackets, bracket{from: from, to: to})
		from = to + 1
	}
	for i := range s.Cohorts {
		// Column 0 is the size of the cohort. The others end where the periods would start after the last one.
		n := 1
		for n <= len(s.brackets) && s.brackets[n-1].from < len(starts)-i {
			n++
		}
		s.Cohorts[i] = make([]int64, n)
	}
	return s, nil
}

// bracket is a column: the periods from <= j <= to after that of the cohort.
type bracket struct{ from, to int }

// RetentionSums counts the persons of a Retention.
type RetentionSums struct {
	// Cohorts[i][0] is the size of cohort i, and [k] the number of its persons who came back in column k.
	Cohorts [][]int64
	// Persons is the number of persons in any cohort.
	Persons int64

	table     Retention
	calendar  *journey.Calendar
	starts    []int64
	end, asOf int64
	brackets  []bracket
	returns   uint8 // role of the returning events
	last      int   // the last result of periodAt
}

// Starts returns the beginnings of the cohorts' periods.
func (s *RetentionSums) Starts() []int64 { return s.starts }

// AddPerson adds a person.
func (s *RetentionSums) AddPerson(v *metric.View) {
	// entered[i] is the time of the first start in cohort i; cohorts is their set, as bits.
	var entered [MaxCohorts]int64
	var cohorts uint64
	for i := range v.Hits {
		h := &v.Hits[i]
		if h.Role != roleStart {
			continue
		}
		if at := s.periodAt(h.Time); at >= 0 && cohorts&(1<<at) == 0 {
			cohorts |= 1 << at
			entered[at] = h.Time
		}
		if s.table.FirstTime {
			break
		}
	}
	if cohorts == 0 {
		return
	}
	s.Persons++
	calendar := s.seen(v, s.periodAt)
	for ; cohorts != 0; cohorts &= cohorts - 1 {
		i := bits.TrailingZeros64(cohorts)
		seen := calendar >> i
		if s.table.Rolling {
			seen = s.seen(v, func(at int64) int { return s.elapsed(entered[i], at) })
		}
		s.add(i, seen)
	}
}

// periodAt returns the index of the calendar period of an instant, or -1.
func (s *RetentionSums) periodAt(at int64) int {
	if at >= s.end {
		return -1
	}
	// Consecutive events are mostly in the same period.
	if n := s.last; n < len(s.starts) && at >= s.starts[n] && (n == len(s.starts)-1 || at < s.starts[n+1]) {
		return n
	}
	n := periodOf(s.starts, at)
	s.last = max(n, 0)
	return n
}

// elapsed returns the number of whole periods between an entry and an instant, or -1 if it is not used.
func (s *RetentionSums) elapsed(entry, at int64) int {
	if at < entry || at >= s.end {
		return -1
	}
	if n := (at - entry) / s.table.Period.Elapsed(); n < MaxCohorts {
		return int(n)
	}
	return -1
}

// seen returns the set of periods, as bits, in which a person came back often enough.
func (s *RetentionSums) seen(v *metric.View, number func(at int64) int) (set uint64) {
	var counts [MaxCohorts]int
	for i := range v.Hits {
		h := &v.Hits[i]
		if h.Role != s.returns {
			continue
		}
		if j := number(h.Time); j >= 0 {
			if counts[j]++; counts[j] == max(1, s.table.MinEvents) {
				set |= 1 << j
			}
		}
	}
	return set
}

// add counts a person of a cohort who came back in a set of periods.
func (s *RetentionSums) add(cohort int, seen uint64) {
	row := s.Cohorts[cohort]
	row[0]++
	for k := 1; k < len(row); k++ {
		b := s.brackets[k-1]
		later := seen >> b.from
		if !s.table.OnOrAfter {
			later &= 1<<(b.to-b.from+1) - 1
		}
		if later != 0 {
			row[k]++
		}
	}
}

// Merge adds the counts over other persons.
func (s *RetentionSums) Merge(other metric.Sums) {
	o := other.(*RetentionSums)
	s.Persons += o.Persons
	for i, row := range o.Cohorts {
		for j, n := range row {
			s.Cohorts[i][j] += n
		}
	}
}
