// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Fisher's tea test (3 of 4 cups right), and the convicted twins that Fisher wrote about, 10 and 3 against 2 and 15.
func TestFisherAsPublished(t *testing.T) {
	for _, c := range []struct {
		t    Table
		want float64
	}{
		{Table{3, 1, 1, 3}, 34.0 / 70}, {Table{4, 0, 0, 4}, 2.0 / 70}, {Table{10, 3, 2, 15}, 0.000536725},
	} {
		o, ok := c.t.Odds(0.95)
		require.True(t, ok)
		require.True(t, o.Exact)
		require.InEpsilon(t, c.want, o.P, 1e-5)
	}
}

// fisherByEnumeration sums over all tables with the same margins, in exact fractions.
func fisherByEnumeration(t Table) float64 {
	with, without := t.WithConverted+t.WithNot, t.WithoutConverted+t.WithoutNot
	converted := t.WithConverted + t.WithoutConverted
	ways := func(x int64) *big.Int {
		if x < 0 || converted-x < 0 || x > with || converted-x > without {
			return new(big.Int)
		}
		n := new(big.Int).Binomial(with, x)
		return n.Mul(n, new(big.Int).Binomial(without, converted-x))
	}
	seen, extreme, all := ways(t.WithConverted), new(big.Int), new(big.Int)
	for x := range converted + 1 {
		w := ways(x)
		all.Add(all, w)
		if w.Cmp(seen) <= 0 {
			extreme.Add(extreme, w)
		}
	}
	p, _ := new(big.Rat).SetFrac(extreme, all).Float64()
	return p
}

func TestFisherByEnumeration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) int64 { return rapid.Int64Range(0, 60).Draw(t, name) }
		table := Table{draw("a"), draw("b"), draw("c"), draw("d")}
		o, ok := table.Odds(0.95)
		require.Equal(t, table != Table{}, ok)
		if ok {
			require.InEpsilon(t, fisherByEnumeration(table), o.P, 1e-9)
			require.True(t, o.Interval.Contains(o.Ratio))
		}
	})
}

// Where one test replaces the other, both give almost the same.
func TestExactAgreesWithChiSquared(t *testing.T) {
	for _, shift := range []int64{0, 50, 100, 200, 300} {
		h := hypergeometric{whole: 80_000, converted: 40_000, drawn: 40_000}
		require.InDelta(t, 5000, h.variance(), 1)
		x := 20_000 + shift
		z := (math.Abs(float64(x)-h.mean()) - 0.5) / math.Sqrt(h.variance()) // corrected for continuity
		require.InEpsilon(t, min(1, 2*normalTail(z)), h.twoSided(x), 0.01, shift)
	}
	large := Table{60_000, 40_000, 59_500, 40_500}
	o, ok := large.Odds(0.95)
	require.True(t, ok)
	require.False(t, o.Exact)
	cross := 6e4*40_500 - 4e4*59_500
	statistic := 2e5 * cross * cross / (1e5 * 1e5 * 119_500 * 80_500)
	require.InEpsilon(t, math.Erfc(math.Sqrt(statistic/2)), o.P, 1e-9)
}

func TestOddsByHand(t *testing.T) {
	o, ok := Table{19, 80, 9, 90}.Odds(0.95) // (19.5 · 90.5) / (80.5 · 9.5)
	require.True(t, ok)
	ratio := 19.5 * 90.5 / (80.5 * 9.5)
	require.InDelta(t, ratio, o.Ratio, 1e-12)
	half := 1.959963985 * math.Sqrt(1/19.5+1/80.5+1/9.5+1/90.5)
	require.InDelta(t, ratio*math.Exp(-half), o.Interval.Low, 1e-8)
	require.InDelta(t, ratio*math.Exp(half), o.Interval.High, 1e-7)
}

func TestOddsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) int64 {
			return rapid.OneOf(rapid.Int64Range(0, 50), rapid.Int64Range(0, MaxCount/4)).Draw(t, name)
		}
		table := Table{draw("a"), draw("b"), draw("c"), draw("d")}
		o, ok := table.Odds(0.95)
		if !ok {
			require.Equal(t, Table{}, table)
			return
		}
		mirror, _ := Table{table.WithoutConverted, table.WithoutNot, table.WithConverted, table.WithNot}.Odds(0.95)
		require.InEpsilon(t, o.Ratio, 1/mirror.Ratio, 1e-9)
		require.InDelta(t, o.P, mirror.P, 1e-6)
		require.True(t, o.P >= 0 && o.P <= 1, o.P)
		require.True(t, o.Interval.Low > 0 && !math.IsInf(o.Interval.High, 0))
	})
}

