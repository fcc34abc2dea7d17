// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	const minute, hour, day = 60, 3600, 24 * 3600
	for want, seconds := range map[string]int64{
		"0 s": 0, "1 s": 1, "59 s": 59, "1 m": minute, "7 m 26 s": 7*minute + 26, "7 h 26 m": 7*hour + 26*minute + 29, "7 h 27 m": 7*hour + 26*minute + 30,
		"1 d": day - 20, "8 h": 8*hour - 10, "14 d": 14 * day, "3 d 4 h": 3*day + 4*hour + 1799, "400 d": 400 * day, "-1 h": -hour,
	} {
		require.Equal(t, want, Words(seconds), "%d s", seconds)
	}
}

// The rounding error is at most half of the second unit.
func TestWordsAreRounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.OneOf(rapid.Int64Range(0, 200_000), rapid.Int64Range(0, 1e9)).Draw(t, "seconds")
		var read, last int64
		rest := Words(seconds)
		for rest != "" {
			var n int64
			var unit string
			n, unit, rest = nextPart(t, rest)
			for _, u := range timeUnits {
				if u.name == unit {
					read += n * u.seconds
					last = u.seconds
				}
			}
		}
		off := max(read-seconds, seconds-read)
		switch {
		case seconds >= 24*3600:
			require.LessOrEqual(t, off, int64(1800))
		case seconds >= 3600:
			require.LessOrEqual(t, off, int64(30))
		default:
			require.Zero(t, off)
		}
		require.NotZero(t, last)
	})
}

// nextPart splits "7 h 26 m" into 7, "h" and "26 m".
func nextPart(t *rapid.T, text string) (n int64, unit, rest string) {
	fields := strings.SplitN(text, " ", 3)
	require.GreaterOrEqual(t, len(fields), 2)
	n, err := strconv.ParseInt(fields[0], 10, 64)
	require.NoError(t, err)
	if len(fields) == 3 {
		rest = fields[2]
	}
	return n, fields[1], rest
}
