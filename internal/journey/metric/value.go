// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import "github.com/journeyman-dev/journeyman/internal/journey/number"

// Value is the number that a KPI gives.
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
	// Interval says how far chance alone may have moved the number; it has no Method where that is not known.
	Interval number.Interval
	// Note is a word next to the number, or in its place: why there is none, or why it has no interval; empty when there is nothing to say.
	Note string
}
