// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// trace follows one attempt from its entry and records how each stage was reached. The chain of an attempt that counts is the one that reaches the
// most required stages, then the most optional ones; of equal ones, the one that reaches its last stage first, then the stage before it, and so on.
type trace struct {
	nodes []node
	// alive are the nodes from which the attempt can continue: at most one for each state. If a stage may have to follow within a time, a later node of
	// a state can continue for longer, and aging holds all of them instead.
	alive, next []int32
	aging       []aging
	best        int32
	find        assignment
}

// node records that a stage was reached, and how.
type node struct {
	stage, optional int8
	previous        int32
	// segment holds the stages passed at the instant, including that of the node; group holds the events of the instant.
	segment    uint32
	group, end int32
	time       int64
}

// run follows the attempt that starts with the group of event start.
func (c *trace) run(p *Progression, events []journey.Event, start int, limit int64) journey.Attempt {
	c.nodes, c.alive, c.next, c.best = c.nodes[:0], c.alive[:0], c.next[:0], -1
	c.resetAging()
	end := p.groupEnd(events, start)
	c.enter(p, events, start, end)
	last := min(limit, events[start].Time+p.window)
	for i := end; i < len(events) && events[i].Time <= last && c.isAlive(p); i = end {
		if c.finished(p) {
			break
		}
		at, ok := c.skip(p, events, i)
		if !ok || events[at].Time > last {
			break
		}
		i, end = at, p.groupEnd(events, at)
		p.index.look()
		c.step(p, events, i, end)
	}
	return c.attempt(p, events, events[start].Time)
}

// finished reports whether nothing deeper is possible.
func (c *trace) finished(p *Progression) bool {
	n := c.nodes[c.best]
	return int(n.stage) == p.stages-1 && int(n.optional) == bits.OnesCount32(p.optional)
}

// enter starts the attempt. Simultaneous events that it does not use come before the entry.
func (c *trace) enter(p *Progression, events []journey.Event, i, j int) {
	union, single := describe(events[i:j])
	for rest := union; rest != 0; rest &= rest - 1 {
		s := lowest(rest)
		segmentsTo(noStage, s, p.optional, union, func(segment uint32) {
			if c.find.matchable(events[i:j], i, segment, single) {
				c.offer(p, node{
					stage: int8(s), optional: int8(bits.OnesCount32(segment & p.optional)), previous: -1,
					segment: segment, group: int32(i), end: int32(j), time: events[i].Time,
				}, true)
			}
		})
	}
	c.settle(p, events[i].Time, true)
}

// settle makes the new nodes those from which the attempt continues, in addition to those alive so far, unless the instant breaks the attempt.
func (c *trace) settle(p *Progression, now int64, breaks bool) {
	if p.within != nil {
		c.age(p, now, breaks)
		return
	}
	if !breaks {
		c.keep()
	}
	c.alive, c.next = c.next, c.alive[:0]
}

// isAlive reports whether the attempt can continue.
func (c *trace) isAlive(p *Progression) bool {
	if p.within != nil {
		return c.canGoOn()
	}
	return len(c.alive) > 0
}

// step processes the events of one instant.
func (c *trace) step(p *Progression, events []journey.Event, i, j int) {
	union, single := describe(events[i:j])
	breaks := false
	if p.policy.Order == journey.Strict {
		for k := i; k < j && !breaks; k++ {
			breaks = events[k].Customer
		}
	}
	if union == 0 && !breaks {
		return
	}
	for rest := union; rest != 0; rest &= rest - 1 {
		s := lowest(rest)
		if p.within != nil {
			c.advanceAging(p, events[i:j], i, s, union, single, breaks)
			continue
		}
		for _, at := range c.alive {
			if int(c.nodes[at].stage) < s {
				c.advance(p, events[i:j], i, at, s, union, single, breaks)
			}
		}
	}
	c.settle(p, events[i].Time, breaks)
}

// advance offers all ways from a node to a stage within one instant.
func (c *trace) advance(p *Progression, group []journey.Event, index int, at int32, s int, union uint32, single, breaks bool) {
	segmentsTo(int(c.nodes[at].stage), s, p.optional, union, func(segment uint32) {
		if c.find.matchable(group, index, segment, single) {
			c.follow(p, group, index, at, s, segment, breaks)
		}
	})
}

