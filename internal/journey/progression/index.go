// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// index holds the positions in a person's events at which something can happen to an attempt. Every entry is tried separately, and without the index
// each try would read all events of its window, which is quadratic for a robot with thousands of entries. With it, an entry costs what it reaches,
// times a logarithm.
type index struct {
	// on is set if the lists are those of the current person.
	on bool
	// least is the number of events from which the lists are worthwhile.
	least int
	// stage holds the events of each stage, further those of any stage after the first, excluded those of each exclusion, and fromEntry those of any
	// exclusion that applies from the entry on.
	stage              [journey.MaxStages][]int32
	excluded           [journey.MaxExclusions][]int32
	further, fromEntry []int32
	// looked counts the events and instants that were read.
	looked int
}

// look counts an event or instant.
func (w *index) look() { w.looked++ }

// leastIndexed is the number of events from which a plain search costs more than the lists.
const leastIndexed = 48

// locate builds the lists of a person, if the rules allow their use: with held constants and a grace, each entry has other events.
func (p *Progression) locate(events []journey.Event) {
	w := &p.index
	if w.on = len(events) >= w.least && len(p.policy.HoldConstant) == 0 && p.grace == 0; !w.on {
		return
	}
	for i := range w.stage {
		w.stage[i] = w.stage[i][:0]
	}
	for i := range w.excluded {
		w.excluded[i] = w.excluded[i][:0]
	}
	w.further, w.fromEntry = w.further[:0], w.fromEntry[:0]
	for i := range events {
		e, at := &events[i], int32(i)
		for rest := e.Stages; rest != 0; rest &= rest - 1 {
			s := lowest(rest)
			w.stage[s] = append(w.stage[s], at)
		}
		if e.Stages > 1 {
			w.further = append(w.further, at)
		}
		for x := range w.excluded {
			if e.Excluded&(1<<x) != 0 {
				w.excluded[x] = append(w.excluded[x], at)
			}
		}
		if e.Excluded&p.fromEntry != 0 {
			w.fromEntry = append(w.fromEntry, at)
		}
	}
}

// leave invalidates the lists, because the next events can be different.
func (p *Progression) leave() { p.index.on = false }

// from returns the first entry of a list that is at or after a position, or -1.
func from(list []int32, place int) int {
	if i, _ := slices.BinarySearch(list, int32(place)); i < len(list) {
		return int(list[i])
	}
	return -1
}

// nextOf returns the first event at or after a position that fits any stage of a set, or -1.
func (w *index) nextOf(stages uint32, place int) int {
	next := -1
	for rest := stages; rest != 0; rest &= rest - 1 {
		w.look()
		if at := from(w.stage[lowest(rest)], place); at >= 0 && (next < 0 || at < next) {
			next = at
		}
	}
	return next
}

// nextExcluded returns the first event of an exclusion in from <= index < to, or -1.
func (p *Progression) nextExcluded(events []journey.Event, x, place, to int) int {
	w := &p.index
	if w.on {
		w.look()
		if place = from(w.excluded[x], place); place < to {
			return place
		}
		return -1
	}
	for ; place < to; place++ {
		w.look()
		if events[place].Excluded&(1<<x) != 0 {
			return place
		}
	}
	return -1
}

// doomedByIndex is doomed with the index: the first event that excludes from the entry on discards the attempt, unless one of a further stage comes
// before it or at its instant.
func (p *Progression) doomedByIndex(events []journey.Event, i, start int, end int64) int {
	w := &p.index
	found := from(w.fromEntry, start)
	for ; found >= 0 && events[found].Time <= end && !p.follows(events, i, found); found = from(w.fromEntry, found+1) {
		w.look()
	}
	if found < 0 || events[found].Time > end {
		return -1
	}
	if further := from(w.further, start); further >= 0 && events[further].Time <= events[found].Time {
		return -1
	}
	return found
}

// skip returns the first instant at or after event i at which a trace can reach a new state; false if there is none. It does not change at other
// instants: earlier stages, or those that it cannot reach yet, change nothing unless a stage has a time limit or the order is strict.
func (c *trace) skip(p *Progression, events []journey.Event, i int) (int, bool) {
	if !p.index.on || p.within != nil || p.policy.Order != journey.Ordered {
		return i, true
	}
	next := p.index.nextOf(c.news(p), i)
	if next < 0 {
		return 0, false
	}
	for p.policy.Ties != journey.Exact && next > i && events[next-1].Time == events[next].Time {
		next--
	}
	return next, true
}

// news returns the stages by which a trace reaches a new state.
func (c *trace) news(p *Progression) uint32 {
	var stages uint32
	for _, at := range c.alive {
		n := c.nodes[at]
		for s := n.stage + 1; int(s) < p.stages; s++ {
			optional := int8(p.optional >> s & 1)
			if c.inState(c.alive, node{stage: s, optional: n.optional + optional}) < 0 {
				stages |= 1 << s
			}
			if optional == 0 {
				break
			}
		}
	}
	return stages
}
