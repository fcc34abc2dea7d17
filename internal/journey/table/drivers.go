// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Drivers finds what is associated with conversion. For each value, it compares the odds of conversion of the customers who met it with those of the
// customers who did not. The customers are those with a mature attempt. A value was met if its event came at or after the entry and before the
// outcome, which is the event that reached the goal, or the end of the window. The result is an association, not a cause.
type Drivers struct {
	metric.OfEntries
	// Event lists the events to consider.
	Event []journey.Match
	// Key of the value, as in a Condition; event for the name.
	Key string
	// MinCustomers is the smallest number of customers with and without a value for the value to be evaluated.
	MinCustomers int64
}

// MaxDrivers is the number of values that one run keeps apart; any further ones are "other".
const MaxDrivers = 5_000

// driverLevel is the confidence level of the intervals.
const driverLevel = 0.95

// Matches lists the events by role.
func (d Drivers) Matches() [][]journey.Match { return [][]journey.Match{d.Event} }

// Since returns the time from which the metric needs events.
func (d Drivers) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// Needs marks the columns that Read uses.
func (d Drivers) Needs(n *match.Needs) { n.AddKey(d.Key) }

// Read records what the metric needs of an event.
func (d Drivers) Read(v *match.Values, _ uint8, h *metric.Hit) {
	k, err := match.ParseKey(d.Key)
	if err != nil {
		return // NewSums refuses such a key.
	}
	if value, ok := v.Get(k); ok {
		h.Usable, h.Text = true, v.Texts.Number(value)
	}
}

// NewSums returns empty sums. An error names the invalid field.
func (d Drivers) NewSums(c *metric.Context) (metric.Sums, error) {
	if _, err := match.ParseKey(d.Key); err != nil {
		return nil, fmt.Errorf("drivers.key: %w", err)
	}
	return &DriverSums{drivers: d, texts: c.Texts, window: c.Policy.Window.Microseconds(), met: map[uint32]*driverSums{}}, nil
}

// DriverSums counts the customers of a Drivers.
type DriverSums struct {
	// Converted and Lost customers.
	Converted, Lost int64

	drivers Drivers
	texts   *journey.Texts
	window  int64
	met     map[uint32]*driverSums
	seen    []uint32
}

type driverSums struct{ converted, lost int64 }

// AddPerson adds a person.
func (s *DriverSums) AddPerson(v *metric.View) {
	if v.Attempt == nil {
		return
	}
	end := v.Attempt.Entry + s.window + 1
	if v.Converted {
		s.Converted++
		end = goalTime(v)
	} else {
		s.Lost++
	}
	s.seen = s.seen[:0]
	for i := range v.Hits {
		h := &v.Hits[i]
		if h.Usable && h.Time >= v.Attempt.Entry && h.Time < end && h.Time <= v.Period.Limit && !slices.Contains(s.seen, h.Text) {
			s.seen = append(s.seen, h.Text)
		}
	}
	for _, text := range s.seen {
		sums := s.sums(text)
		if v.Converted {
			sums.converted++
		} else {
			sums.lost++
		}
	}
}

// goalTime returns the time at which the last required stage was reached.
func goalTime(v *metric.View) int64 {
	at := v.Attempt.Entry
	for rest := v.Attempt.Stages; rest != 0; rest &= rest - 1 {
		if s := bits.TrailingZeros32(rest); s <= v.Progression.Goal() {
			at = max(at, v.Person.Events[v.Attempt.Event[s]].Time)
		}
	}
	return at
}

func (s *DriverSums) sums(text uint32) *driverSums {
	sums := s.met[text]
	if sums == nil {
		if len(s.met) >= MaxDrivers {
			text = 0
		}
		if sums = s.met[text]; sums == nil {
			sums = &driverSums{}
			s.met[text] = sums
		}
	}
	return sums
}

// Merge adds the customers of another.
func (s *DriverSums) Merge(other metric.Sums) {
	o := other.(*DriverSums)
	s.Converted += o.Converted
	s.Lost += o.Lost
	for text, sums := range o.met {
		here := s.sums(s.texts.Number(o.texts.Text(text)))
		here.converted += sums.converted
		here.lost += sums.lost
	}
}

// Driver is one value to show.
type Driver struct {
	// Name of the value.
	Name string
	// Table counts the customers by whether they met the value and whether they converted.
	Table stats.Table
	// Odds of the table.
	Odds stats.Odds
	// Q is the p-value, corrected for the number of values evaluated.
	Q float64
}

// List returns the values that can be evaluated, and the number of those that were too rare or too common. The values with the strongest evidence of
// an association come first: they are ordered by the limit of the interval of the odds ratio that is nearer to 1.
func (s *DriverSums) List() (list []Driver, skipped int64) {
	var p []float64
	for text, sums := range s.met {
		t := stats.Table{
			WithConverted: sums.converted, WithNot: sums.lost,
			WithoutConverted: s.Converted - sums.converted, WithoutNot: s.Lost - sums.lost,
		}
		odds, ok := t.Odds(driverLevel)
		if min(t.WithConverted+t.WithNot, t.WithoutConverted+t.WithoutNot) < s.drivers.MinCustomers || !ok {
			skipped++
			continue
		}
		list = append(list, Driver{Name: s.texts.Text(text), Table: t, Odds: odds})
	}
	slices.SortFunc(list, func(a, b Driver) int { return cmp.Or(cmp.Compare(b.sure(), a.sure()), cmp.Compare(a.Name, b.Name)) })
	for _, d := range list {
		p = append(p, d.Odds.P)
	}
	if q, ok := stats.Adjust(p); ok {
		for i := range q {
			list[i].Q = q[i]
		}
	}
	return list, skipped
}

// sure returns the smallest factor by which the odds differ, at the confidence level. It is below 1 if the interval contains 1.
func (d *Driver) sure() float64 { return max(d.Odds.Interval.Low, 1/d.Odds.Interval.High) }

// Grid returns one row for each value that can be evaluated.
func (s *DriverSums) Grid() metric.Grid {
	list, skipped := s.List()
	g := metric.Grid{Samples: s.Converted + s.Lost, LeftOut: skipped, Columns: []metric.Column{
		{Name: "name", Unit: "text"}, {Name: "customers", Unit: metric.UnitCount},
		{Name: "conversionWith", Unit: metric.UnitRatio}, {Name: "conversionWithout", Unit: metric.UnitRatio},
		{Name: "oddsRatio", Unit: metric.UnitRatio}, {Name: "low", Unit: metric.UnitRatio}, {Name: "high", Unit: metric.UnitRatio},
		{Name: "p", Unit: metric.UnitRatio}, {Name: "q", Unit: metric.UnitRatio},
	}}
	for _, d := range list {
		with, without := d.Table.WithConverted+d.Table.WithNot, d.Table.WithoutConverted+d.Table.WithoutNot
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{
			d.Name, number.Whole(with), number.Ratio(d.Table.WithConverted, with), number.Ratio(d.Table.WithoutConverted, without),
			number.Rounded(d.Odds.Ratio, 2), number.Rounded(d.Odds.Interval.Low, 2), number.Rounded(d.Odds.Interval.High, 2),
			number.Rounded(d.Odds.P, number.RatioDigits), number.Rounded(d.Q, number.RatioDigits),
		}})
	}
	return g
}
