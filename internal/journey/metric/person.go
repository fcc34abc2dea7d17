// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// Person is one person with all events that matter, in their order; or one unit, with the events of all who took part, when units are
// counted. It is used again for the next person.
type Person struct {
	// ID of the person.
	ID uint64
	// Unit is the text of the unit when units are counted.
	Unit string
	// Events that match a stage or that a customer did.
	Events []journey.Event
	// Touches of the events, in their order.
	Touches []journey.Touch
	// Nobody says that this is no person but one event without identities: it counts for what counts events, and for nothing else.
	Nobody bool
	// First is the time of the person's first row from Plan.Since on, whatever it was.
	First int64
	// Known is what is known about the person next to the events.
	Known *match.Known
}
