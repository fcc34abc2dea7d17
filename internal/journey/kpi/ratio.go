// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// EventRatio is the number of some events divided by the number of others. It can be above 1.
type EventRatio struct {
	// Numerator and Denominator list the events. An event can count on both sides.
	Numerator, Denominator []journey.Match
}

// Roles of events in an EventRatio.
const (
	roleNumerator uint8 = iota
	roleDenominator
)

// Matches lists the events by role.
func (e EventRatio) Matches() [][]journey.Match { return [][]journey.Match{e.Numerator, e.Denominator} }

// Read records what the metric needs of an event.
func (EventRatio) Read(_ *match.Values, _ uint8, h *metric.Hit) { h.Usable = true }

// NewSums returns empty sums. An error names the invalid field.
func (EventRatio) NewSums(*metric.Context) (metric.Sums, error) {
	return &eventRatio{}, nil
}

type eventRatio struct {
	above, below int64
}

// OfEvents marks sums that count single events.
func (*eventRatio) OfEvents() {}

func (e *eventRatio) AddPerson(v *metric.View) {
	for h := range v.PeriodHits() {
		e.add(h)
	}
}

func (e *eventRatio) add(h *metric.Hit) {
	if h.Role == roleNumerator {
		e.above++
	} else {
		e.below++
	}
}

func (e *eventRatio) Merge(other metric.Sums) {
	o := other.(*eventRatio)
	e.above += o.above
	e.below += o.below
}

func (e *eventRatio) Value() metric.Value { return shareOf(e.above, e.below) }
