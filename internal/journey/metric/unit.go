// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

// Units of values that are not money.
const (
	UnitRatio  = "ratio"
	UnitCount  = "count"
	UnitPoints = "points"
	// UnitNumber is for values in the unit of a property.
	UnitNumber = "number"
	// UnitTime is for instants, as RFC 3339, and UnitText for names; both only in tables.
	UnitTime = "time"
	UnitText = "text"
	// UnitSeconds is for durations.
	UnitSeconds = "seconds"
)
