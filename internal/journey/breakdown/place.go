// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package breakdown

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// MaxOwnValues is the number of values of one person that the attribution Stage evaluates separately; any further ones of the person are combined as
// "other". It limits the work for a person whose value differs with every event.
const MaxOwnValues = 64

// Placement is the membership of a person in a group of a breakdown, with an attempt.
type Placement struct {
	// Attempt that counts in the group.
	Attempt journey.Attempt
	// Converted reports whether it reached the goal.
	Converted bool
	// value is the number of the group's value in the grouping.
	value    uint32
	grouping *Grouping
}

// Values returns the value of the group, by key.
func (p *Placement) Values() []string { return p.grouping.texts(p.value) }

// Place returns the groups of the person in the view. They are valid until the next call.
func (g *Grouping) Place(v *metric.View) []Placement {
	g.placements = g.placements[:0]
	g.from, g.to = v.Period.From, v.Period.SpanEnd(*v.Progression.Policy())
	switch {
	case g.by == journey.ByPersona:
		for i := range v.Attempts {
			g.add(v, &v.Attempts[i].Attempt, g.values.Number(g.personas[v.Attempts[i].Persona]))
		}
	case g.attribution == journey.AllValues:
		g.placeAll(v)
	case g.byPlace:
		g.placeByPlace(v)
	case g.attribution == journey.StageValue:
		g.placeByStage(v)
	case v.Attempt != nil:
		value := g.edgeValue(v.Person.Events)
		for i := range v.Attempts {
			g.add(v, &v.Attempts[i].Attempt, value)
		}
	}
	return g.placements
}

func (g *Grouping) add(v *metric.View, a *journey.Attempt, value uint32) {
	g.placements = append(g.placements, Placement{Attempt: *a, Converted: v.Progression.Converted(a), value: value, grouping: g})
}

// edgeValue returns the first or the last nonempty value, over the events of stages in the analysed time.
func (g *Grouping) edgeValue(events []journey.Event) uint32 {
	for k := range events {
		if g.attribution == journey.LastValue {
			k = len(events) - 1 - k
		}
		e := &events[k]
		if e.Stages != 0 && g.inSpan(e.Time) && e.Groups[g.number] != noValue {
			return uint32(e.Groups[g.number])
		}
	}
	return noValue
}

// inSpan reports whether a mature attempt can use an event at that time.
func (g *Grouping) inSpan(t int64) bool { return t >= g.from && t <= g.to }

// placeAll runs the funnel separately over the events of each value.
func (g *Grouping) placeAll(v *metric.View) {
	i := g.number
	events := v.Person.Events
	g.order = g.order[:0]
	for k := range events {
		if g.inSpan(events[k].Time) && (g.strict || events[k].Stages != 0 || events[k].Excluded != 0) {
			g.order = append(g.order, int32(k))
		}
	}
	slices.SortStableFunc(g.order, func(a, b int32) int { return cmp.Compare(events[a].Groups[i], events[b].Groups[i]) })
	for rest := g.order; len(rest) > 0; {
		value, n := events[rest[0]].Groups[i], 1
		for n < len(rest) && events[rest[n]].Groups[i] == value {
			n++
		}
		g.events = g.events[:0]
		for _, k := range rest[:n] {
			g.events = append(g.events, events[k])
		}
		for _, a := range g.attempts(v) {
			for s := range a.Event {
				if a.Has(s) {
					a.Event[s] = rest[a.Event[s]]
				}
			}
			g.add(v, &a, uint32(value))
		}
		rest = rest[n:]
	}
}

// placeByStage runs the funnel once for each value that the person has at the stage. Only events of that value can then enter the stage.
func (g *Grouping) placeByStage(v *metric.View) {
	i, stage := g.number, g.stage
	events := v.Person.Events
	g.own = g.own[:0]
	for k := range events {
		e := &events[k]
		if e.Stages&(1<<stage) != 0 && g.inSpan(e.Time) && !slices.Contains(g.own, e.Groups[i]) && len(g.own) < MaxOwnValues {
			g.own = append(g.own, e.Groups[i])
		}
	}
	if len(g.own) == MaxOwnValues && !slices.Contains(g.own, 0) {
		g.own = append(g.own, 0)
	}
	for _, value := range g.own {
		g.events = append(g.events[:0], events...)
		for k := range g.events {
			own := g.events[k].Groups[i]
			if !slices.Contains(g.own, own) {
				own = 0
			}
			if own != value {
				g.events[k].Stages &^= 1 << stage
			}
		}
		for _, a := range g.attempts(v) {
			if a.Has(stage) {
				g.add(v, &a, uint32(value))
			}
		}
	}
}

// placeByPlace uses the n-th event of the attempt in time, counted from 0. The attempt counts under its value. Under each other value of the person's
// events, one stage counts.
func (g *Grouping) placeByPlace(v *metric.View) {
	i, place := g.number, g.stage
	if v.Attempt == nil || v.Attempt.Depth() <= place {
		return
	}
	events := v.Person.Events
	var taken []int32
	for rest := v.Attempt.Stages; rest != 0; rest &= rest - 1 {
		taken = append(taken, v.Attempt.Event[bits.TrailingZeros32(rest)])
	}
	slices.Sort(taken)
	whole := events[taken[place]].Groups[i]
	g.add(v, v.Attempt, uint32(whole))
	g.own = append(g.own[:0], whole)
	for k := range events {
		e := &events[k]
		if e.Stages == 0 || !g.inSpan(e.Time) || slices.Contains(g.own, e.Groups[i]) || len(g.own) > MaxOwnValues {
			continue
		}
		g.own = append(g.own, e.Groups[i])
		if a, ok := v.Progression.Best(events[k:k+1], v.Period.From, v.Period.To, v.Period.Limit); ok {
			a.Event[bits.TrailingZeros32(a.Stages)] = int32(k)
			g.add(v, &a, uint32(e.Groups[i]))
		}
	}
}

// attempts returns the mature attempts that count over the selected events instead of all events of the person.
func (g *Grouping) attempts(v *metric.View) []journey.Attempt {
	g.found, _ = v.Progression.All(v.Period.From, g.events, v.Period.From, v.Period.To, v.Period.Limit, g.found[:0])
	return g.found
}
