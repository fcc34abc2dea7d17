// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ColumnClass is the class of an event, a text as Class.String gives it. Packed scans alone have it: it stands for the columns of
// ClassColumns, so that what many events have in common is looked at once.
const ColumnClass = "class"

// ClassColumns are the columns that a class stands for. Of the time of receipt it keeps only whether the event was late.
var ClassColumns = []string{
	ColumnSource, ColumnChannel, ColumnKind, ColumnInitiator, ColumnEvent, ColumnReceivedAt, ColumnFlags,
}

// Class is what many events have in common.
type Class struct {
	Source, Channel, Event string
	Kind                   event.Kind
	Initiator              event.Initiator
	Flags                  event.Flags
	// Late tells that the event was received more than LateAfter after its time.
	Late bool
}

// ClassOf gives the class of an event; times are in microseconds.
func ClassOf(e *event.Event) Class {
	return Class{
		Source: e.Source, Channel: e.Channel, Event: e.Name, Kind: e.Kind, Initiator: e.Initiator, Flags: e.Flags,
		Late: e.ReceivedAt-e.Time > LateAfter,
	}
}

// Flagged tells that the events are marked as test or robot.
func (c *Class) Flagged() bool { return c.Flags&(event.FlagTest|event.FlagBot) != 0 }

// Unidentified tells that the events are of nobody in particular.
func (c *Class) Unidentified() bool { return c.Flags&event.FlagUnidentified != 0 }

// Customer tells that a customer did the events.
func (c *Class) Customer() bool { return c.Kind == event.Track && c.Initiator == event.Customer }

// String is a JSON list: source, channel, event, kind, initiator, flags, and 1 for late or 0. Equal classes have equal texts.
func (c *Class) String() string {
	late := 0
	if c.Late {
		late = 1
	}
	text, err := json.Marshal([]any{c.Source, c.Channel, c.Event, int(c.Kind), int(c.Initiator), int(c.Flags), late})
	if err != nil {
		panic(err) // texts and numbers always can be written
	}
	return string(text)
}

// ParseClass reads what String gave.
func ParseClass(text string) (c Class, err error) {
	late := 0
	fields := []any{&c.Source, &c.Channel, &c.Event, &c.Kind, &c.Initiator, &c.Flags, &late}
	var list []json.RawMessage
	if err = json.Unmarshal([]byte(text), &list); err == nil && len(list) != len(fields) {
		err = fmt.Errorf("it has %d fields instead of %d", len(list), len(fields))
	}
	for i := 0; i < len(fields) && err == nil; i++ {
		err = json.Unmarshal(list[i], fields[i])
	}
	if err != nil {
		return Class{}, fmt.Errorf("%q is no class of events: %w", text, err)
	}
	c.Late = late != 0
	return c, nil
}

// WithClass gives columns of which the class takes the place of those that it stands for.
func WithClass(columns []string) []string {
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(ClassColumns, c) })
	return append(out, ColumnClass)
}

// withoutClass is the way back.
func withoutClass(columns []string) []string {
	if !slices.Contains(columns, ColumnClass) {
		return columns
	}
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == ColumnClass || slices.Contains(ClassColumns, c) })
	return append(out, ClassColumns...)
}
