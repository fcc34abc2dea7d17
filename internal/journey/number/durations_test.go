// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMedianIsExactUpToTheCap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 30).Draw(t, "durations")
		var whole, left, right Durations
		for i, v := range list {
			whole.Add(v)
			if i%3 == 0 {
				left.Add(v)
			} else {
				right.Add(v)
			}
		}
		slices.Sort(list)
		want := new(big.Rat).SetFrac64(list[(len(list)-1)/2]+list[len(list)/2], 2_000_000)
		got, ok := whole.Median()
		require.True(t, ok)
		off := want.Sub(want, big.NewRat(got, 1))
		require.LessOrEqual(t, off.Abs(off).Cmp(big.NewRat(500_001, 1_000_000)), 0, "half a second, and half a microsecond of the mean")
		left.Merge(&right)
		merged, _ := left.Median()
		require.Equal(t, got, merged)
	})
	_, ok := (&Durations{}).Median()
	require.False(t, ok)
}

// The median has at most the documented error, however the durations are split into shards.
func TestMedianBeyondTheCap(t *testing.T) {
	const n = MaxExactDurations + 3
	var whole, left, right Durations
	exact := make([]int64, 0, n)
	for i := range int64(n) {
		v := (i * 7_919 % n) * (i * 7_919 % n) * 17
		exact = append(exact, v)
		whole.Add(v)
		if i%4 == 0 {
			left.Add(v)
		} else {
			right.Add(v)
		}
	}
	slices.Sort(exact)
	want := exact[n/2]
	got, _ := whole.Median()
	require.InEpsilon(t, float64(want)/1e6, float64(got), 1.0/256)
	require.Nil(t, whole.exact)
	left.Merge(&right)
	require.Equal(t, whole.buckets, left.buckets)
	other := Durations{}
	other.Merge(&whole)
	require.Equal(t, whole.buckets, other.buckets)
}

func TestBucketsCoverAllDurations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(0, 1<<63-1).Draw(t, "v")
		b := bucketOf(v)
		require.LessOrEqual(t, b, bucketOf(1<<63-1))
		middle := middleOf(b)
		require.Equal(t, b, bucketOf(middle), "the middle lies in its bucket")
		off := max(v, middle) - min(v, middle)
		require.LessOrEqual(t, off, v/256+1)
		if v > 0 {
			require.LessOrEqual(t, bucketOf(v-1), b, "buckets are in order")
		}
	})
}
