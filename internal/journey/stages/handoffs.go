// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stages

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Handoffs counts how customers go from one channel to another, and how many of those reach the goal. It uses the counted mature attempts, and pairs
// of consecutive events that make a touchpoint of the map, from the entry to the goal, or to the end of the window.
type Handoffs struct{ metric.NoHits }

// MaxHandoffs is the number of pairs of channels that one run keeps apart; any further ones are counted as "other".
const MaxHandoffs = 4_096

// Since returns the time from which the metric needs events.
func (Handoffs) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// NewSums returns empty sums. An error names the invalid field.
func (Handoffs) NewSums(c *metric.Context) (metric.Sums, error) {
	return &HandoffSums{channels: c.Channels, window: c.Policy.Window.Microseconds(), pairs: map[[2]uint32]*handoffSums{}}, nil
}

// HandoffSums counts the customers of a Handoffs.
type HandoffSums struct {
	// Customers with a counted attempt.
	Customers int64

	channels *journey.Texts
	window   int64
	pairs    map[[2]uint32]*handoffSums
	seen     [][2]uint32
}

type handoffSums struct{ customers, converted int64 }

// AddPerson adds a person.
func (s *HandoffSums) AddPerson(v *metric.View) {
	if v.Attempt == nil {
		return
	}
	s.Customers++
	events := v.Person.Events
	first, last := wayOf(v, s.window)
	s.seen = s.seen[:0]
	before := -1
	for i := first; i <= last; i++ {
		if events[i].Stages == 0 {
			continue
		}
		if before >= 0 && events[before].Channel != events[i].Channel {
			pair := [2]uint32{events[before].Channel, events[i].Channel}
			if !slices.Contains(s.seen, pair) {
				s.seen = append(s.seen, pair)
			}
		}
		before = i
	}
	for _, pair := range s.seen {
		sums := s.sums(pair)
		sums.customers++
		if v.Converted {
			sums.converted++
		}
	}
}

// wayOf returns the first and the last event of an attempt: up to the goal if it was reached, otherwise up to the end of the window.
func wayOf(v *metric.View, window int64) (first, last int) {
	events, goal := v.Person.Events, -1
	first = len(events)
	for rest := v.Attempt.Stages; rest != 0; rest &= rest - 1 {
		s := bits.TrailingZeros32(rest)
		first = min(first, int(v.Attempt.Event[s]))
		if s <= v.Progression.Goal() {
			goal = max(goal, int(v.Attempt.Event[s]))
		}
	}
	if v.Converted {
		return first, goal
	}
	end := min(v.Attempt.Entry+window, v.Period.Limit)
	for last = first; last+1 < len(events) && events[last+1].Time <= end; {
		last++
	}
	return first, last
}

func (s *HandoffSums) sums(pair [2]uint32) *handoffSums {
	if s.pairs[pair] == nil {
		if len(s.pairs) >= MaxHandoffs {
			pair = [2]uint32{}
		}
		if s.pairs[pair] == nil {
			s.pairs[pair] = &handoffSums{}
		}
	}
	return s.pairs[pair]
}

// Merge adds the customers of another.
func (s *HandoffSums) Merge(other metric.Sums) {
	o := other.(*HandoffSums)
	s.Customers += o.Customers
	for pair, sums := range o.pairs {
		here := s.sums([2]uint32{s.channels.Number(o.channels.Text(pair[0])), s.channels.Number(o.channels.Text(pair[1]))})
		here.customers += sums.customers
		here.converted += sums.converted
	}
}

// Handoff is a pair of channels to show.
type Handoff struct {
	// From and To are the channels.
	From, To string
	// Customers who went from one to the other, and Converted: the number of those who reached the goal.
	Customers, Converted int64
}

// List returns the n pairs with the most customers, equal ones by name.
func (s *HandoffSums) List(n int) []Handoff {
	var list []Handoff
	for pair, sums := range s.pairs {
		list = append(list, Handoff{From: s.channels.Text(pair[0]), To: s.channels.Text(pair[1]), Customers: sums.customers, Converted: sums.converted})
	}
	slices.SortFunc(list, func(a, b Handoff) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return list[:min(n, len(list))]
}

// Grid lists all pairs.
func (s *HandoffSums) Grid() metric.Grid {
	g := metric.Grid{Samples: s.Customers, Columns: []metric.Column{
		{Name: "from", Unit: "text"}, {Name: "to", Unit: "text"}, {Name: "customers", Unit: metric.UnitCount}, {Name: "conversion", Unit: metric.UnitRatio},
	}}
	for _, h := range s.List(len(s.pairs)) {
		g.Rows = append(g.Rows, metric.GridRow{Values: []string{h.From, h.To, number.Whole(h.Customers), number.Ratio(h.Converted, h.Customers)}})
	}
	return g
}
