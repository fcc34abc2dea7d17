// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNumbersCompareExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		x, ok := Parse(MicroText(a))
		require.True(t, ok)
		y, ok := Parse(MicroText(b))
		require.True(t, ok)
		want := 0
		if a < b {
			want = -1
		} else if a > b {
			want = 1
		}
		require.Equal(t, want, x.Compare(y))
	})
}

// Numbers beyond floats and machine words compare by all digits, and a short text needs little memory.
func TestLongNumbersCompare(t *testing.T) {
	ascending := []string{"-1e999999999", "-89490200001234567891", "-89490200001234567890", "-0.1", "-1e-999999999", "0", "1e-999999999", "0.12345678901234567", "0.12345678901234568",
		"1", "89490200001234567890.0", "89490200001234567890.1", "89490200001234567891", "1e400", "1e999999998", "1e999999999"}
	for i, a := range ascending {
		x, ok := Parse(a)
		require.True(t, ok, a)
		for j, b := range ascending {
			y, _ := Parse(b)
			require.Equal(t, min(max(i-j, -1), 1), x.Compare(y), "%s and %s", a, b)
		}
	}
	x, _ := Parse("8.9490200001234567890e19")
	y, _ := Parse("89490200001234567890")
	require.Zero(t, x.Compare(y))
}
