// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"slices"
)

// maxOwnValues is the number of values of one person that the attribution Stage looks at one by one; further ones of the person are taken
// together as "other". It bounds the work for a person whose value differs with every event.
const maxOwnValues = 64

// Placement says that a person is in a group of a breakdown, with an attempt.
type Placement struct {
	// Attempt that counts in the group.
	Attempt Attempt
	// Converted says that it reached the goal.
	Converted bool
	// value is the number of the group's value in breakdown.
	value     uint32
	breakdown *breakdown
}

// Values of the group, by key.
func (p *Placement) Values() []string { return p.breakdown.texts(p.value) }

// placer finds the groups of a person. It keeps scratch memory.
type placer struct {
	breakdown  *breakdown
	placements []Placement
	events     []Event
	order      []int32
	own        []uint16
	found      []Attempt
}

// place gives the groups that the person of the view is in.
func (p *placer) place(i int, personas []string, v *View) []Placement {
	b := p.breakdown
	p.placements = p.placements[:0]
	switch {
	case b.by == ByPersona:
		for i := range v.Attempts {
			p.add(v, &v.Attempts[i].Attempt, b.values.Number(personas[v.Attempts[i].Persona]))
		}
	case b.attribution == AllValues:
		p.placeAll(i, v)
	case b.byPlace:
		p.placeByPlace(i, b.stage, v)
	case b.attribution == StageValue:
		p.placeByStage(i, b.stage, v)
	case v.Attempt != nil:
		value := edgeValue(i, v, b.attribution == LastValue)
		for i := range v.Attempts {
			p.add(v, &v.Attempts[i].Attempt, value)
		}
	}
	return p.placements
}

func (p *placer) add(v *View, a *Attempt, value uint32) {
	p.placements = append(p.placements, Placement{Attempt: *a, Converted: v.Progression.Converted(a), value: value, breakdown: p.breakdown})
}

// edgeValue gives the first or the last value that is not empty, over the events of stages in the analysed time.
func edgeValue(i int, v *View, last bool) uint32 {
	events := v.Person.Events
	for k := range events {
		if last {
			k = len(events) - 1 - k
		}
		e := &events[k]
		if e.Stages != 0 && v.inSpan(e.Time) && e.Groups[i] != noValue {
			return uint32(e.Groups[i])
		}
	}
	return noValue
}

// inSpan says whether a mature attempt could use an event of that time.
func (v *View) inSpan(t int64) bool {
	return t >= v.Period.From && t <= v.Period.SpanEnd(v.Progression.policy)
}

// placeAll runs the funnel over the events of each value by themselves.
func (p *placer) placeAll(i int, v *View) {
	events := v.Person.Events
	strict := v.Progression.policy.Order == Strict
	p.order = p.order[:0]
	for k := range events {
		if v.inSpan(events[k].Time) && (strict || events[k].Stages != 0 || events[k].Excluded != 0) {
			p.order = append(p.order, int32(k))
		}
	}
	slices.SortStableFunc(p.order, func(a, b int32) int { return cmp.Compare(events[a].Groups[i], events[b].Groups[i]) })
	for rest := p.order; len(rest) > 0; {
		value, n := events[rest[0]].Groups[i], 1
		for n < len(rest) && events[rest[n]].Groups[i] == value {
			n++
		}
		p.events = p.events[:0]
		for _, k := range rest[:n] {
			p.events = append(p.events, events[k])
		}
		for _, a := range p.attempts(v) {
			for s := range a.Event {
				if a.Has(s) {
					a.Event[s] = rest[a.Event[s]]
				}
			}
			p.add(v, &a, uint32(value))
		}
		rest = rest[n:]
	}
}

// placeByStage runs the funnel once for each value that the person has at the stage, with that stage open to events of the value only.
func (p *placer) placeByStage(i, stage int, v *View) {
	events := v.Person.Events
	p.own = p.own[:0]
	for k := range events {
		e := &events[k]
		if e.Stages&(1<<stage) != 0 && v.inSpan(e.Time) && !slices.Contains(p.own, e.Groups[i]) && len(p.own) < maxOwnValues {
			p.own = append(p.own, e.Groups[i])
		}
	}
	if len(p.own) == maxOwnValues && !slices.Contains(p.own, 0) {
		p.own = append(p.own, 0)
	}
	for _, value := range p.own {
		p.events = append(p.events[:0], events...)
		for k := range p.events {
			own := p.events[k].Groups[i]
			if !slices.Contains(p.own, own) {
				own = 0
			}
			if own != value {
				p.events[k].Stages &^= 1 << stage
			}
		}
		for _, a := range p.attempts(v) {
			if a.Has(stage) {
				p.add(v, &a, uint32(value))
			}
		}
	}
}

// placeByPlace looks at the event of the attempt that came at a place, counted from 0 in time: the attempt counts under its value. Under each other
// value of the person's events, one stage counts.
func (p *placer) placeByPlace(i, place int, v *View) {
	if v.Attempt == nil || v.Attempt.Depth() <= place {
		return
	}
	events := v.Person.Events
	var taken []int32
	for rest := v.Attempt.Stages; rest != 0; rest &= rest - 1 {
		taken = append(taken, v.Attempt.Event[lowest(rest)])
	}
	slices.Sort(taken)
	whole := events[taken[place]].Groups[i]
	p.add(v, v.Attempt, uint32(whole))
	p.own = append(p.own[:0], whole)
	for k := range events {
		e := &events[k]
		if e.Stages == 0 || !v.inSpan(e.Time) || slices.Contains(p.own, e.Groups[i]) || len(p.own) > maxOwnValues {
			continue
		}
		p.own = append(p.own, e.Groups[i])
		if a, ok := v.best(events[k : k+1]); ok {
			a.Event[lowest(a.Stages)] = int32(k)
			p.add(v, &a, uint32(e.Groups[i]))
		}
	}
}

// best gives the mature attempt that counts over other events than those of the person.
func (v *View) best(events []Event) (Attempt, bool) {
	return v.Progression.Best(events, v.Period.From, v.Period.To, v.Period.Limit)
}

// attempts gives the mature attempts that count over the placer's events instead of those of the person.
func (p *placer) attempts(v *View) []Attempt {
	p.found, _ = v.Progression.All(v.Period.From, p.events, v.Period.From, v.Period.To, v.Period.Limit, p.found[:0])
	return p.found
}
