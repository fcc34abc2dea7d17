// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The limits for the time of sending: five minutes before the event, one day before the receipt, one day after it.
func TestSkew(t *testing.T) {
	received := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	const day, minute = 24 * time.Hour, time.Minute
	for name, c := range map[string]struct {
		at, sent time.Duration // after the receipt
		want     bool
	}{
		"no skew":                                 {-minute, 0, true},
		"five minutes before the event":           {0, -5 * minute, true},
		"more than that":                          {0, -5*minute - time.Microsecond, false},
		"an event that waited for a month":        {-30 * day, -time.Hour, true},
		"a day slow":                              {-day - minute, -day, true},
		"more than a day slow, or kept":           {-day - minute, -day - time.Microsecond, false},
		"a day ahead":                             {0, day, true},
		"more, with the event":                    {2 * day, 2*day + minute, true},
		"more, without the event":                 {0, day + time.Microsecond, false},
		"more, with an event of less than it may": {5 * minute, 3 * day, false},
		"a year slow":                             {-366 * day, -365 * day, false},
		"never set":                               {-20 * 366 * day, -20 * 365 * day, true},
	} {
		skew, ok := skewOf(received.Add(c.at), received.Add(c.sent), received)
		require.Equal(t, c.want, ok, name)
		if ok {
			require.Equal(t, c.sent, skew, name)
		}
	}
}
