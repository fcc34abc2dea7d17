// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// EventRatio is the number of some events divided by the number of others. It may be above 1.
type EventRatio struct {
	// Numerator and Denominator list the events. An event may count on both sides.
	Numerator, Denominator []Match
}

// Roles of events in an EventRatio.
const (
	roleNumerator uint8 = iota
	roleDenominator
)

func (e EventRatio) matches() [][]Match { return [][]Match{e.Numerator, e.Denominator} }

func (EventRatio) read(_ *values, _ uint8, h *Hit) { h.Usable = true }

func (EventRatio) accumulator(*Map, *Progression) (Accumulator, error) { return &eventRatio{}, nil }

type eventRatio struct {
	noAttempts
	above, below int64
}

func (e *eventRatio) hit(h *Hit) {
	if h.Role == roleNumerator {
		e.above++
	} else {
		e.below++
	}
}

func (e *eventRatio) Merge(other Accumulator) {
	o := other.(*eventRatio)
	e.above += o.above
	e.below += o.below
}

func (e *eventRatio) Value() Value { return shareOf(e.above, e.below) }
