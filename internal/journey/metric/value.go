// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import "github.com/journeyman-dev/journeyman/internal/journey/number"

// Value is the result of a KPI.
type Value struct {
	// Number is the value. It is meaningful only if Known is set.
	Number number.Decimal
	// Known is false if there is nothing to compute the number from.
	Known bool
	// Unit of the number: ratio, count, points, or a currency.
	Unit string
	// Samples is the number of customers, orders, answers or events behind the number.
	Samples int64
	// LeftOut is the number of events that could not be used.
	LeftOut int64
	// Interval is the range of the number due to chance. Its Method is empty if the interval is not known.
	Interval number.Interval
	// Note is a text next to the number or instead of it: why there is no number or no interval. It can be empty.
	Note string
}
