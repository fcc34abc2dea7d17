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

// NewSums gives empty sums; an error names the field that is wrong.
func (EventRatio) NewSums(*journey.Context) (journey.Sums, error) {
	return &eventRatio{}, nil
}

type eventRatio struct {
	above, below int64
}

// OfEvents marks what counts single events.
func (*eventRatio) OfEvents() {}

func (e *eventRatio) AddPerson(v *journey.View) {
	for h := range v.PeriodHits() {
		e.add(h)
	}
}

func (e *eventRatio) add(h *journey.Hit) {
	if h.Role == roleNumerator {
		e.above++
	} else {
		e.below++
	}
}

func (e *eventRatio) Merge(other journey.Sums) {
	o := other.(*eventRatio)
	e.above += o.above
	e.below += o.below
}

func (e *eventRatio) Value() journey.Value { return shareOf(e.above, e.below) }
