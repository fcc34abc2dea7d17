// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"math/bits"
	"slices"
)

// This file finds attempts by trying everything: all orders of simultaneous events, all entries, all chains. It shares no
// code with the engine.

// refCase is one question to the reference.
type refCase struct {
	events          []Event
	stages          int
	optional        uint32
	policy          Policy
	from, to, limit int64
}

// refChain is one way through the stages.
type refChain struct {
	entry              int64
	required, optional int
	times              []int64
}

// better orders chains as the documentation of progression does.
func (a *refChain) better(b *refChain) bool {
	switch {
	case b == nil:
		return true
	case a.required != b.required:
		return a.required > b.required
	case a.optional != b.optional:
		return a.optional > b.optional
	case a.entry != b.entry:
		return a.entry < b.entry
	}
	for i := len(a.times) - 1; i >= 0; i-- {
		if a.times[i] != b.times[i] {
			return a.times[i] < b.times[i]
		}
	}
	return false
}

// best gives the chain that counts, or nil.
func (c *refCase) best() *refChain {
	if c.policy.Order == AnyOrder {
		return c.bestAny()
	}
	var best *refChain
	for _, line := range c.lines() {
		for at, e := range line {
			if e.Stages&1 == 0 || e.Time < c.from || e.Time >= c.to || e.Time > c.limit {
				continue
			}
			c.follow(line, at, 0, refChain{entry: e.Time, required: 1, times: []int64{e.Time}}, &best)
			if c.policy.Entry == First && c.policy.Ties == Exact {
				break
			}
		}
	}
	return best
}

// first gives the instant of the first entry in the range; entries at other instants do not count for the policy First.
func (c *refCase) first(stages uint32) (int64, bool) {
	for _, e := range c.events {
		if e.Stages&stages != 0 && e.Time >= c.from && e.Time < c.to && e.Time <= c.limit {
			return e.Time, true
		}
	}
	return 0, false
}

// follow tries every continuation of a chain whose last event stands at a place in the line.
func (c *refCase) follow(line []Event, at, stage int, chain refChain, best **refChain) {
	if first, ok := c.first(1); c.policy.Entry == First && (!ok || chain.entry != first) {
		return
	}
	if chain.better(*best) {
		kept := chain
		kept.times = slices.Clone(chain.times)
		*best = &kept
	}
	for next := at + 1; next < len(line); next++ {
		e := line[next]
		if e.Time > c.limit || e.Time > chain.entry+c.policy.Window.Microseconds() {
			return
		}
		for s := stage + 1; s < c.stages; s++ {
			late := s < len(c.policy.Within) && c.policy.Within[s] > 0 && e.Time-chain.times[len(chain.times)-1] > c.policy.Within[s].Microseconds()
			if e.Stages&(1<<s) != 0 && !late {
				longer := chain
				longer.times = append(slices.Clone(chain.times), e.Time)
				if c.optional&(1<<s) != 0 {
					longer.optional++
				} else {
					longer.required++
				}
				c.follow(line, next, s, longer, best)
			}
			if c.optional&(1<<s) == 0 {
				break
			}
		}
		if c.policy.Order == Strict && e.Customer {
			return
		}
	}
}

// lines gives every order in which the events may have happened.
func (c *refCase) lines() [][]Event {
	lines := [][]Event{nil}
	for i := 0; i < len(c.events); {
		j := i + 1
		for c.policy.Ties == EitherOrder && j < len(c.events) && c.events[j].Time == c.events[i].Time {
			j++
		}
		var longer [][]Event
		for _, line := range lines {
			for _, order := range permutations(c.events[i:j]) {
				longer = append(longer, append(slices.Clone(line), order...))
			}
		}
		lines, i = longer, j
	}
	return lines
}

func permutations(events []Event) [][]Event {
	if len(events) == 0 {
		return [][]Event{nil}
	}
	var out [][]Event
	for i := range events {
		rest := append(slices.Clone(events[:i]), events[i+1:]...)
		for _, p := range permutations(rest) {
			out = append(out, append([]Event{events[i]}, p...))
		}
	}
	return out
}

// bestAny gives each stage every event or none.
func (c *refCase) bestAny() *refChain {
	var best *refChain
	first, _ := c.first(1<<c.stages - 1)
	var try func(stage int, used []int)
	try = func(stage int, used []int) {
		if stage < c.stages {
			try(stage+1, append(slices.Clone(used), -1))
			for i, e := range c.events {
				if e.Stages&(1<<stage) != 0 && e.Time <= c.limit && !slices.Contains(used, i) {
					try(stage+1, append(slices.Clone(used), i))
				}
			}
			return
		}
		chain, last := refChain{}, int64(0)
		for s, i := range used {
			if i < 0 {
				continue
			}
			if t := c.events[i].Time; chain.required+chain.optional == 0 {
				chain.entry, last = t, t
			} else {
				chain.entry, last = min(chain.entry, t), max(last, t)
			}
			chain.optional += int(c.optional >> s & 1)
			chain.required += 1 - int(c.optional>>s&1)
		}
		inside := chain.entry >= c.from && chain.entry < c.to && last <= chain.entry+c.policy.Window.Microseconds()
		if chain.required+chain.optional > 0 && inside && (c.policy.Entry == Best || chain.entry == first) && chain.better(best) {
			best = &chain
		}
	}
	try(0, nil)
	return best
}

// valid says what is wrong with an attempt as a way through the stages.
func (c *refCase) valid(a *Attempt) string {
	used := map[int32]bool{}
	var before int64
	for s := range c.stages {
		if !a.Has(s) {
			continue
		}
		i := a.Event[s]
		e := c.events[i]
		switch {
		case used[i]:
			return "one event enters two stages"
		case e.Stages&(1<<s) == 0:
			return "the event does not match its stage"
		case e.Time < a.Entry || e.Time > a.Entry+c.policy.Window.Microseconds() || e.Time > c.limit:
			return "an event outside the window"
		case c.policy.Order != AnyOrder && e.Time < before:
			return "a stage before the one before"
		}
		used[i], before = true, e.Time
	}
	if bits.OnesCount32(a.Stages&^c.optional) != a.Required || bits.OnesCount32(a.Stages&c.optional) != a.Optional {
		return "the number of stages is not that of the set"
	}
	return ""
}

// times of the stages reached, in the order of the map.
func (c *refCase) times(a *Attempt) []int64 {
	var out []int64
	for s := range c.stages {
		if a.Has(s) {
			out = append(out, c.events[a.Event[s]].Time)
		}
	}
	return out
}
