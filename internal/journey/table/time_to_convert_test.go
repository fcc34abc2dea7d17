// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Computes everything from the list of durations, with fractions and floats where the engine uses integers, and merges shards of the list.
func TestTimeToConvertAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Int64Range(0, rapid.SampledFrom([]int64{1, 5e6, 1e12}).Draw(t, "most")), 1, 40).Draw(t, "durations")
		given := rapid.SampledFrom([]int{0, 0, 1, 7, 60}).Draw(t, "bins")
		whole, left, right := &TimeToConvertSums{bins: given}, &TimeToConvertSums{bins: given}, &TimeToConvertSums{bins: given}
		for i, d := range list {
			whole.add(d)
			if i%3 == 1 {
				left.add(d)
			} else {
				right.add(d)
			}
		}
		left.Merge(right)
		require.Equal(t, whole.Grid(), left.Grid())

		slices.Sort(list)
		n, sum := len(list), new(big.Rat)
		for _, d := range list {
			sum.Add(sum, big.NewRat(d, 1_000_000))
		}
		mean, ok := whole.Mean()
		require.True(t, ok)
		require.Equal(t, sum.Quo(sum, big.NewRat(int64(n), 1)).FloatString(3), mean.String())
		require.Equal(t, list[int(math.Ceil(0.9*float64(n)-1e-9))-1], whole.Percentile(90))

		bins := float64(given)
		if given == 0 {
			bins = math.Min(60, math.Max(1, math.Ceil(math.Cbrt(float64(n))-1e-9)))
		}
		from, to := math.Floor(float64(list[0])/1e6), math.Ceil(float64(list[n-1])/1e6)
		width := math.Ceil((to - from) / bins)
		if width == 0 {
			width = 60
		}
		want := make([]Bin, int(bins)+1)
		for i := range want {
			want[i].From = int64(from) + int64(i)*int64(width)
		}
		for _, d := range list {
			k := 0
			for k+1 < len(want) && d >= want[k+1].From*1_000_000 {
				k++
			}
			want[k].Customers++
		}
		require.Equal(t, want, whole.Histogram())
	})
}

// The sum of the bins, the mean and the extremes are exact, even when single durations are no longer kept.
func TestTimeToConvertBeyondTheCap(t *testing.T) {
	s := &TimeToConvertSums{}
	const n = number.MaxExactDurations + 1000
	for i := range int64(n) {
		s.add(i * 1_000_000)
	}
	mean, _ := s.Mean()
	require.Equal(t, "50499.500", mean.String())
	bins := s.Histogram()
	require.Len(t, bins, 48, "the cube root of 101,000 is 46.57")
	total := int64(0)
	for _, b := range bins {
		total += b.Customers
	}
	require.EqualValues(t, n, total)
	require.InEpsilon(t, 0.9*n*1e6, float64(s.Percentile(90)), 1.0/256)
	require.EqualValues(t, (n-1)*1_000_000, s.Percentile(100))
}

// The table without customers, and next to that of another period.
func TestTimeToConvertGrid(t *testing.T) {
	empty, full := &TimeToConvertSums{}, &TimeToConvertSums{bins: 2}
	for _, seconds := range []int64{2220, 3600, 82800} {
		full.add(seconds * 1_000_000)
	}
	rows := func(g metric.Grid) (out [][]string) {
		for _, r := range g.Rows {
			out = append(out, r.Values)
		}
		return out
	}
	require.Equal(t, [][]string{
		{"mean", "", "0"}, {"median", "", "0"}, {"p90", "", "0"}, {"least", "", "0"}, {"most", "", "0"},
	}, rows(empty.Grid()))
	require.Equal(t, [][]string{
		{"mean", "29540.000", "3", "", "0"}, {"median", "3600", "3", "", "0"}, {"p90", "82800.000", "3", "", "0"},
		{"least", "2220.000", "3", "", "0"}, {"most", "82800.000", "3", "", "0"},
		{"from", "2220", "2", "", ""}, {"from", "42510", "0", "", ""}, {"from", "82800", "1", "", ""},
	}, rows(full.GridCompared(empty)))
}

func TestCubeRootIsRoundedUp(t *testing.T) {
	for n, want := range map[int64]int64{1: 1, 2: 2, 8: 2, 9: 3, 27: 3, 28: 4, 216_000: 60, 216_001: 60, math.MaxInt64: 60} {
		require.Equal(t, want, cubeRoot(n), "%d", n)
	}
}
