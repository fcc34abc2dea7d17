// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "github.com/journeyman-dev/journeyman/internal/journey/number"

// KPI is one number with a name.
type KPI struct {
	// Name of the KPI.
	Name string
	// Measure says what is computed.
	Measure Measure
}

// Measure is one sort of number. Each has a file of its own, with its accumulator.
type Measure interface {
	Reader
	// NewAccumulator gives an empty accumulator; the error says what is wrong with the measure.
	NewAccumulator(m *Map, p Policy) (Accumulator, error)
}

// Accumulator sums up one measure over one period. One that needs to see a person as a whole is a personal as well.
type Accumulator interface {
	// AddAttempt takes the mature attempt that counts of a customer.
	AddAttempt(a *Attempt)
	// AddHit takes an event of the measure inside the period.
	AddHit(h *Hit)
	// Merge adds the sums of an accumulator of the same measure over other persons.
	Merge(other Accumulator)
	// Value of the measure over all that was added.
	Value() Value
}

// Personal is an accumulator that takes each person as a whole, after the attempt and the events of the period.
type Personal interface {
	// AddPerson takes a person; it is called for each person of the scan, once for each period.
	AddPerson(v *View)
}

// Value is the number that a measure gives.
type Value struct {
	// Number is the value; it means something only when Known.
	Number number.Decimal
	// Known is false when there is nothing to compute the number from.
	Known bool
	// Unit of the number: ratio, count, points, or a currency.
	Unit string
	// Samples is the number of customers, orders, answers or events behind the number.
	Samples int64
	// LeftOut is the number of events that could not be used.
	LeftOut int64
	// Interval tells how far chance alone may have moved the number; it has no Method where that is not known.
	Interval number.Interval
	// Note is a word beside the number, or in its place: why there is none, or why it has no interval; empty when there is nothing to say.
	Note string
}
