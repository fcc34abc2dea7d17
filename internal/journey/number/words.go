// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"fmt"
	"strings"
)

// timeUnits lists the units of time, the longest first, in seconds.
var timeUnits = []struct {
	name    string
	seconds int64
}{{"d", 24 * 3600}, {"h", 3600}, {"m", 60}, {"s", 1}}

// Words formats a number of seconds for people, in its two largest units: "3 d 4 h", "7 h 26 m", "14 d", "0 s". Anything below the second unit is
// rounded, halves up.
func Words(seconds int64) string {
	if seconds < 0 {
		return "-" + Words(-seconds)
	}
	for i, unit := range timeUnits {
		if i+2 >= len(timeUnits) {
			break
		}
		// Rounding can give a whole larger unit, so it comes before the choice of units.
		if next := timeUnits[i+1].seconds; seconds >= unit.seconds {
			return spell((seconds + next/2) / next * next)
		}
	}
	return spell(seconds)
}

func spell(seconds int64) string {
	var parts []string
	for _, unit := range timeUnits {
		if n := seconds / unit.seconds; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			seconds -= n * unit.seconds
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}
