// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"fmt"
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// Progression finds attempts by a policy. It reuses scratch memory, so it must not be used by several goroutines at once.
type Progression struct {
	policy   journey.Policy
	window   int64
	stages   int
	optional uint32
	simple   orderedSimple
	ordered  ordered
	trace    trace
	any      anyOrder

	// The fields below are for policies that are not plain.
	plain bool
	// within is the longest time since the previous stage, by stage, 0 for no limit; nil if no stage has one. longest is the longest time for any of the
	// stages that can come next, by stage, -1 for no limit.
	within       []int64
	longest      [journey.MaxStages]int64
	reachable    reachable
	grace        int64
	exclusions   []exclusion
	fromEntry    uint8 // the exclusions that apply from the entry on
	search       search
	index        index
	windowFunnel windowFunnel

	strictOrder, strictDeduplication, strictIncrease, sharedEvents, allowReentry bool
}

// New returns a progression for stages in order. The error describes what is wrong with the policy.
func New(stages []journey.Stage, policy journey.Policy) (*Progression, error) {
	if err := policy.Validate(); err != nil {
		return nil, err
	}
	p := &Progression{policy: policy, window: policy.Window.Microseconds(), stages: len(stages), index: index{least: leastIndexed}}
	for i, s := range stages {
		if s.Optional {
			p.optional |= 1 << i
		}
	}
	if bits.OnesCount32(p.optional) == len(stages) {
		return nil, fmt.Errorf("spec.stages: at least one stage must not be optional")
	}
	if policy.Order != journey.AnyOrder && p.optional&1 != 0 {
		return nil, fmt.Errorf("spec.stages[0].optional: the first stage must not be optional, it is where an attempt begins")
	}
	if p.optional != 0 && len(policy.Compat) > 0 {
		return nil, fmt.Errorf("spec.progression.compat: cannot go with optional stages")
	}
	var err error
	if p.exclusions, err = compileExclusions(policy.Exclusions, stages); err != nil {
		return nil, err
	}
	p.compileRules()
	return p, nil
}

// compileRules prepares the rules of a policy that is not plain.
func (p *Progression) compileRules() {
	p.plain, p.grace = isPlain(&p.policy), p.policy.Grace.Microseconds()
	for x, e := range p.exclusions {
		if e.after == 0 {
			p.fromEntry |= 1 << x
		}
	}
	for _, c := range p.policy.Compat {
		p.strictOrder = p.strictOrder || c == journey.StrictOrder
		p.strictDeduplication = p.strictDeduplication || c == journey.StrictDeduplication
		p.strictIncrease = p.strictIncrease || c == journey.StrictIncrease
		p.sharedEvents = p.sharedEvents || c == journey.SharedEvents
		p.allowReentry = p.allowReentry || c == journey.AllowReentry
	}
	if !p.policy.HasWithin() {
		return
	}
	p.within = make([]int64, p.stages)
	for s := range min(p.stages, len(p.policy.Within)) {
		p.within[s] = p.policy.Within[s].Microseconds()
	}
	for s := range p.stages {
		p.longest[s] = -1
		for next := s + 1; next < p.stages; next++ {
			if p.within[next] == 0 {
				p.longest[s] = -1
				break
			}
			p.longest[s] = max(p.longest[s], p.within[next])
			if p.optional&(1<<next) == 0 {
				break
			}
		}
	}
}

// Best returns the attempt of a person that counts, of those that start in from <= t < to and use no event after limit. ok is false if there is none.
func (p *Progression) Best(events []journey.Event, from, to, limit int64) (a journey.Attempt, ok bool) {
	return p.BestSince(from, events, from, to, limit)
}

// BestSince is Best for entries that are part of a range: with a grace, an event from the beginning of the range on can enter a stage although it
// came before the first of these entries. The events must be those from an instant on; Lead returns how far they have to reach back.
func (p *Progression) BestSince(since int64, events []journey.Event, from, to, limit int64) (a journey.Attempt, ok bool) {
	if !p.plain {
		return p.bestBySearch(since, events, from, to, limit)
	}
	return p.bestPlain(events, from, to, limit)
}

// bestPlain is Best for policies with only order, window, entry, ties and range.
func (p *Progression) bestPlain(events []journey.Event, from, to, limit int64) (a journey.Attempt, ok bool) {
	switch p.policy.Order {
	case journey.Strict:
		return p.bestStrict(events, from, to, limit)
	case journey.AnyOrder:
		return p.bestAny(events, from, to, limit)
	default:
		return p.bestOrdered(events, from, to, limit)
	}
}

// Lead returns how long before its entry an attempt can use an event. Events at the instant of the entry can also be before it.
func (p *Progression) Lead() int64 { return int64(p.stages) * p.grace }

// Policy returns the policy.
func (p *Progression) Policy() *journey.Policy { return &p.policy }

// Goal returns the last required stage. A person who reaches it has converted.
func (p *Progression) Goal() int {
	required := ^p.optional & (1<<p.stages - 1)
	return bits.Len32(required) - 1
}

// Converted reports whether an attempt reached the goal; in the order Any, all required stages.
func (p *Progression) Converted(a *journey.Attempt) bool {
	if p.policy.Order == journey.AnyOrder {
		required := ^p.optional & (1<<p.stages - 1)
		return a.Stages&required == required
	}
	return a.Has(p.Goal())
}

// groupEnd returns the end of the events that can be processed in any order with event i.
func (p *Progression) groupEnd(events []journey.Event, i int) int {
	j := i + 1
	if p.policy.Ties == journey.Exact {
		return j
	}
	for j < len(events) && events[j].Time == events[i].Time {
		j++
	}
	return j
}

// isPlain reports whether the one-pass algorithms are sufficient: the policy has only order, window, entry, ties and range.
func isPlain(p *journey.Policy) bool {
	return len(p.Exclusions) == 0 && len(p.HoldConstant) == 0 && p.Grace == 0 && len(p.Compat) == 0 && !p.HasWithin()
}
