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

// Matches lists the events that it looks at, by role.
func (e EventRatio) Matches() [][]Match { return [][]Match{e.Numerator, e.Denominator} }

// Read notes what it needs of an event.
func (EventRatio) Read(_ *Values, _ uint8, h *Hit) { h.Usable = true }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (EventRatio) NewAccumulator(*Map, Policy) (Accumulator, error) { return &eventRatio{}, nil }

type eventRatio struct {
	NoAttempts
	above, below int64
}

func (e *eventRatio) AddHit(h *Hit) {
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
