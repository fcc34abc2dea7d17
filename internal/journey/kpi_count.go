// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// EventCount is the number of events that match. An event that several entries match counts once.
type EventCount struct {
	// Match lists the events.
	Match []Match
}

func (c EventCount) matches() [][]Match { return [][]Match{c.Match} }

func (EventCount) read(_ *values, _ uint8, h *Hit) { h.Usable = true }

func (EventCount) accumulator(*Map, *Progression) (Accumulator, error) { return &eventCount{}, nil }

type eventCount struct {
	noAttempts
	count int64
}

func (c *eventCount) hit(*Hit) { c.count++ }

func (c *eventCount) Merge(other Accumulator) { c.count += other.(*eventCount).count }

func (c *eventCount) Value() Value {
	return Value{Number: Decimal{Scaled: c.count}, Known: true, Unit: UnitCount, Samples: c.count}
}
