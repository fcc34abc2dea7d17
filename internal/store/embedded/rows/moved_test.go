// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// The check of whole runs agrees with a check of each row.
func TestRemainingRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var persons, anchors block.Runs
		var ofRow []uint64
		gone := map[uint64]uint64{}
		for person := range uint64(rapid.IntRange(1, 12).Draw(t, "persons")) {
			for range rapid.IntRange(1, 6).Draw(t, "rows") {
				anchor := 10*person + rapid.Uint64Range(0, 2).Draw(t, "anchor")
				persons.Add(person, 1)
				anchors.Add(anchor, 1)
				ofRow = append(ofRow, anchor)
				if rapid.IntRange(0, 3).Draw(t, "moves") == 0 {
					gone[anchor] = person
				}
			}
		}
		first := rapid.IntRange(0, len(ofRow)).Draw(t, "first")
		end := rapid.IntRange(first, len(ofRow)).Draw(t, "end")
		want := []int32{77}
		for row := first; row < end; row++ {
			if _, moved := gone[ofRow[row]]; !moved {
				want = append(want, int32(row))
			}
		}
		require.Equal(t, want, NewMoved(0, gone, 0).remaining(first, end, &persons, &anchors, []int32{77}))
	})
}
