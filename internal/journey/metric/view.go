// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// View is one person in one period. It is valid only during the call.
type View struct {
	// Person with all their events that matter.
	Person *Person
	// Period that is considered.
	Period *journey.Period
	// Hits of the metric in the whole scan, including those outside the period, in the order of the events.
	Hits []Hit
	// Attempts are the mature attempts that count: at most one, unless entries are counted.
	Attempts []Counted
	// Attempt is the deepest of them, and the first of equal ones; nil if there is none.
	Attempt *journey.Attempt
	// Converted reports whether the attempt reached the goal.
	Converted bool
	// Persona is the index of the attempt's persona.
	Persona int
	// Progression finds more attempts of the person.
	Progression *progression.Progression
}

// Counted is an attempt that counts.
type Counted struct {
	Attempt journey.Attempt
	// Converted reports whether it reached the goal.
	Converted bool
	// Persona is the index of its persona.
	Persona int
}

// InPeriod reports whether an instant is in the time over which events are counted.
func (v *View) InPeriod(t int64) bool { return t >= v.Period.EventsFrom && t < v.Period.EventsTo }
