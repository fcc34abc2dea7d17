// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// This file finds attempts by brute force: all orders of simultaneous events, all entries, all chains. It shares no code with the engine.

// Case is one input of the reference.
type Case struct {
	Events          []journey.Event
	Stages          int
	Optional        uint32
	Policy          journey.Policy
	From, To, Limit int64
	// Since is the beginning of the range. A grace does not extend before it if conversions have to be inside the range.
	Since int64
}

// Chain is one way through the stages.
type Chain struct {
	Entry              int64
	Required, Optional int
	Times              []int64
}

// Better orders chains as the documentation of progression does.
func (a *Chain) Better(b *Chain) bool {
	switch {
	case b == nil:
		return true
	case a.Required != b.Required:
		return a.Required > b.Required
	case a.Optional != b.Optional:
		return a.Optional > b.Optional
	case a.Entry != b.Entry:
		return a.Entry < b.Entry
	}
	for i := len(a.Times) - 1; i >= 0; i-- {
		if a.Times[i] != b.Times[i] {
			return a.Times[i] < b.Times[i]
		}
	}
	return false
}

// Best returns the chain that counts, or nil.
func (c *Case) Best() *Chain {
	if c.Policy.Order == journey.AnyOrder {
		return c.bestAny()
	}
	if c.Policy.Grace > 0 {
		return c.bestGrace()
	}
	var best *Chain
	for _, line := range c.lines() {
		for at, e := range line {
			if e.Stages&1 == 0 || e.Time < c.From || e.Time >= c.To || e.Time > c.Limit {
				continue
			}
			c.follow(line, at, 0, Chain{Entry: e.Time, Required: 1, Times: []int64{e.Time}}, &best)
			if c.Policy.Entry == journey.First && c.Policy.Ties == journey.Exact {
				break
			}
		}
	}
	return best
}

// first returns the time of the first entry in the range. With the policy First, entries at other times do not count.
func (c *Case) first(stages uint32) (int64, bool) {
	for _, e := range c.Events {
		if e.Stages&stages != 0 && e.Time >= c.From && e.Time < c.To && e.Time <= c.Limit {
			return e.Time, true
		}
	}
	return 0, false
}

// follow tries every continuation of a chain whose last event is at an index of the line.
func (c *Case) follow(line []journey.Event, at, stage int, chain Chain, best **Chain) {
	if first, ok := c.first(1); c.Policy.Entry == journey.First && (!ok || chain.Entry != first) {
		return
	}
	if chain.Better(*best) {
		kept := chain
		kept.Times = slices.Clone(chain.Times)
		*best = &kept
	}
	for next := at + 1; next < len(line); next++ {
		e := line[next]
		if e.Time > c.Limit || e.Time > chain.Entry+c.Policy.Window.Microseconds() {
			return
		}
		for s := stage + 1; s < c.Stages; s++ {
			late := s < len(c.Policy.Within) && c.Policy.Within[s] > 0 && e.Time-chain.Times[len(chain.Times)-1] > c.Policy.Within[s].Microseconds()
			if e.Stages&(1<<s) != 0 && !late {
				longer := chain
				longer.Times = append(slices.Clone(chain.Times), e.Time)
				if c.Optional&(1<<s) != 0 {
					longer.Optional++
				} else {
					longer.Required++
				}
				c.follow(line, next, s, longer, best)
			}
			if c.Optional&(1<<s) == 0 {
				break
			}
		}
		if c.Policy.Order == journey.Strict && e.Customer {
			return
		}
	}
}

// lines returns every order in which the events can have happened.
func (c *Case) lines() [][]journey.Event {
	lines := [][]journey.Event{nil}
	for i := 0; i < len(c.Events); {
		j := i + 1
		for c.Policy.Ties == journey.EitherOrder && j < len(c.Events) && c.Events[j].Time == c.Events[i].Time {
			j++
		}
		var longer [][]journey.Event
		for _, line := range lines {
			for _, order := range permutations(c.Events[i:j]) {
				longer = append(longer, append(slices.Clone(line), order...))
			}
		}
		lines, i = longer, j
	}
	return lines
}

func permutations(events []journey.Event) [][]journey.Event {
	if len(events) == 0 {
		return [][]journey.Event{nil}
	}
	var out [][]journey.Event
	for i := range events {
		rest := append(slices.Clone(events[:i]), events[i+1:]...)
		for _, p := range permutations(rest) {
			out = append(out, append([]journey.Event{events[i]}, p...))
		}
	}
	return out
}

