// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDecimalsRoundHalvesAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		a, b   int64
		digits int
		want   string
	}{
		{1, 3, 4, "0.3333"}, {2, 3, 4, "0.6667"}, {1, 20_000, 4, "0.0001"}, {1, 20_001, 4, "0.0000"},
		{-1, 8, 2, "-0.13"}, {1, -8, 2, "-0.13"}, {-1, -8, 2, "0.13"}, {1, 2, 0, "1"}, {-1, 2, 0, "-1"}, {7, 1, 1, "7.0"}, {1, 1, 4, "1.0000"},
	} {
		d, ok := Divide(c.a, c.b, c.digits)
		require.True(t, ok)
		require.Equal(t, c.want, d.String(), "%d/%d", c.a, c.b)
	}
	require.Empty(t, Ratio(1, 0))
	require.Empty(t, Percent(1, 0))
	require.Equal(t, "12.1%", Percent(121, 1000))
	require.Equal(t, "0.1%", Percent(1, 2000))
}

func TestDecimalsAreTheNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Range(-1e9, 1e9).Draw(t, "a"), rapid.Int64Range(-1e9, 1e9).Filter(func(n int64) bool { return n != 0 }).Draw(t, "b")
		d, ok := Divide(a, b, 4)
		require.True(t, ok)
		shown, ok := new(big.Rat).SetString(d.String())
		require.True(t, ok)
		off := shown.Sub(shown, big.NewRat(a, b))
		require.LessOrEqual(t, off.Abs(off).Cmp(big.NewRat(1, 20_000)), 0)
	})
}

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

// TestMedianBeyondTheCap checks the stated error, and that it does not matter how the durations were split.
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

func TestTopIsOrderedAndBounded(t *testing.T) {
	counts := map[string]int64{"b": 2, "a": 2, "c": 9, "d": 1}
	require.Equal(t, []NameCount{{"c", 9}, {"a", 2}, {"b", 2}}, top(counts, 3))
	require.Len(t, top(counts, 10), 4)
}

func TestTableIsBounded(t *testing.T) {
	names := newTexts()
	for i := range 2 * MaxNames {
		names.Number(fmt.Sprint("name ", i))
	}
	require.Len(t, names.texts, MaxNames+1)
	require.Equal(t, OtherName, names.Text(names.Number("one more")))
	require.Equal(t, "name 7", names.Text(names.Number("name 7")))
}

func TestChannelsBeyondTheBoundAreOther(t *testing.T) {
	s := StageSums{channels: map[string]*ChannelSums{}}
	for i := range 5 {
		name := fmt.Sprint("c", i)
		s.channels[name] = &ChannelSums{Channel: name, Entered: int64(i + 1), Converted: 1}
	}
	require.Equal(t, []ChannelSums{{"c4", 5, 1}, {"c3", 4, 1}, {OtherName, 6, 3}}, s.Channels(2))
}

func TestWorstStage(t *testing.T) {
	f := Funnel{goal: 2, Stages: []StageSums{{Entered: 3, Converted: 2}, {Entered: 6, Converted: 4}, {Entered: 4, Converted: 0}, {}}}
	worst, ok := f.Worst()
	require.True(t, ok)
	require.Equal(t, 0, worst, "equal shares: the earliest; beyond the goal nobody is lost")
	f.Stages[1].Converted = 3
	worst, _ = f.Worst()
	require.Equal(t, 1, worst)
	_, ok = (&Funnel{goal: 1, Stages: make([]StageSums, 2)}).Worst()
	require.False(t, ok)
}
