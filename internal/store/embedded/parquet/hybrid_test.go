// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Packs numbers bit by bit as in the specification of Parquet, and unpacks them.
func TestUnpack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := uint(rapid.IntRange(0, 32).Draw(t, "width"))
		want := rapid.SliceOfN(rapid.Uint64Range(0, 1<<width-1), 0, 70).Draw(t, "values")
		groups := (len(want) + 7) / 8
		packed := make([]byte, groups*int(width))
		for i, v := range want {
			for bit := range width {
				at := uint(i)*width + bit
				packed[at/8] |= byte(v>>bit&1) << (at % 8)
			}
		}
		got := unpack(make([]uint32, 0, len(want)), packed, width, len(want))
		require.Len(t, got, len(want))
		for i := range want {
			require.EqualValues(t, want[i], got[i])
		}
	})
}
