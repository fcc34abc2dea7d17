// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNumbersCompareAsMathematiciansDo(t *testing.T) {
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
