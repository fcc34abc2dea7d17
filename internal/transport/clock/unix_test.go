// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/transport/clock"
)

func TestUnix(t *testing.T) {
	const at = int64(1_795_256_097_000_000)
	for _, c := range []struct {
		text string
		unit clock.Unit
		want int64
		err  string
	}{
		{"1795256097", clock.Seconds, at, ""},
		{"1795256097.25", clock.Seconds, at + 250_000, ""},
		{" 1795256097000", clock.Milliseconds, at, ""},
		{"1795256097000000", clock.Microseconds, at, ""},
		{"1795256097", clock.Milliseconds, 0, "is outside 2001 to 2200: a number of milliseconds since 1970 is expected"},
		{"1795256097000", clock.Microseconds, 0, "is outside 2001 to 2200: a number of microseconds since 1970 is expected"},
		{"1795256097000000", clock.Milliseconds, 0, "is outside 2001 to 2200: a number of milliseconds since 1970 is expected"},
		{"9223372036854775807", clock.Milliseconds, 0, "is outside 2001 to 2200: a number of milliseconds since 1970 is expected"},
		{"-1795256097000", clock.Milliseconds, 0, "is outside 2001 to 2200: a number of milliseconds since 1970 is expected"},
		{"soon", clock.Seconds, 0, "is not a number of seconds since 1970"},
		{"1.5", clock.Milliseconds, 0, "is not a number of milliseconds since 1970"},
		{"", clock.Microseconds, 0, "is not a number of microseconds since 1970"},
	} {
		got, err := clock.Unix(c.text, c.unit)
		require.Equal(t, c.want, got, c.text)
		if c.err == "" {
			require.NoError(t, err, c.text)
			continue
		}
		require.EqualError(t, err, c.err, c.text)
	}
	_, err := clock.Unix("0", clock.Milliseconds)
	require.ErrorContains(t, err, "placeholder")
}
