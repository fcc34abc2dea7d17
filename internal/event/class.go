// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/json"
	"fmt"
)

// LateAfter is one hour, in microseconds. An event that was received later than that after its time is late.
const LateAfter int64 = 3600 * 1_000_000

// Class is what many events have in common. Store and engine process it once for all of them.
type Class struct {
	// Source, Channel and Name of the events.
	Source, Channel, Name string
	// Kind, Initiator and Flags of the events.
	Kind      Kind
	Initiator Initiator
	Flags     Flags
	// Late is set if the events were received more than LateAfter after their time.
	Late bool
}

// ClassOf returns the class of an event.
func ClassOf(e *Event) Class {
	return Class{
		Source: e.Source, Channel: e.Channel, Name: e.Name, Kind: e.Kind, Initiator: e.Initiator, Flags: e.Flags,
		Late: e.ReceivedAt-e.Time > LateAfter,
	}
}

// Flagged reports whether the events are marked as test or robot.
func (c *Class) Flagged() bool { return c.Flags&(FlagTest|FlagBot) != 0 }

// Unidentified reports whether the events belong to nobody.
func (c *Class) Unidentified() bool { return c.Flags&FlagUnidentified != 0 }

// Customer reports whether the events are actions of a customer.
func (c *Class) Customer() bool { return c.Kind == Track && c.Initiator == Customer }

// TallyKey returns the key by which the events of the class are counted.
func (c *Class) TallyKey() TallyKey {
	return TallyKey{Source: c.Source, Name: c.Name, Flagged: c.Flagged(), Customer: c.Customer(), Unidentified: c.Unidentified()}
}

// String returns a JSON list: source, channel, name, kind, initiator, flags, and 1 for late or 0. Equal classes have equal texts.
func (c *Class) String() string {
	late := 0
	if c.Late {
		late = 1
	}
	text, err := json.Marshal([]any{c.Source, c.Channel, c.Name, int(c.Kind), int(c.Initiator), int(c.Flags), late})
	if err != nil {
		panic(err) // Marshalling texts and numbers cannot fail.
	}
	return string(text)
}

// ParseClass parses the result of String.
func ParseClass(text string) (c Class, err error) {
	late := 0
	fields := []any{&c.Source, &c.Channel, &c.Name, &c.Kind, &c.Initiator, &c.Flags, &late}
	var list []json.RawMessage
	if err = json.Unmarshal([]byte(text), &list); err == nil && len(list) != len(fields) {
		err = fmt.Errorf("it has %d fields instead of %d", len(list), len(fields))
	}
	for i := 0; i < len(fields) && err == nil; i++ {
		err = json.Unmarshal(list[i], fields[i])
	}
	if err != nil {
		return Class{}, fmt.Errorf("%q is not a class of events: %w", text, err)
	}
	c.Late = late != 0
	return c, nil
}
