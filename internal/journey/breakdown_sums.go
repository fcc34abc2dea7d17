// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"slices"
)

// Group is what is known of the customers with one value.
type Group struct {
	// Values by key; empty texts for no value.
	Values []string
	// Other says that the group takes several values together.
	Other bool
	// Funnel of the customers. It has no channels and no personas.
	Funnel *Funnel
	// KPIs in the order of the plan; nil for those that do not look at attempts.
	KPIs []OfAttempts
}

// BreakdownSums are the groups of one breakdown over one period.
type BreakdownSums struct {
	breakdown *breakdown
	personas  []string
	groups    map[uint32]*Group
	empty     func() *Group
}

// newBreakdownSums gives empty sums.
func (e *Engine) newBreakdownSums(index int, c *Context) *BreakdownSums {
	return &BreakdownSums{
		breakdown: e.breakdowns[index], groups: map[uint32]*Group{},
		personas: append(slices.Clone(e.personas.names), OtherName),
		empty: func() *Group {
			g := &Group{Funnel: NewLeanFunnel(&e.plan.Map, e.progression), KPIs: make([]OfAttempts, len(e.plan.KPIs))}
			for i, k := range e.plan.KPIs {
				if sums, err := k.Metric.NewSums(c); err == nil {
					g.KPIs[i], _ = sums.(OfAttempts)
				}
			}
			return g
		},
	}
}

// take adds a person's placements.
func (s *BreakdownSums) take(person *Person, placements []Placement) {
	for i := range placements {
		p := &placements[i]
		g := s.group(p.value)
		g.Funnel.Add(person, &p.Attempt, p.Converted, 0)
		for _, k := range g.KPIs {
			if k != nil {
				k.AddAttempt(&p.Attempt)
			}
		}
	}
}

// group of a value; that of "other" when there are too many.
func (s *BreakdownSums) group(value uint32) *Group {
	if g, ok := s.groups[value]; ok {
		return g
	}
	if value != 0 && len(s.groups) >= MaxGroups {
		return s.group(0)
	}
	g := s.empty()
	g.Values, g.Other = s.breakdown.texts(value), value == 0
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

// merge adds the groups of the same breakdown over other persons.
func (s *BreakdownSums) merge(other *BreakdownSums) {
	// In the order of their numbers, so that which values are kept apart does not hang on chance.
	for _, value := range other.numbers() {
		own := s.breakdown.values.Number(other.breakdown.values.Text(value))
		if value == 0 {
			own = 0
		}
		s.group(own).merge(other.groups[value])
	}
}

func (s *BreakdownSums) numbers() []uint32 {
	numbers := make([]uint32, 0, len(s.groups))
	for value := range s.groups {
		numbers = append(numbers, value)
	}
	slices.Sort(numbers)
	return numbers
}

// Values is the number of different values that were kept apart.
func (s *BreakdownSums) Values() int {
	if _, ok := s.groups[0]; ok {
		return len(s.groups) - 1
	}
	return len(s.groups)
}

// Largest gives the groups with most customers, at most n, equal ones by value, and after them one for the rest, if there is any. A customer
// who is in several groups of the rest counts there once for each.
func (s *BreakdownSums) Largest(n int) []*Group {
	var list []*Group
	rest := s.empty()
	rest.Values, rest.Other = s.breakdown.texts(0), true
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

// Of gives the group of some values, nil when there is none.
func (s *BreakdownSums) Of(values []string) *Group {
	for value, g := range s.groups {
		if value != 0 && slices.Equal(g.Values, values) {
			return g
		}
	}
	return nil
}

// Rest counts the customers, and those of them who converted, of all groups whose values are not among those shown.
func (s *BreakdownSums) Rest(shown []*Group) (customers, converted int64) {
	for value, g := range s.groups {
		same := func(x *Group) bool { return !x.Other && slices.Equal(x.Values, g.Values) }
		if value == 0 || !slices.ContainsFunc(shown, same) {
			customers += g.Funnel.Customers
			converted += g.Funnel.Converted
		}
	}
	return customers, converted
}

// breakDown puts the person of a view into the groups of all breakdowns.
func (e *Engine) breakDown(eval *Evaluation, v *View) {
	if len(e.breakdowns) == 0 {
		return
	}
	v.Groups = e.placed[:0]
	for i, sums := range eval.Breakdowns {
		placements := e.placers[i].place(i, sums.personas, v)
		sums.take(v.Person, placements)
		v.Groups = append(v.Groups, placements)
	}
	e.placed = v.Groups
}
