// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// View is one person in one period. It is valid during the call only.
type View struct {
	// Person with all events that matter.
	Person *Person
	// Period that is considered.
	Period *journey.Period
	// Hits of the metric: all of the scan, those outside the period included, in the order of the events.
	Hits []Hit
	// Attempts are the mature attempts that count: one at most, unless entries are counted.
	Attempts []Counted
	// Attempt is the deepest of them, of equal ones the first; nil if there is none.
	Attempt *journey.Attempt
	// Converted says that the attempt reached the goal.
	Converted bool
	// Persona is the number of the attempt's persona.
	Persona int
	// Progression finds further attempts of the person.
	Progression *progression.Progression
}

// Counted is an attempt that counts.
type Counted struct {
	Attempt journey.Attempt
	// Converted says that it reached the goal.
	Converted bool
	// Persona is the number of its persona.
	Persona int
}

// InPeriod reports whether an instant lies in the time over which events are counted.
func (v *View) InPeriod(t int64) bool { return t >= v.Period.EventsFrom && t < v.Period.EventsTo }
