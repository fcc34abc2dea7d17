// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// index knows where in a person's events something may happen to an attempt. Every entry is tried by itself, and without it each would look at
// all events of its window: a robot with thousands of entries would cost their square. With it an entry costs what it reaches, times a logarithm.
type index struct {
	// on says that the lists are those of the person at hand.
	on bool
	// least is the number of events from which on it is worth to make the lists.
	least int
	// stage has the events of each stage, further those of any stage after the first, excluded those of each exclusion, fromEntry those of any
	// exclusion that holds from the entry on.
	stage              [journey.MaxStages][]int32
	excluded           [journey.MaxExclusions][]int32
	further, fromEntry []int32
	// looked counts the events and instants that were looked at.
	looked int
}

// leastIndexed is where a plain search through the events starts to cost more than the lists.
const leastIndexed = 48

// locate makes the lists of a person, where the rules allow to use them: values to hold and a grace leave other events to each entry.
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

// leave forgets the lists: the next events may be others.
func (p *Progression) leave() { p.index.on = false }

// from returns the first place of a list at or after another; -1 if there is none.
func from(list []int32, place int) int {
	if i, _ := slices.BinarySearch(list, int32(place)); i < len(list) {
		return int(list[i])
	}
	return -1
}

// nextOf returns the first event at or after a place that fits any stage of a set; -1 if there is none.
func (w *index) nextOf(stages uint32, place int) int {
	next := -1
	for rest := stages; rest != 0; rest &= rest - 1 {
		w.looked++
		if at := from(w.stage[lowest(rest)], place); at >= 0 && (next < 0 || at < next) {
			next = at
		}
	}
	return next
}

// nextExcluded returns the first event of an exclusion in from <= place < to; -1 if there is none.
func (p *Progression) nextExcluded(events []journey.Event, x, place, to int) int {
	w := &p.index
	if w.on {
		w.looked++
		if place = from(w.excluded[x], place); place < to {
			return place
		}
		return -1
	}
	for ; place < to; place++ {
		w.looked++
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
		w.looked++
	}
	if found < 0 || events[found].Time > end {
		return -1
	}
	if further := from(w.further, start); further >= 0 && events[further].Time <= events[found].Time {
		return -1
	}
	return found
}

// skip returns the instant at or after event i at which a trace can come to somewhere new; false if there is none. At all others it
// stays what it is: stages that lie behind, or that it cannot reach yet, change nothing unless a stage has to follow within a time or the order is strict.
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

// news returns the stages by which a trace comes to a state that it has not come to yet.
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