// follow offers the node to which a segment leads from another one.
func (c *trace) follow(p *Progression, group []journey.Event, index int, at int32, s int, segment uint32, breaks bool) {
	c.offer(p, node{
		stage: int8(s), optional: c.nodes[at].optional + int8(bits.OnesCount32(segment&p.optional)), previous: at,
		segment: segment, group: int32(index), end: int32(index + len(group)), time: group[0].Time,
	}, !breaks || coversCustomers(group, segment))
}

// offer adds a new node. One that does not survive (in a strict order, a customer event of its instant is left over) still counts for depth.
func (c *trace) offer(p *Progression, n node, survives bool) {
	// Unless the order is strict, a node that was in the state before is at least as good.
	if p.policy.Order != journey.Strict && (p.within == nil && c.inState(c.alive, n) >= 0 || p.within != nil && c.isAsGood(p, n)) {
		return
	}
	index := int32(len(c.nodes))
	c.nodes = append(c.nodes, n)
	if c.best < 0 || c.deeper(p, index, c.best) {
		c.best = index
	}
	if !survives {
		return
	}
	if k := c.inState(c.next, n); k < 0 {
		c.next = append(c.next, index)
	} else if c.earlier(index, c.next[k]) {
		c.next[k] = index
	}
}

// keep keeps the nodes alive so far. If there is a new one of the same state, the old one is earlier.
func (c *trace) keep() {
	for _, at := range c.alive {
		if k := c.inState(c.next, c.nodes[at]); k >= 0 {
			c.next[k] = at
		} else {
			c.next = append(c.next, at)
		}
	}
}

func (c *trace) inState(list []int32, n node) int {
	for k, at := range list {
		if c.nodes[at].stage == n.stage && c.nodes[at].optional == n.optional {
			return k
		}
	}
	return -1
}

func (c *trace) deeper(p *Progression, a, b int32) bool {
	x, y := c.nodes[a], c.nodes[b]
	if p.required(x.stage) != p.required(y.stage) {
		return p.required(x.stage) > p.required(y.stage)
	}
	if x.optional != y.optional {
		return x.optional > y.optional
	}
	return c.earlier(a, b)
}

// required returns the number of required stages up to a stage.
func (p *Progression) required(stage int8) int {
	return bits.OnesCount32(^p.optional & (1<<(stage+1) - 1))
}

// earlier compares two chains with the same number of stages from their ends.
func (c *trace) earlier(a, b int32) bool {
	for x, y := c.last(a), c.last(b); x.at >= 0; x, y = c.before(x), c.before(y) {
		if s, t := c.nodes[x.at].time, c.nodes[y.at].time; s != t {
			return s < t
		}
	}
	return false
}

// place is a stage of a chain: its node, and the number of stages of the node up to it.
type place struct {
	at   int32
	left int
}

// last returns the last stage of the chain that ends with a node, or with none (-1).
func (c *trace) last(at int32) place {
	if at < 0 {
		return place{at: at}
	}
	return place{at: at, left: bits.OnesCount32(c.nodes[at].segment)}
}

// before returns the previous stage of a chain.
func (c *trace) before(p place) place {
	if p.left--; p.left > 0 {
		return p
	}
	return c.last(c.nodes[p.at].previous)
}

// attempt returns the best chain as an attempt.
func (c *trace) attempt(p *Progression, events []journey.Event, entry int64) journey.Attempt {
	best := c.nodes[c.best]
	a := journey.Attempt{Entry: entry, Required: p.required(best.stage), Optional: int(best.optional)}
	for at := c.best; at >= 0; at = c.nodes[at].previous {
		n := c.nodes[at]
		group := events[n.group:n.end]
		_, single := describe(group)
		c.find.matchable(group, int(n.group), n.segment, single)
		for rest := n.segment; rest != 0; rest &= rest - 1 {
			s := lowest(rest)
			a.Event[s] = c.find.byTurn[s]
		}
		a.Stages |= n.segment
	}
	return a
}

func (p *Progression) bestStrict(events []journey.Event, from, to, limit int64) (best journey.Attempt, ok bool) {
	end := min(to-1, limit)
	for i, j := 0, 0; i < len(events) && events[i].Time <= end; i = j {
		j = p.groupEnd(events, i)
		if union, _ := describe(events[i:j]); events[i].Time < from || union&1 == 0 {
			continue
		}
		a := p.trace.run(p, events, i, limit)
		if !ok || a.Deeper(&best) {
			best, ok = a, true
		}
		if p.policy.Entry == journey.First || best.Depth() == p.stages {
			break
		}
	}
	return best, ok
}
