// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math"
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// All returns every attempt of a person that counts, in the order of entries, of those that start in from <= t < to and use no event after limit.
// since is the beginning of the range, as in BestSince. All also returns the earliest instant at which another attempt could start. If customers are
// counted, there is at most one attempt, the best one. If entries are counted, the person can enter again only after an attempt has ended: by
// conversion, by an excluded event, or because its time is over. With the entry Best, an attempt that does not convert ends nothing: the next event
// of the first stage starts another one.
func (p *Progression) All(since int64, events []journey.Event, from, to, limit int64, list []journey.Attempt) (all []journey.Attempt, next int64) {
	if p.policy.Count != journey.Entries {
		if p.isSimple() {
			return p.appendBest(events, from, to, limit, list), to
		}
		if a, ok := p.BestSince(since, events, from, to, limit); ok {
			list = append(list, a)
		}
		return list, to
	}
	p.locate(events)
	defer p.leave()
	next = to
	for i := 0; i < len(events) && events[i].Time < to && events[i].Time <= limit; {
		if events[i].Time < from || !p.Enters(events, i) {
			i++
			continue
		}
		t := p.try(events, i, since, limit)
		if t.ok {
			list = append(list, t.attempt)
		}
		if i = p.exit(events, &t, i, limit); i == len(events) {
			next = math.MaxInt64
		} else {
			next = max(to, events[i].Time)
		}
	}
	return list, next
}

// exit returns the first event that can start another attempt after one that started with event i.
func (p *Progression) exit(events []journey.Event, t *trial, i int, limit int64) int {
	switch {
	case t.ok && p.Converted(&t.attempt):
		last := i
		for rest := t.attempt.Stages; rest != 0; rest &= rest - 1 {
			last = max(last, int(t.attempt.Event[lowest(rest)]))
		}
		return last + 1
	case p.policy.Entry == journey.Best:
		return i + 1
	case p.policy.Order == journey.Strict:
		// The next event was another one, which can start the next attempt.
		return max(i, int(t.attempt.Event[bits.Len32(t.attempt.Stages)-1])) + 1
	case t.excluded >= 0:
		return max(i, t.excluded) + 1
	}
	for end := p.expiry(events, &t.attempt, limit); i < len(events) && events[i].Time <= end; i++ {
	}
	return i
}