func TestSegmentTest(t *testing.T) {
	// 30 of 100 convert, and 20 of the 40 in a segment.
	s, ok := SegmentTest(Proportion{20, 40}, Proportion{30, 100})
	require.True(t, ok)
	require.InEpsilon(t, fisherByEnumeration(Table{20, 20, 10, 50}), s.P, 1e-9)
	s, ok = SegmentTest(Proportion{30, 100}, Proportion{30, 100})
	require.True(t, ok)
	require.Equal(t, 1.0, s.P, "the whole is what it is")
	for _, c := range [][2]Proportion{
		{{10, 29}, {30, 100}}, {{31, 40}, {30, 100}}, {{0, 80}, {30, 100}}, {{0, 101}, {0, 100}}, {{0, 40}, {1, 0}},
	} {
		_, ok = SegmentTest(c[0], c[1])
		require.False(t, ok, c)
	}
}

func TestAdjustAsPublished(t *testing.T) {
	// The fifteen p-values of Benjamini and Hochberg (1995), section 4. At 0.05, the four smallest are significant.
	p := []float64{
		0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1,
	}
	q, ok := Adjust(p)
	require.True(t, ok)
	for i, v := range q {
		require.Equal(t, i < 4, v <= 0.05, i)
	}
	require.InDelta(t, 0.0001*15, q[0], 1e-12)
	require.InDelta(t, 0.0095*15/4, q[3], 1e-12)
	// A p-value is at most that of the next one: 0.04 alone would be 0.08.
	q, ok = Adjust([]float64{0.041, 0.04})
	require.True(t, ok)
	require.Equal(t, []float64{0.041, 0.041}, q)
	_, ok = Adjust([]float64{0.5, math.NaN()})
	require.False(t, ok)
}

// A test is significant at a level exactly if the step-up procedure says so.
func TestAdjustByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 20).Draw(t, "p")
		level := rapid.Float64Range(0.001, 0.999).Draw(t, "level")
		q, ok := Adjust(p)
		require.True(t, ok)
		sorted := slices.Sorted(slices.Values(p))
		largest := -1.0
		for i, v := range sorted {
			if v <= level*float64(i+1)/float64(len(p)) {
				largest = v
			}
		}
		for i := range p {
			if math.Abs(q[i]-level) > 1e-12 {
				require.Equal(t, p[i] <= largest, q[i] <= level)
			}
		}
	})
}

// FuzzCounts: no counts and no level give NaN, infinity or a panic, and valid ones give a result.
func FuzzCounts(f *testing.F) {
	f.Add(int64(3), int64(1), int64(1), int64(3), 0.95)
	f.Add(int64(0), int64(0), int64(0), int64(1), 0.5)
	f.Add(int64(MaxCount/4), int64(MaxCount/4), int64(MaxCount/4), int64(MaxCount/4), 0.999999)
	f.Add(int64(math.MaxInt64), int64(math.MinInt64), int64(-1), int64(1), math.NaN())
	f.Fuzz(func(t *testing.T, a, b, c, d int64, level float64) {
		finite := func(list ...float64) {
			for _, v := range list {
				require.False(t, math.IsNaN(v) || math.IsInf(v, 0))
			}
		}
		table := Table{a, b, c, d}
		o, ok := table.Odds(level)
		require.Equal(t, table.valid() && validLevel(level), ok)
		finite(o.P, o.Ratio, o.Interval.Low, o.Interval.High)
		first, second := Proportion{a, b}, Proportion{c, d}
		w, ok := Wilson(first, level)
		require.Equal(t, first.valid() && validLevel(level), ok)
		require.True(t, !ok || 0 <= w.Low && w.Low <= w.High && w.High <= 1)
		n, _ := Newcombe(first, second, level)
		s, _ := NPS(a, b, c, level)
		seg, _ := SegmentTest(first, second)
		finite(n.Value, n.Interval.Low, n.Interval.High, s.Value, s.Interval.Low, s.Interval.High, seg.P)
		require.True(t, seg.P >= 0 && seg.P <= 1)
		var sums Sums
		for _, v := range []int64{a, b, c, d} {
			sums.Add(v)
		}
		i, _ := sums.MeanInterval(level)
		finite(i.Low, i.High)
	})
}
