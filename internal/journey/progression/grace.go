// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// grace follows one attempt if the policy has a grace: an event can enter a stage although it happened a little before the event of the previous
// stage. For each stage it uses the first event that is not used yet and is not further back than the grace. If every event is in one stage only,
// this gives the deepest chain; if events fit several stages, the first one is used.
type grace struct {
	// reached[s][c] is the chain that reached stage s with c optional stages and has the earliest event there.
	reached [journey.MaxStages][journey.MaxStages]link
}

// link is a chain of stages.
type link struct {
	ok     bool
	time   int64 // of the last stage
	stages uint32
	events [journey.MaxStages]int32
}

// earlier compares two chains with the same number of stages from their ends.
func (l *link) earlier(m *link, events []journey.Event) bool {
	for a, b := l.stages, m.stages; a != 0 && b != 0; {
		s, t := bits.Len32(a)-1, bits.Len32(b)-1
		if x, y := events[l.events[s]].Time, events[m.events[t]].Time; x != y {
			return x < y
		}
		a, b = a&^(1<<s), b&^(1<<t)
	}
	return false
}

func (l *link) uses(event int32) bool {
	for rest := l.stages; rest != 0; rest &= rest - 1 {
		if l.events[lowest(rest)] == event {
			return true
		}
	}
	return false
}

// run follows the attempt that starts with event start. since is the beginning of the range if conversions have to be inside it.
func (f *grace) run(p *Progression, events []journey.Event, start int, since, limit int64) journey.Attempt {
	entry := events[start].Time
	f.reached = [journey.MaxStages][journey.MaxStages]link{}
	first := link{ok: true, time: entry, stages: 1}
	first.events[0] = int32(start)
	f.reached[0][0] = first
	last := min(limit, entry+p.window)
	if p.policy.Conversions != journey.InRange {
		since = entry - p.Lead()
	}
	best := &first
	for s := 1; s < p.stages; s++ {
		own := int(p.optional >> s & 1)
		for before := s - 1; before >= 0; before-- {
			for c := range s {
				if l := &f.reached[before][c]; l.ok {
					f.extend(p, events, l, s, c+own, since, last)
				}
			}
			if p.optional&(1<<before) == 0 {
				break
			}
		}
		for c := range s + 1 {
			if l := &f.reached[s][c]; p.deeperLink(l, best, events) {
				best = l
			}
		}
	}
	return journey.Attempt{
		Entry: entry, Stages: best.stages, Event: best.events,
		Required: bits.OnesCount32(best.stages &^ p.optional), Optional: bits.OnesCount32(best.stages & p.optional),
	}
}

// extend extends a chain by a stage.
func (f *grace) extend(p *Progression, events []journey.Event, l *link, s, optional int, since, last int64) {
	for i := indexFrom(events, max(since, l.time-p.grace)); i < len(events) && events[i].Time <= last; i++ {
		p.index.look()
		if events[i].Stages&(1<<s) == 0 || l.uses(int32(i)) {
			continue
		}
		longer := *l
		longer.time, longer.stages = events[i].Time, l.stages|1<<s
		longer.events[s] = int32(i)
		if at := &f.reached[s][optional]; !at.ok || longer.earlier(at, events) {
			*at = longer
		}
		return
	}
}

// indexFrom returns the first event at or after an instant.
func indexFrom(events []journey.Event, time int64) int {
	low, high := 0, len(events)
	for low < high {
		if middle := (low + high) / 2; events[middle].Time < time {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

func (p *Progression) deeperLink(a, b *link, events []journey.Event) bool {
	x, y := bits.OnesCount32(a.stages&^p.optional), bits.OnesCount32(b.stages&^p.optional)
	if x != y {
		return x > y
	}
	if x, y = bits.OnesCount32(a.stages), bits.OnesCount32(b.stages); x != y {
		return x > y
	}
	return a.earlier(b, events)
}
