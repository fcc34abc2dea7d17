// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// KPI is one number with a name.
type KPI struct {
	// Name of the KPI.
	Name string
	// Measure says what is computed.
	Measure Measure
}

// Measure is one sort of number. Each has a file of its own, with its accumulator.
type Measure interface {
	reader
	// accumulator gives an empty accumulator; the error says what is wrong with the measure.
	accumulator(m *Map, p *Progression) (Accumulator, error)
}

// Accumulator sums up one measure over one period. One that needs to see a person as a whole is a personal as well.
type Accumulator interface {
	// attempt takes the mature attempt that counts of a customer.
	attempt(a *Attempt)
	// hit takes an event of the measure inside the period.
	hit(h *Hit)
	// Merge adds the sums of an accumulator of the same measure over other persons.
	Merge(other Accumulator)
	// Value of the measure over all that was added.
	Value() Value
}

// personal is an accumulator that takes each person as a whole, after the attempt and the events of the period.
type personal interface {
	// person takes a person; it is called for each person of the scan, once for each period.
	person(v *View)
}

// Value is the number that a measure gives.
type Value struct {
	// Number is the value; it means something only when Known.
	Number Decimal
	// Known is false when there is nothing to compute the number from.
	Known bool
	// Unit of the number: ratio, count, points, or a currency.
	Unit string
	// Samples is the number of customers, orders, answers or events behind the number.
	Samples int64
	// LeftOut is the number of events that could not be used.
	LeftOut int64
	// Interval tells how far chance alone may have moved the number; it has no Method where that is not known.
	Interval Interval
}

// Units of values that are no money.
const (
	UnitRatio  = "ratio"
	UnitCount  = "count"
	UnitPoints = "points"
	// UnitNumber is for values whose unit is that of a property.
	UnitNumber = "number"
)

// Hit is an event that a measure or a table looks at.
type Hit struct {
	// Role of the event in the measure or table.
	Role uint8
	// Usable says that the event has what the measure needs.
	Usable bool
	// HasOrder says that the event names an order: Order is its key, SourceOrder the key of the order at its source.
	HasOrder           bool
	Order, SourceOrder event.Key
	// Time, Seq and Index of the event.
	Time, Seq int64
	Index     int32
	// Amount of money or score, in micro-units.
	Amount int64
	// Text is the number of a text in the engine's texts: a channel, the item of a path, the value of a property.
	Text uint32
	// Session tells sessions apart; 0 for none.
	Session uint64
}

// noHits is for measures of attempts.
type noHits struct{}

func (noHits) matches() [][]Match        { return nil }
func (noHits) read(*values, uint8, *Hit) {}
func (noHits) hit(*Hit)                  {}

// noAttempts is for measures of events.
type noAttempts struct{}

func (noAttempts) attempt(*Attempt) {}

func stageNamed(m *Map, name string) (int, error) {
	for i, s := range m.Stages {
		if s.Name == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("the map has no stage %q", name)
}

// shareOf gives the value of a share.
func shareOf(part, whole int64) Value {
	n, ok := Divide(part, whole, RatioDigits)
	return Value{Number: n, Known: ok, Unit: UnitRatio, Samples: whole}
}
