// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"math/bits"
)

// Attempt is one run of a person through the stages.
type Attempt struct {
	// Entry is the time at which it began.
	Entry int64
	// Stages that it reached.
	Stages uint32
	// Event is, for each stage reached, the index of the event that entered it.
	Event [MaxStages]int32
	// Required and Optional are the numbers of stages of each sort that it reached.
	Required, Optional int
}

// Has says whether the attempt reached a stage.
func (a *Attempt) Has(stage int) bool { return a.Stages&(1<<stage) != 0 }

// Depth is the number of stages reached.
func (a *Attempt) Depth() int { return a.Required + a.Optional }

// deeper says that a counts rather than b: the required stages first, then the optional ones.
func (a *Attempt) deeper(b *Attempt) bool {
	if a.Required != b.Required {
		return a.Required > b.Required
	}
	return a.Optional > b.Optional
}

// Progression finds attempts by a policy. It keeps scratch memory, so it serves one goroutine.
type Progression struct {
	policy   Policy
	window   int64
	stages   int
	optional uint32
	ordered  ordered
	chain    chain
	any      anyOrder
}

// NewProgression for stages in their order; the error names what is wrong with the policy.
func NewProgression(stages []Stage, policy Policy) (*Progression, error) {
	if err := policy.Validate(); err != nil {
		return nil, err
	}
	p := &Progression{policy: policy, window: policy.Window.Microseconds(), stages: len(stages)}
	for i, s := range stages {
		if s.Optional {
			p.optional |= 1 << i
		}
	}
	if bits.OnesCount32(p.optional) == len(stages) {
		return nil, fmt.Errorf("spec.stages: at least one stage must not be optional")
	}
	if policy.Order != AnyOrder && p.optional&1 != 0 {
		return nil, fmt.Errorf("spec.stages[0].optional: the first stage must not be optional, it is where an attempt begins")
	}
	return p, nil
}

// Best gives the attempt of a person that counts, of those that begin in from <= t < to and use no event after limit;
// ok is false when there is none.
func (p *Progression) Best(events []Event, from, to, limit int64) (a Attempt, ok bool) {
	switch p.policy.Order {
	case Strict:
		return p.bestStrict(events, from, to, limit)
	case AnyOrder:
		return p.bestAny(events, from, to, limit)
	default:
		return p.bestOrdered(events, from, to, limit)
	}
}

// Goal is the last stage that is not optional: who reached it has converted.
func (p *Progression) Goal() int {
	required := ^p.optional & (1<<p.stages - 1)
	return bits.Len32(required) - 1
}

// Converted says whether an attempt reached the goal; for the order Any, every stage that is not optional.
func (p *Progression) Converted(a *Attempt) bool {
	if p.policy.Order == AnyOrder {
		required := ^p.optional & (1<<p.stages - 1)
		return a.Stages&required == required
	}
	return a.Has(p.Goal())
}

// groupEnd gives the end of the events that may be taken in any order with event i.
func (p *Progression) groupEnd(events []Event, i int) int {
	j := i + 1
	if p.policy.Ties == Exact {
		return j
	}
	for j < len(events) && events[j].Time == events[i].Time {
		j++
	}
	return j
}
