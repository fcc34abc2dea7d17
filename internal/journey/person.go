// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "strings"

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
	// Personas whose conditions on the event hold, if it can begin an attempt.
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

// Person is one person with all events that matter, in their order; or one unit, with the events of all who took part, when units are
// counted. It is used again for the next person.
type Person struct {
	// ID of the person.
	ID uint64
	// Unit is the text of the unit when units are counted.
	Unit string
	// Rows seen of the person, those without meaning for the map included.
	Rows int
	// Public are those of the rows that came from public sources.
	Public int
	// Events that match a stage or that a customer did.
	Events []Event
	// Touches of the events, in their order.
	Touches []Touch
	// Nobody says that this is no person but one event without identities: it counts for what counts events, and for nothing else.
	Nobody bool
	// First is the time of the person's first row from Plan.Since on, whatever it was.
	First int64

	// enteredBefore is the time of the last event with which an attempt could begin before Plan.Since, 0 for none; enteredAfter says that there is
	// one after the time of analysis.
	enteredBefore int64
	enteredAfter  bool

	// firsts has, for each touchpoint that wants the first event ever, the number of the row that it was; 0 for none yet.
	firsts []int32
	holds  holds

	// hits of each reader, in the order of the events.
	hits [][]Hit

	traits, groups history
}

// hasRoom counts a row and says whether the person keeps it.
func (p *Person) hasRoom(public bool) bool {
	p.Rows++
	if !public {
		return p.Rows-p.Public <= MaxEvents
	}
	p.Public++
	return p.Public <= MaxEvents
}

// isOversized says that a trusted source gave the person over MaxEvents events, or that it is known from public ones alone and they did.
func (p *Person) isOversized() bool {
	trusted := p.Rows - p.Public
	return trusted > MaxEvents || trusted == 0 && p.Public > MaxEvents
}

// seen says that the person did something, or came by a stage, in the time in which mature attempts begin.
func (p *Person) seen(period *Period) bool {
	for i := range p.Events {
		if t := p.Events[i].Time; t >= period.From && t < period.To {
			return true
		}
	}
	return false
}

func (p *Person) reset(id uint64, unit string) {
	p.ID, p.Rows, p.Public = id, 0, 0
	p.enteredBefore, p.enteredAfter = 0, false
	p.Unit = strings.Clone(unit)
	p.Events, p.Touches = p.Events[:0], p.Touches[:0]
	for i := range p.hits {
		p.hits[i] = p.hits[i][:0]
	}
	clear(p.firsts)
	p.holds.reset()
	p.traits.reset()
	p.groups.reset()
}
