// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// search finds attempts for policies that the one-pass algorithms cannot handle: it tries every entry separately. With an index, its cost is
// proportional to the number of a person's entries. Without it, in the order Any, and if entries are counted and stages have a time limit, the cost
// is that times the number of events in a window, both limited by MaxEvents. If the best attempt counts, reachable excludes the entries that cannot
// be the best.
type search struct {
	events []journey.Event
	places []int32
	grace  grace
}

// trial is one attempt that was tried.
type trial struct {
	attempt journey.Attempt
	// ok is set if the attempt counts; a discarded one does not.
	ok bool
	// excluded is the event that ended it, or -1.
	excluded int
}

// bestBySearch returns the attempt that counts.
func (p *Progression) bestBySearch(since int64, events []journey.Event, from, to, limit int64) (best journey.Attempt, found bool) {
	if len(p.policy.Compat) > 0 {
		return p.bestByWindowFunnel(events, from, to, limit)
	}
	bound, exact := p.bound(events, from, to, limit)
	if exact {
		return bound, bound.Stages != 0
	}
	p.locate(events)
	defer p.leave()
	p.reach(events, limit)
	for i := 0; i < len(events) && events[i].Time < to && events[i].Time <= limit; i++ {
		if events[i].Time < from || !p.Enters(events, i) || !p.mayBeDeeper(i, &best) {
			continue
		}
		t := p.try(events, i, since, limit)
		if t.ok && (!found || t.attempt.Deeper(&best)) {
			best, found = t.attempt, true
		}
		if p.policy.Entry == journey.First || found && !bound.Deeper(&best) {
			break
		}
	}
	return best, found
}

// bound returns an attempt that is at least as deep as all others, so that the search can end early. exact is set if it is the result itself, because
// no event of the person excludes anything. The plain rules allow more than all others, except a grace.
func (p *Progression) bound(events []journey.Event, from, to, limit int64) (bound journey.Attempt, exact bool) {
	if p.grace > 0 {
		return journey.Attempt{Required: math.MaxInt}, false
	}
	entry, within := p.policy.Entry, p.within
	if within == nil && len(p.policy.HoldConstant) == 0 {
		exact = !slices.ContainsFunc(events, func(e journey.Event) bool { return e.Excluded != 0 })
	} else {
		// The first entry can be a different one, or reach less.
		p.policy.Entry, p.within = journey.Best, nil
	}
	bound, _ = p.bestPlain(events, from, to, limit)
	p.policy.Entry, p.within = entry, within
	return bound, exact
}

// Enters reports whether event i starts an attempt of its own: it matches the first stage (in the order Any: any stage), has values to hold constant,
// and no earlier event of its instant starts the same attempt.
func (p *Progression) Enters(events []journey.Event, i int) bool {
	first := uint32(1)
	if p.policy.Order == journey.AnyOrder {
		first = math.MaxUint32
	}
	if events[i].Stages&first == 0 || len(p.policy.HoldConstant) > 0 && events[i].Hold == 0 {
		return false
	}
	if p.policy.Ties == journey.Exact || p.grace > 0 {
		return true
	}
	for k := i - 1; k >= 0 && events[k].Time == events[i].Time; k-- {
		if events[k].Stages&first != 0 && (len(p.policy.HoldConstant) == 0 || events[k].Hold == events[i].Hold) {
			return false
		}
	}
	return true
}

