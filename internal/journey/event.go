// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// MaxEvents is the number of events beyond which a person is treated as a robot or a broken identifier, and is left out and counted. Events of public
// sources are counted separately: anybody can send them under anybody's name, so too many of them do not exclude a person known to a trusted source.
const MaxEvents = 50_000

// Event is the part of an event that progression needs.
type Event struct {
	// Time in microseconds since 1970.
	Time int64
	// Stages is the set of stages that the event can enter. In one attempt it enters at most one.
	Stages uint32
	// Name and Channel are numbers in the engine's tables of texts.
	Name, Channel uint32
	// Personas is the set of personas whose conditions the event fulfils, if it can start an attempt.
	Personas uint16
	// Customer is set if a customer did it.
	Customer bool
	// Excluded is the set of the policy's exclusions that match the event.
	Excluded uint8
	// Hold numbers the combination of values that the policy holds constant, within the person. It is 0 if a value is missing.
	Hold uint32
	// Groups numbers its values in the breakdowns.
	Groups [MaxBreakdowns]uint16
}

// Touch is one event at one touchpoint.
type Touch struct {
	// Event is the index of the event in the person.
	Event int32
	// Touchpoint is the index in the map's list of touchpoints.
	Touchpoint uint16
}
