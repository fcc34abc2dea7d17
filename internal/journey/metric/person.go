// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// Person is one person with all events that matter, in order. If units are counted, it is one unit with the events of everybody who took part. It is
// reused for the next person.
type Person struct {
	// ID of the person.
	ID uint64
	// Unit is the value of the unit, if units are counted.
	Unit string
	// Events that match a stage or that a customer did.
	Events []journey.Event
	// Touches of the events, in order.
	Touches []journey.Touch
	// Nobody is set if this is a single event without identities rather than a person. It counts only where events are counted.
	Nobody bool
	// First is the time of the person's first row from Plan.Since on, of any kind.
	First int64
	// Known holds the traits and groups of the person.
	Known *match.Known
}
