// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package messages

import (
	"math"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Value formats a value of a KPI, a decimal text, for people: "33.3%", "2 d 3 h", "45.00 EUR". It is empty if there is no value.
func Value(value, unit string) string {
	switch {
	case value == "":
		return ""
	case unit == metric.UnitRatio:
		return strings.ReplaceAll(number.PercentText(value), " ", "")
	case unit == metric.UnitSeconds:
		return duration(value)
	}
	return value + named(unit)
}

// Against formats a value and its limit, both decimal texts in one unit. A ratio has one digit more than its limit, or as many as it takes to show on
// which side of the limit it is. Durations that would look equal are in seconds. A missing value has no text.
func Against(value, limit, unit string) (shown, shownLimit string) {
	if value == "" {
		_, shownLimit = Against(limit, limit, unit)
		return "", shownLimit
	}
	switch unit {
	case metric.UnitRatio:
		return number.PercentOfLimit(value, limit)
	case metric.UnitSeconds:
		shown, shownLimit = duration(value), duration(limit)
		if shown == shownLimit && !equal(value, limit) {
			return value + " s", limit + " s"
		}
		return shown, shownLimit
	}
	return value + named(unit), limit + named(unit)
}

// duration formats seconds in words. A text that is not a whole number of them within limits is returned unchanged.
func duration(seconds string) string {
	n, ok := number.Parse(seconds)
	if !ok {
		return seconds
	}
	micros, ok := n.Micro()
	if !ok {
		return seconds
	}
	return number.Words(int64(math.Round(float64(micros) / 1e6)))
}

func equal(a, b string) bool {
	x, okX := number.Parse(a)
	y, okY := number.Parse(b)
	return okX && okY && x.Compare(y) == 0
}

// named returns the unit after a number. Counts and plain numbers need none.
func named(unit string) string {
	if unit == "" || unit == metric.UnitCount || unit == metric.UnitNumber {
		return ""
	}
	return " " + unit
}

// Change formats the difference of two values; of shares, in percentage points.
func Change(change, unit string) string {
	shown := Value(change, unit)
	if unit == metric.UnitRatio && shown != "" {
		return strings.TrimSuffix(shown, "%") + " points"
	}
	return shown
}
