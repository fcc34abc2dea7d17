// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// MaxEvents is the number of events beyond which a person is taken for a robot or a broken identifier, left out
// and counted. Events of public sources have a count of their own: anybody can send them under anybody's name, so that too many of them take
// nobody out whom a trusted source knows.
const MaxEvents = 50_000

// Event is what progression needs of one event of a person.
type Event struct {
	// Time in microseconds.
	Time int64
	// Stages that the event can enter; in an attempt it enters one of them at most.
	Stages uint32
	// Name and Channel are numbers in the reader's tables.
	Name, Channel uint32
	// Personas whose conditions on the event hold, if it can start an attempt.
	Personas uint16
	// Customer says that a customer did it.
	Customer bool
	// Excluded is the set of the policy's exclusions that it belongs to.
	Excluded uint8
	// Hold is the number of the values that the policy holds constant, within the person; 0 when one is missing.
	Hold uint32
	// Groups are the numbers of its values in the breakdowns.
	Groups [MaxBreakdowns]uint16
}

// Touch is one touchpoint that an event made.
type Touch struct {
	// Event is the index of the event in the person.
	Event int32
	// Touchpoint is the number in the map's list.
	Touchpoint uint16
}
