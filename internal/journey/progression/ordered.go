// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// ordered finds the deepest attempt of a person in one pass, for any number of entries.
//
// Every entry starts an attempt; they are numbered in the order of their entries. The state of an attempt is the last stage reached and the number
// of optional stages among those reached. Two facts make one pass enough. First, an event can only help: once a state is reached, it stays
// reached. Second, what an attempt can reach, every earlier one whose window is still open can reach as well, with its own entry instead of the
// other's. The attempts that reached a state are therefore always a prefix of the list, without those that ran out of time, and one number for
// each state represents them all.
type ordered struct {
	entries []orderedEntry
	// reached[s][c] is the number of attempts at the front of the list that reached stage s with c optional stages.
	reached [journey.MaxStages][journey.MaxStages]int32
	// first[s][c] is the earliest attempt that ever reached the state, or -1.
	first [journey.MaxStages][journey.MaxStages]int32
	// expired is the number of attempts at the front of the list whose window has ended.
	expired int32
	find    assignment
}

// orderedEntry is the time of an entry and the first event of its group.
type orderedEntry struct {
	time  int64
	event int32
}

func (o *ordered) reset(stages int) {
	o.entries, o.expired = o.entries[:0], 0
	for s := range stages {
		o.reached[s] = [journey.MaxStages]int32{}
		for c := range stages {
			o.first[s][c] = -1
		}
	}
}

func (p *Progression) bestOrdered(events []journey.Event, from, to, limit int64) (journey.Attempt, bool) {
	// Events before the first entry have no effect, and many persons have no entry.
	start := firstEntry(events, from, to)
	if start < 0 {
		return journey.Attempt{}, false
	}
	if p.isSimple() {
		var a journey.Attempt
		if ok, known := p.bestSimple(events, start, to, limit, &a); known {
			return a, ok
		}
	}
	return p.bestGeneral(events, start, from, to, limit)
}

// bestGeneral is the case with optional stages and ties.
func (p *Progression) bestGeneral(events []journey.Event, start int, from, to, limit int64) (journey.Attempt, bool) {
	o := &p.ordered
	o.reset(p.stages)
	last, all := p.stages-1, bits.OnesCount32(p.optional)
	for i, next := start, 0; i < len(events) && events[i].Time <= limit; i = next {
		j := p.groupEnd(events, i)
		next = j
		now := events[i].Time
		if now < from {
			continue
		}
		mayEnter := now < to && (p.policy.Entry == journey.Best || len(o.entries) == 0)
		o.expire(now - p.window)
		if !mayEnter && int(o.expired) == len(o.entries) {
			break
		}
		if j-i == 1 {
			p.passOne(&events[i], int32(i), mayEnter)
		} else {
			p.passGroup(events[i:j], i, mayEnter)
		}
		if o.first[last][all] >= 0 {
			break
		}
	}
	entry, ok := p.deepest()
	if !ok {
		return journey.Attempt{}, false
	}
	return p.trace.run(p, events, int(o.entries[entry].event), limit), true
}

// firstEntry returns the first event of the instant at which an attempt can start in from <= t < to, or -1.
func firstEntry(events []journey.Event, from, to int64) int {
	for i := range events {
		switch {
		case events[i].Time >= to:
			return -1
		case events[i].Stages&1 != 0 && events[i].Time >= from:
			for i > 0 && events[i-1].Time == events[i].Time {
				i--
			}
			return i
		}
	}
	return -1
}

// expire ends the attempts that started before an instant.
func (o *ordered) expire(before int64) {
	for int(o.expired) < len(o.entries) && o.entries[o.expired].time < before {
		o.expired++
	}
}

// move makes the attempts before upTo reach a state, except those that have run out of time.
func (o *ordered) move(stage, optional int, upTo int32) {
	from := max(o.reached[stage][optional], o.expired)
	if upTo <= from {
		return
	}
	if o.first[stage][optional] < 0 {
		o.first[stage][optional] = from
	}
	o.reached[stage][optional] = upTo
}

// passOne processes an event that is alone at its instant. It goes through the stages from last to first, so that the event moves an attempt by only one stage.
func (p *Progression) passOne(e *journey.Event, index int32, mayEnter bool) {
	o := &p.ordered
	for rest := e.Stages; rest != 0; {
		s := bits.Len32(rest) - 1
		rest &^= 1 << s
		if s == 0 {
			if mayEnter {
				o.entries = append(o.entries, orderedEntry{time: e.Time, event: index})
				o.move(0, 0, int32(len(o.entries)))
			}
			return
		}
		own := int(p.optional >> s & 1)
		for before := s - 1; before >= 0; before-- {
			for c := range bits.OnesCount32(p.optional&(1<<(before+1)-1)) + 1 {
				o.move(s, c+own, o.reached[before][c])
			}
			if p.optional&(1<<before) == 0 {
				break
			}
		}
	}
}

// passGroup processes simultaneous events.
func (p *Progression) passGroup(group []journey.Event, index int, mayEnter bool) {
	union, single := describe(group)
	if union == 0 {
		return
	}
	o := &p.ordered
	before := o.reached
	entering := mayEnter && union&1 != 0
	if entering {
		o.entries = append(o.entries, orderedEntry{time: group[0].Time, event: int32(index)})
	}
	for rest := union; rest != 0; rest &= rest - 1 {
		s := lowest(rest)
		for from := s - 1; from >= noStage; from-- {
			if from == noStage && !entering {
				break
			}
			segmentsTo(from, s, p.optional, union, func(segment uint32) {
				if !o.find.matchable(group, index, segment, single) {
					return
				}
				own := bits.OnesCount32(segment & p.optional)
				if from == noStage {
					o.move(s, own, int32(len(o.entries)))
					return
				}
				for c := range bits.OnesCount32(p.optional&(1<<(from+1)-1)) + 1 {
					o.move(s, c+own, before[from][c])
				}
			})
		}
	}
}

// deepest returns the earliest attempt that reached the deepest state.
func (p *Progression) deepest() (entry int32, ok bool) {
	o := &p.ordered
	entry = -1
	var best journey.Attempt
	for s := range p.stages {
		required := bits.OnesCount32(^p.optional & (1<<(s+1) - 1))
		for c := range p.stages {
			candidate := journey.Attempt{Required: required, Optional: c}
			switch first := o.first[s][c]; {
			case first < 0:
			case entry < 0 || candidate.Deeper(&best), !best.Deeper(&candidate) && first < entry:
				entry, best = first, candidate
			}
		}
	}
	return entry, entry >= 0
}
