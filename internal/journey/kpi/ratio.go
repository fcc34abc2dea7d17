// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import "github.com/journeyman-dev/journeyman/internal/journey"

// EventRatio is the number of some events divided by the number of others. It may be above 1.
type EventRatio struct {
	// Numerator and Denominator list the events. An event may count on both sides.
	Numerator, Denominator []journey.Match
}

// Roles of events in an EventRatio.
const (
	roleNumerator uint8 = iota
	roleDenominator
)

// Matches lists the events that it looks at, by role.
func (e EventRatio) Matches() [][]journey.Match { return [][]journey.Match{e.Numerator, e.Denominator} }

// Read notes what it needs of an event.
func (EventRatio) Read(_ *journey.Values, _ uint8, h *journey.Hit) { h.Usable = true }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (EventRatio) NewAccumulator(*journey.Map, journey.Policy) (journey.Accumulator, error) {
	return &eventRatio{}, nil
}

type eventRatio struct {
	journey.NoAttempts
	above, below int64
}

func (e *eventRatio) AddHit(h *journey.Hit) {
	if h.Role == roleNumerator {
		e.above++
	} else {
		e.below++
	}
}

func (e *eventRatio) Merge(other journey.Accumulator) {
	o := other.(*eventRatio)
	e.above += o.above
	e.below += o.below
}

func (e *eventRatio) Value() journey.Value { return shareOf(e.above, e.below) }