// try follows the attempt that starts with event i and applies the exclusions to it. The range starts at since.
func (p *Progression) try(events []journey.Event, i int, since, limit int64) trial {
	all, start, shift := p.held(events, i)
	t := trial{ok: true, excluded: -1}
	if at := p.doomed(all, start, limit); at >= 0 {
		t.ok, t.excluded = false, at
		if shift {
			p.unshift(&t)
		}
		return t
	}
	switch {
	case p.grace > 0:
		t.attempt = p.search.grace.run(p, all, start, since, limit)
	case p.policy.Order == journey.AnyOrder:
		t.attempt = p.anyAt(all, p.groupStart(all, start), limit)
	default:
		t.attempt = p.trace.run(p, all, p.groupStart(all, start), limit)
	}
	if at := p.excluded(all, &t.attempt, limit); at >= 0 {
		t.excluded, t.ok = at, p.policy.OnExclusion == journey.Stop
		p.cut(all, &t.attempt, at)
	}
	if shift {
		p.unshift(&t)
	}
	return t
}

// doomed returns the event that discards the attempt that starts with event i, if that is cheap to determine: it comes before anything that could
// take the attempt to a further stage. Without this check, a robot that does nothing but enter and be excluded would cost the square of its events.
func (p *Progression) doomed(events []journey.Event, i int, limit int64) int {
	if p.policy.OnExclusion != journey.Discard || p.policy.Order != journey.Ordered {
		return -1
	}
	entry, found := journey.Attempt{Entry: events[i].Time, Stages: 1}, -1
	entry.Event[0] = int32(i)
	end := p.expiry(events, &entry, limit)
	if p.index.on {
		return p.doomedByIndex(events, i, p.groupStart(events, i), end)
	}
	for k := p.groupStart(events, i); k < len(events); k++ {
		p.index.look()
		switch e := &events[k]; {
		case found >= 0 && e.Time > events[found].Time+p.grace:
			return found
		case e.Stages > 1:
			return -1
		case e.Time > end && found < 0:
			return -1
		case found < 0 && e.Excluded&p.fromEntry != 0 && p.follows(events, i, k):
			found = k
		}
	}
	return found
}

// groupStart returns the first event of the instant of event i that can be processed in any order with it.
func (p *Progression) groupStart(events []journey.Event, i int) int {
	for p.policy.Ties != journey.Exact && i > 0 && events[i-1].Time == events[i].Time {
		i--
	}
	return i
}

// held keeps the events with the values that event i holds constant, and returns the index of i among them. Events with other values still break a
// strict order.
func (p *Progression) held(events []journey.Event, i int) (all []journey.Event, start int, shift bool) {
	if len(p.policy.HoldConstant) == 0 {
		return events, i, false
	}
	r := &p.search
	r.events, r.places = r.events[:0], r.places[:0]
	begin := i
	for begin > 0 && events[begin-1].Time >= events[i].Time-p.grace {
		begin--
	}
	for k := begin; k < len(events) && events[k].Time <= events[i].Time+p.window; k++ {
		e := events[k]
		if e.Hold != events[i].Hold {
			// An exclusion applies to every value, unless its event has one.
			if e.Stages = 0; e.Hold != 0 {
				e.Excluded = 0
			}
			if breaks := p.policy.Order == journey.Strict && e.Customer; !breaks && e.Excluded == 0 {
				continue
			}
		}
		if k == i {
			start = len(r.events)
		}
		r.events, r.places = append(r.events, e), append(r.places, int32(k))
	}
	return r.events, start, true
}

// unshift converts indexes among held events to indexes in the person.
func (p *Progression) unshift(t *trial) {
	for rest := t.attempt.Stages; rest != 0; rest &= rest - 1 {
		s := lowest(rest)
		t.attempt.Event[s] = p.search.places[t.attempt.Event[s]]
	}
	if t.excluded >= 0 {
		t.excluded = int(p.search.places[t.excluded])
	}
}

// anyAt returns the attempt in the order Any that starts at the instant of event i.
func (p *Progression) anyAt(events []journey.Event, i int, limit int64) journey.Attempt {
	w := &p.any
	w.counts, w.tail = w.counts[:0], i
	w.slide(events, i, min(limit, events[i].Time+p.window))
	a := w.deepest(p)
	a.Entry = events[i].Time
	w.assign(p, &a, events[i:], i, limit)
	return a
}
