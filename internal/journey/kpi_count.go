// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// EventCount is the number of events that match. An event that several entries match counts once.
type EventCount struct {
	// Match lists the events.
	Match []Match
}

// Matches lists the events that it looks at, by role.
func (c EventCount) Matches() [][]Match { return [][]Match{c.Match} }

// Read notes what it needs of an event.
func (EventCount) Read(_ *Values, _ uint8, h *Hit) { h.Usable = true }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (EventCount) NewAccumulator(*Map, Policy) (Accumulator, error) { return &eventCount{}, nil }

type eventCount struct {
	NoAttempts
	count int64
}

func (c *eventCount) AddHit(*Hit) { c.count++ }

func (c *eventCount) Merge(other Accumulator) { c.count += other.(*eventCount).count }

func (c *eventCount) Value() Value {
	return Value{Number: Decimal{Scaled: c.count}, Known: true, Unit: UnitCount, Samples: c.count}
}
