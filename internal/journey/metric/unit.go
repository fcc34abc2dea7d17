// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

// Units of values that are no money.
const (
	UnitRatio  = "ratio"
	UnitCount  = "count"
	UnitPoints = "points"
	// UnitNumber is for values whose unit is that of a property.
	UnitNumber = "number"
	// UnitTime is for instants, by RFC 3339, UnitText for names; both are of tables alone.
	UnitTime = "time"
	UnitText = "text"
	// UnitSeconds is for durations.
	UnitSeconds = "seconds"
)
