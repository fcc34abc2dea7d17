// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package grid

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestGridIsIndependentOfShards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 1<<10), 1, 60).Draw(t, "values")
		order := rapid.Permutation(values).Draw(t, "order")
		limit := rapid.IntRange(1, 30).Draw(t, "limit")
		whole, left, right := New[int64, Count](limit, multiples), New[int64, Count](limit, multiples), New[int64, Count](limit, multiples)
		for _, v := range values {
			whole.Add(v, 1)
		}
		shards := rapid.SliceOfN(rapid.Bool(), len(order), len(order)).Draw(t, "shards")
		for i, v := range order {
			if shards[i] {
				left.Add(v, 1)
			} else {
				right.Add(v, 1)
			}
		}
		left.Merge(right)
		require.Equal(t, whole.Cells(Compare), left.Cells(Compare))
		require.Equal(t, whole.Level(), left.Level())
		require.LessOrEqual(t, whole.Len(), limit)
		sum := Count(0)
		for _, c := range whole.Cells(Compare) {
			sum += c.Value
		}
		require.EqualValues(t, len(values), sum)
		// it is the finest level that fits
		if whole.Level() > 0 {
			finer := map[int64]bool{}
			for _, v := range values {
				finer[multiples(v, whole.Level()-1)] = true
			}
			require.Greater(t, len(finer), limit)
		}
	})
}

// multiples rounds down to multiples of powers of two, so that at the highest level only 0 remains.
func multiples(v int64, level int) int64 { return v >> level << level }

func TestLeading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		low := rapid.IntRange(0, MaxLevel).Draw(t, "low")
		high := rapid.IntRange(low, MaxLevel).Draw(t, "high")
		require.Equal(t, Leading(a, high), Leading(Leading(a, low), high), "levels are nested")
		if a <= b {
			require.LessOrEqual(t, Leading(a, low), Leading(b, low), "order stays")
		}
		tolerance := 1.0
		if low <= keptBits {
			tolerance = 1 / float64(int64(1)<<(keptBits-low))
		}
		if low > 0 && a != 0 {
			require.LessOrEqual(t, abs(Middle(Leading(a, low), low)-float64(a)), abs(float64(a))*tolerance)
		}
		require.Equal(t, float64(a), Middle(Leading(a, 0), 0))
	})
	distinct := map[int64]bool{}
	for shift := range 63 {
		distinct[Leading(1<<shift+shift64(shift), MaxLevel)] = true
		distinct[Leading(-1<<shift, MaxLevel)] = true
	}
	require.Len(t, distinct, 126)
}

func shift64(n int) int64 { return int64(1)<<n - 1 }

func abs(v float64) float64 { return max(v, -v) }
