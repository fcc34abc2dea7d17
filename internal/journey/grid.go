// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"strconv"
	"time"
)

// count writes a whole number for a Grid.
func count(n int64) string { return strconv.FormatInt(n, 10) }

// share writes a part of a whole for a Grid; empty when the whole is 0.
func share(part, whole int64) string {
	if d, ok := Divide(part, whole, RatioDigits); ok {
		return d.String()
	}
	return ""
}

// rounded writes a computed number for a Grid.
func rounded(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }

// instant writes a time for a Grid, by RFC 3339 in the calendar's zone.
func (c *Calendar) instant(micros int64) string { return c.time(micros).Format(time.RFC3339) }
