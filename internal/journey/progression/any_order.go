// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// anyOrder finds the window with the most stages, in any order. An attempt starts with any event of any stage.
//
// The largest set of stages that distinct events of a window can enter always has a solution that uses the first event of the window. It is
// therefore enough to consider the windows that start with an event.
type anyOrder struct {
	counts []maskCount
	alike  []journey.Event
	tail   int // the first event after the window
	find   assignment
}

// maskCount counts the events of the window that can enter the same stages.
type maskCount struct {
	stages uint32
	count  int
}

func (p *Progression) bestAny(events []journey.Event, from, to, limit int64) (best journey.Attempt, ok bool) {
	w := &p.any
	w.counts, w.tail = w.counts[:0], 0
	start := -1
	for i, j := 0, 0; i < len(events) && events[i].Time <= min(to-1, limit); i = j {
		j = w.slide(events, i, min(limit, events[i].Time+p.window))
		if union, _ := describe(events[i:j]); events[i].Time >= from && union != 0 {
			if w.bound(p).Deeper(&best) {
				if a := w.deepest(p); a.Deeper(&best) {
					best, start = a, i
					best.Entry = events[i].Time
				}
			}
			if p.policy.Entry == journey.First || best.Depth() == p.stages {
				break
			}
		}
		for k := i; k < j; k++ {
			w.add(events[k].Stages, -1)
		}
	}
	if start < 0 {
		return best, false
	}
	w.assign(p, &best, events[start:], start, limit)
	return best, true
}

// slide adds the events up to an instant to the window that starts with event i, and returns the end of its first instant.
func (w *anyOrder) slide(events []journey.Event, i int, last int64) (end int) {
	for w.tail = max(w.tail, i); w.tail < len(events) && events[w.tail].Time <= last; w.tail++ {
		w.add(events[w.tail].Stages, 1)
	}
	for end = i + 1; end < len(events) && events[end].Time == events[i].Time; end++ {
	}
	return end
}

func (w *anyOrder) add(stages uint32, n int) {
	if stages == 0 {
		return
	}
	for i := range w.counts {
		if w.counts[i].stages == stages {
			w.counts[i].count += n
			return
		}
	}
	w.counts = append(w.counts, maskCount{stages: stages, count: n})
}

// bound returns an upper bound for the depth of the window. It is cheap, and exact if no event can enter two stages.
func (w *anyOrder) bound(p *Progression) *journey.Attempt {
	var union uint32
	for _, m := range w.counts {
		if m.count > 0 {
			union |= m.stages
		}
	}
	return &journey.Attempt{Required: bits.OnesCount32(union &^ p.optional), Optional: bits.OnesCount32(union & p.optional)}
}

// deepest returns the set of stages that counts, and their number.
func (w *anyOrder) deepest(p *Progression) journey.Attempt {
	set := w.stages(p)
	return journey.Attempt{Stages: set, Required: bits.OnesCount32(set &^ p.optional), Optional: bits.OnesCount32(set & p.optional)}
}

// stages returns the set of stages that counts: the most required ones, then the most optional ones, then the first in the map.
func (w *anyOrder) stages(p *Progression) uint32 {
	// Events that can enter the same stages are interchangeable, and more of them than there are stages are not needed.
	w.alike = w.alike[:0]
	for _, m := range w.counts {
		for range min(m.count, p.stages) {
			w.alike = append(w.alike, journey.Event{Stages: m.stages})
		}
	}
	_, single := describe(w.alike)
	var set uint32
	for _, wanted := range [2]uint32{^p.optional, p.optional} {
		for rest := wanted & (1<<p.stages - 1); rest != 0; rest &= rest - 1 {
			if s := uint32(1) << lowest(rest); w.find.matchable(w.alike, 0, set|s, single) {
				set |= s
			}
		}
	}
	return set
}

// assign assigns events to the stages of the attempt: the earliest possible combination.
func (w *anyOrder) assign(p *Progression, a *journey.Attempt, events []journey.Event, first int, limit int64) {
	last := min(limit, a.Entry+p.window)
	var owner [journey.MaxStages]int
	for s := range owner {
		owner[s] = -1
	}
	missing := a.Depth()
	for i := 0; i < len(events) && events[i].Time <= last && missing > 0; i++ {
		var seen uint32
		if events[i].Stages&a.Stages != 0 && claim(events, i, a.Stages, &owner, &seen) {
			missing--
		}
	}
	for rest := a.Stages; rest != 0; rest &= rest - 1 {
		a.Event[lowest(rest)] = int32(first + owner[lowest(rest)])
	}
}