// bestGrace tries every chain with one event for each stage in which no event is more than the grace before the previous one.
func (c *Case) bestGrace() *Chain {
	var best *Chain
	var try func(used []int, stage int, chain Chain)
	try = func(used []int, stage int, chain Chain) {
		if chain.Better(best) {
			kept := chain
			kept.Times = slices.Clone(chain.Times)
			best = &kept
		}
		least := chain.Times[len(chain.Times)-1] - c.Policy.Grace.Microseconds()
		if c.Policy.Conversions == journey.InRange {
			least = max(least, c.Since)
		}
		for s := stage + 1; s < c.Stages; s++ {
			optional := int(c.Optional >> s & 1)
			for i, e := range c.Events {
				if e.Stages == 1<<s && !slices.Contains(used, i) && e.Time >= least && e.Time <= min(c.Limit, chain.Entry+c.Policy.Window.Microseconds()) {
					longer := chain
					longer.Times = append(slices.Clone(chain.Times), e.Time)
					longer.Optional, longer.Required = chain.Optional+optional, chain.Required+1-optional
					try(append(slices.Clone(used), i), s, longer)
				}
			}
			if optional == 0 {
				break
			}
		}
	}
	first, _ := c.first(1)
	for i, e := range c.Events {
		in := e.Stages == 1 && e.Time >= c.From && e.Time < c.To && e.Time <= c.Limit
		if in && (c.Policy.Entry == journey.Best || e.Time == first) {
			try([]int{i}, 0, Chain{Entry: e.Time, Required: 1, Times: []int64{e.Time}})
		}
	}
	return best
}

// bestAny tries every event, or none, for each stage.
func (c *Case) bestAny() *Chain {
	var best *Chain
	first, _ := c.first(1<<c.Stages - 1)
	var try func(stage int, used []int)
	try = func(stage int, used []int) {
		if stage < c.Stages {
			try(stage+1, append(slices.Clone(used), -1))
			for i, e := range c.Events {
				if e.Stages&(1<<stage) != 0 && e.Time <= c.Limit && !slices.Contains(used, i) {
					try(stage+1, append(slices.Clone(used), i))
				}
			}
			return
		}
		chain, last := Chain{}, int64(0)
		for s, i := range used {
			if i < 0 {
				continue
			}
			if t := c.Events[i].Time; chain.Required+chain.Optional == 0 {
				chain.Entry, last = t, t
			} else {
				chain.Entry, last = min(chain.Entry, t), max(last, t)
			}
			chain.Optional += int(c.Optional >> s & 1)
			chain.Required += 1 - int(c.Optional>>s&1)
		}
		inside := chain.Entry >= c.From && chain.Entry < c.To && last <= chain.Entry+c.Policy.Window.Microseconds()
		if chain.Required+chain.Optional > 0 && inside && (c.Policy.Entry == journey.Best || chain.Entry == first) && chain.Better(best) {
			best = &chain
		}
	}
	try(0, nil)
	return best
}

// Valid returns what is wrong with an attempt, or an empty text.
func (c *Case) Valid(a *journey.Attempt) string {
	used := map[int32]bool{}
	var before int64
	for s := range c.Stages {
		if !a.Has(s) {
			continue
		}
		i := a.Event[s]
		e := c.Events[i]
		switch {
		case used[i]:
			return "one event enters two stages"
		case e.Stages&(1<<s) == 0:
			return "the event does not match its stage"
		case e.Time < a.Entry || e.Time > a.Entry+c.Policy.Window.Microseconds() || e.Time > c.Limit:
			return "an event outside the window"
		case c.Policy.Order != journey.AnyOrder && e.Time < before:
			return "a stage before the one before"
		}
		used[i], before = true, e.Time
	}
	if bits.OnesCount32(a.Stages&^c.Optional) != a.Required || bits.OnesCount32(a.Stages&c.Optional) != a.Optional {
		return "the number of stages is not that of the set"
	}
	return ""
}

// Times returns the times of the stages reached, in the order of the map.
func (c *Case) Times(a *journey.Attempt) []int64 {
	var out []int64
	for s := range c.Stages {
		if a.Has(s) {
			out = append(out, c.Events[a.Event[s]].Time)
		}
	}
	return out
}
