// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// orderedSimple finds the deepest attempt for the rules of most maps: stages in order, none of them optional, and no two events of stages at one
// instant (or ties in order of arrival). Its results equal those of ordered and trace, without their general states.
type orderedSimple struct {
	entries []orderedEntry
	// reached[s] is the number of attempts at the front of the list that reached stage s, and first[s] the earliest one that ever did.
	reached, first [journey.MaxStages]int32
	// expired is the number of attempts at the front of the list whose window has ended.
	expired int32
}

// isSimple reports whether the policy is simple enough for orderedSimple.
func (p *Progression) isSimple() bool {
	return p.plain && p.policy.Order == journey.Ordered && p.optional == 0
}

// appendBest appends the result of Best, which is built in place because attempts are large.
func (p *Progression) appendBest(events []journey.Event, from, to, limit int64, list []journey.Attempt) []journey.Attempt {
	start := firstEntry(events, from, to)
	if start < 0 {
		return list
	}
	list = append(list, journey.Attempt{})
	a := &list[len(list)-1]
	ok, known := p.bestSimple(events, start, to, limit, a)
	if !known {
		*a, ok = p.bestGeneral(events, start, from, to, limit)
	}
	if !ok {
		return list[:len(list)-1]
	}
	return list
}

// bestSimple fills in the attempt that counts, of those that start at index start, where the first entry is, or later. ok is false if there is none.
// known is false if there are ties, so that the general case has to be used.
func (p *Progression) bestSimple(events []journey.Event, start int, to, limit int64, a *journey.Attempt) (ok, known bool) {
	w := &p.simple
	w.reset(p.stages)
	last := p.stages - 1
	ties, before := p.policy.Ties != journey.Exact, events[start].Time-1
	for i := start; i < len(events) && w.first[last] < 0; i++ {
		e := &events[i]
		now := e.Time
		if now > limit {
			break
		}
		if e.Stages == 0 {
			continue
		}
		if ties && now == before {
			return false, false
		}
		before = now
		w.expire(now - p.window)
		mayEnter := now < to && (p.policy.Entry == journey.Best || len(w.entries) == 0)
		if !mayEnter && int(w.expired) == len(w.entries) {
			break
		}
		w.pass(e, int32(i), mayEnter)
	}
	if len(w.entries) == 0 {
		return false, true
	}
	for w.first[last] < 0 {
		last--
	}
	fillEarliest(a, events, w.entries[w.first[last]].event, last)
	return true, true
}

func (w *orderedSimple) reset(stages int) {
	w.entries, w.expired = w.entries[:0], 0
	for s := range stages {
		w.reached[s], w.first[s] = 0, -1
	}
}

// expire ends the attempts that started before an instant.
func (w *orderedSimple) expire(before int64) {
	for int(w.expired) < len(w.entries) && w.entries[w.expired].time < before {
		w.expired++
	}
}

// pass processes an event. It goes through the stages from last to first, so that the event moves an attempt by only one stage. What an attempt can
// reach, every earlier one whose window is still open can reach as well (see ordered).
func (w *orderedSimple) pass(e *journey.Event, index int32, mayEnter bool) {
	for rest := e.Stages; rest > 1; {
		s := bits.Len32(rest) - 1
		rest &^= 1 << s
		w.move(s, w.reached[s-1])
	}
	if mayEnter && e.Stages&1 != 0 {
		w.entries = append(w.entries, orderedEntry{time: e.Time, event: index})
		w.move(0, int32(len(w.entries)))
	}
}

// move makes the attempts before upTo reach a stage, except those that have run out of time.
func (w *orderedSimple) move(stage int, upTo int32) {
	from := max(w.reached[stage], w.expired)
	if upTo <= from {
		return
	}
	if w.first[stage] < 0 {
		w.first[stage] = from
	}
	w.reached[stage] = upTo
}

// fillEarliest fills in an empty attempt that starts with an event and reaches a stage. It reaches each stage as early as possible: no other chain
// reaches any of them earlier.
func fillEarliest(a *journey.Attempt, events []journey.Event, entry int32, deepest int) {
	a.Entry, a.Stages, a.Required = events[entry].Time, 1, deepest+1
	a.Event[0] = entry
	for s, i := 1, entry+1; s <= deepest; i++ {
		if events[i].Stages&(1<<s) != 0 {
			a.Event[s] = i
			a.Stages |= 1 << s
			s++
		}
	}
}
