// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package breakdown

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// Group holds the sums over the customers with one value.
type Group struct {
	// Values by key. A text is empty if there is no value.
	Values []string
	// Other is set if the group combines several values.
	Other bool
	// Funnel of the customers. It has no channels and no personas.
	Funnel *funnel.Funnel
	// KPIs in the order of the plan; nil for those that do not use attempts only.
	KPIs []metric.OfAttempts
}

// Sums are the groups of one breakdown over one period.
type Sums struct {
	grouping *Grouping
	groups   map[uint32]*Group
	empty    func() *Group
}

// NewSums returns empty sums. Each group has a funnel, and the sums of the KPIs that use only attempts.
func NewSums(g *Grouping, kpis []metric.Named, c *metric.Context, p *progression.Progression) *Sums {
	return &Sums{grouping: g, groups: map[uint32]*Group{}, empty: func() *Group {
		group := &Group{Funnel: funnel.NewLean(c.Map, p), KPIs: make([]metric.OfAttempts, len(kpis))}
		for i, k := range kpis {
			if sums, err := k.Metric.NewSums(c); err == nil {
				group.KPIs[i], _ = sums.(metric.OfAttempts)
			}
		}
		return group
	}}
}

// Add adds a person's placements, which were found in those events.
func (s *Sums) Add(events []journey.Event, placements []Placement) {
	for i := range placements {
		p := &placements[i]
		g := s.group(p.value)
		g.Funnel.Add(events, &p.Attempt, p.Converted, 0)
		for _, k := range g.KPIs {
			if k != nil {
				k.AddAttempt(&p.Attempt)
			}
		}
	}
}

// group returns the group of a value, or "other" if there are too many groups.
func (s *Sums) group(value uint32) *Group {
	if g, ok := s.groups[value]; ok {
		return g
	}
	if value != 0 && len(s.groups) >= journey.MaxGroups {
		return s.group(0)
	}
	g := s.empty()
	g.Values, g.Other = s.grouping.texts(value), value == 0
	s.groups[value] = g
	return g
}

func (g *Group) merge(other *Group) {
	g.Funnel.Merge(other.Funnel)
	for i, k := range g.KPIs {
		if k != nil {
			k.Merge(other.KPIs[i])
		}
	}
}

// Merge adds the groups of the same breakdown over other persons.
func (s *Sums) Merge(other *Sums) {
	// Groups are merged in the order of their numbers, so it is deterministic which values are kept apart.
	for _, value := range other.numbers() {
		own := s.grouping.values.Number(other.grouping.values.Text(value))
		if value == 0 {
			own = 0
		}
		s.group(own).merge(other.groups[value])
	}
}

func (s *Sums) numbers() []uint32 {
	numbers := make([]uint32, 0, len(s.groups))
	for value := range s.groups {
		numbers = append(numbers, value)
	}
	slices.Sort(numbers)
	return numbers
}

// Values returns the number of distinct values that were kept apart.
func (s *Sums) Values() int {
	if _, ok := s.groups[0]; ok {
		return len(s.groups) - 1
	}
	return len(s.groups)
}

// Largest returns the n groups with the most customers, equal ones by value, followed by one group for the rest, if there is any. A customer who is
// in several groups of the rest counts once for each.
func (s *Sums) Largest(n int) []*Group {
	var list []*Group
	rest := s.empty()
	rest.Values, rest.Other = s.grouping.texts(0), true
	for _, value := range s.numbers() {
		if value == 0 {
			rest.merge(s.groups[value])
		} else {
			list = append(list, s.groups[value])
		}
	}
	slices.SortFunc(list, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(b.Funnel.Customers, a.Funnel.Customers), slices.Compare(a.Values, b.Values))
	})
	for _, g := range list[min(n, len(list)):] {
		rest.merge(g)
	}
	list = list[:min(n, len(list))]
	if rest.Funnel.Customers > 0 {
		list = append(list, rest)
	}
	return list
}

// Of returns the group of a value, or nil if there is none.
func (s *Sums) Of(values []string) *Group {
	for value, g := range s.groups {
		if value != 0 && slices.Equal(g.Values, values) {
			return g
		}
	}
	return nil
}

// Rest returns the number of customers of all groups that are not shown, and the number of those who converted.
func (s *Sums) Rest(shown []*Group) (customers, converted int64) {
	for value, g := range s.groups {
		same := func(x *Group) bool { return !x.Other && slices.Equal(x.Values, g.Values) }
		if value == 0 || !slices.ContainsFunc(shown, same) {
			customers += g.Funnel.Customers
			converted += g.Funnel.Converted
		}
	}
	return customers, converted
}
