// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math/bits"
	"slices"
	"sort"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// aging holds the nodes of each state of a trace, if a stage may have to follow within a time, because a later node can then continue for longer. Of
// those that can still continue, the earliest makes the better attempt, so an event only has to be compared with one node of a state.
type aging struct {
	stage, optional int8
	// nodes in order of time
	nodes []int32
}

// resetAging removes all nodes.
func (c *trace) resetAging() {
	for i := range c.aging {
		c.aging[i].nodes = c.aging[i].nodes[:0]
	}
}

// canGoOn reports whether the attempt can continue from any node.
func (c *trace) canGoOn() bool {
	for i := range c.aging {
		if len(c.aging[i].nodes) > 0 {
			return true
		}
	}
	return false
}

// isAsGood reports whether a node that is already in the state can continue for as long as any node that reaches it now.
func (c *trace) isAsGood(p *Progression, n node) bool {
	if p.ages(n.stage) {
		return false
	}
	a := c.agingOf(n)
	return a != nil && len(a.nodes) > 0
}

func (c *trace) agingOf(n node) *aging {
	for i := range c.aging {
		if a := &c.aging[i]; a.stage == n.stage && a.optional == n.optional {
			return a
		}
	}
	return nil
}

// advanceAging offers all ways to a stage within one instant.
func (c *trace) advanceAging(p *Progression, group []journey.Event, index, s int, union uint32, single, breaks bool) {
	now := group[0].Time
	for i := range c.aging {
		a := &c.aging[i]
		if int(a.stage) >= s || len(a.nodes) == 0 {
			continue
		}
		segmentsTo(int(a.stage), s, p.optional, union, func(segment uint32) {
			p.index.look()
			k := 0
			if within := p.within[lowest(segment)]; within > 0 {
				k = sort.Search(len(a.nodes), func(k int) bool { return now-c.nodes[a.nodes[k]].time <= within })
			}
			if k < len(a.nodes) && c.find.matchable(group, index, segment, single) {
				c.follow(p, group, index, a.nodes[k], s, segment, breaks)
			}
		})
	}
}

// age adds the new nodes to the existing ones, or replaces them if the instant breaks the attempt, and drops those that can no longer be continued.
func (c *trace) age(p *Progression, now int64, breaks bool) {
	if breaks {
		c.resetAging()
	}
	for i := range c.aging {
		a := &c.aging[i]
		if most := p.longest[a.stage]; most >= 0 {
			gone := sort.Search(len(a.nodes), func(k int) bool { return now-c.nodes[a.nodes[k]].time <= most })
			a.nodes = a.nodes[gone:]
		}
	}
	for _, at := range c.next {
		n := c.nodes[at]
		a := c.agingOf(n)
		if a == nil {
			c.aging = append(c.aging, aging{stage: n.stage, optional: n.optional})
			a = &c.aging[len(c.aging)-1]
		}
		if len(a.nodes) == 0 || p.ages(n.stage) {
			a.nodes = append(a.nodes, at)
		}
	}
	c.next = c.next[:0]
}

// ages reports whether what can come after a stage has a time limit, so that a later node is not necessarily worse.
func (p *Progression) ages(stage int8) bool {
	for next := int(stage) + 1; next < p.stages; next++ {
		if p.within[next] > 0 {
			return true
		}
		if p.optional&(1<<next) == 0 {
			break
		}
	}
	return false
}

// reachable is an upper bound for the depth of the attempts of a person, by entry, if stages have to follow within a time. It goes back through the
// events once for each stage, so that entries that cannot beat the best one need not be tried: each try costs all events of a window.
type reachable struct {
	// on is set if the bound is that of the current person.
	on bool
	// depth is the last stage that an attempt can reach, by the index of its entry in index.stage[0].
	depth []int8
	// times is the earliest time at which the stage in question is reached, by stage and index of the event in its list.
	times  [journey.MaxStages][]int64
	window []int32
}

// reach computes the bound if there is one. It processes simultaneous events in any order, and ignores exclusions and skipped optional stages.
func (p *Progression) reach(events []journey.Event, limit int64) {
	r, w := &p.reachable, &p.index
	if r.on = w.on && p.within != nil && p.policy.Order == journey.Ordered; !r.on {
		return
	}
	r.depth = append(r.depth[:0], make([]int8, len(w.stage[0]))...)
	for target := p.stages - 1; target > 0; target-- {
		r.times[target] = r.times[target][:0]
		for _, at := range w.stage[target] {
			t := events[at].Time
			if t > limit {
				t = never
			}
			r.times[target] = append(r.times[target], t)
		}
		for s := target - 1; s >= 0; s-- {
			p.reachFrom(events, s, target)
		}
		for k, at := range w.stage[0] {
			if r.depth[k] == 0 && r.times[0][k] != never && r.times[0][k]-events[at].Time <= p.window {
				r.depth[k] = int8(target)
			}
		}
	}
}

// never is a time that is never reached.
const never = int64(1<<63 - 1)

// reachFrom computes the times of a stage from those of the stages that can come next.
func (p *Progression) reachFrom(events []journey.Event, s, target int) {
	r, own := &p.reachable, p.index.stage[s]
	r.times[s] = r.times[s][:0]
	for range own {
		r.times[s] = append(r.times[s], never)
	}
	for next := s + 1; next <= target; next++ {
		p.reachBy(events, s, next)
		if p.optional&(1<<next) == 0 {
			return
		}
	}
}

// reachBy lowers the times of a stage to those of a next one that follows within its time limit: the minimum of a window that slides back. The
// window's list has events with values that increase with the time that they stay in it, so its first one is the minimum.
func (p *Progression) reachBy(events []journey.Event, s, next int) {
	r, own, list, values := &p.reachable, p.index.stage[s], p.index.stage[next], p.reachable.times[next]
	window, first, b := r.window[:0], 0, len(list)-1
	for k := len(own) - 1; k >= 0; k-- {
		now := events[own[k]].Time
		for ; b >= 0 && events[list[b]].Time >= now; b-- {
			for len(window) > first && values[window[len(window)-1]] >= values[b] {
				window = window[:len(window)-1]
			}
			window = append(window, int32(b))
		}
		for within := p.within[next]; within > 0 && first < len(window) && events[list[window[first]]].Time-now > within; {
			first++
		}
		if first < len(window) {
			r.times[s][k] = min(r.times[s][k], values[window[first]])
		}
	}
	r.window = window
}

// mayBeDeeper reports whether an attempt that starts with an event can be deeper than another one; any attempt is deeper than none.
func (p *Progression) mayBeDeeper(event int, than *journey.Attempt) bool {
	if !p.reachable.on {
		return true
	}
	entry, _ := slices.BinarySearch(p.index.stage[0], int32(event))
	s := p.reachable.depth[entry]
	bound := journey.Attempt{Required: p.required(s), Optional: bits.OnesCount32(p.optional & (1<<(s+1) - 1))}
	return bound.Deeper(than)
}
