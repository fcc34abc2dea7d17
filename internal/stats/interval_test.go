// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The examples of Newcombe, Two-sided confidence intervals for the single proportion (1998), table I.
func TestWilsonAsPublished(t *testing.T) {
	for _, c := range []struct {
		p         Proportion
		low, high float64
	}{
		{Proportion{81, 263}, 0.2553, 0.3662},
		{Proportion{15, 148}, 0.0624, 0.1605},
		{Proportion{0, 20}, 0, 0.1611},
		{Proportion{1, 29}, 0.0061, 0.1718},
	} {
		i, ok := Wilson(c.p, 0.95)
		require.True(t, ok)
		require.InDelta(t, c.low, i.Low, 6e-5, c.p)
		require.InDelta(t, c.high, i.High, 6e-5, c.p)
	}
}

// The examples of Newcombe (1998), table II, method 10.
func TestNewcombeAsPublished(t *testing.T) {
	for _, c := range []struct {
		a, b      Proportion
		low, high float64
	}{
		{Proportion{56, 70}, Proportion{48, 80}, 0.0524, 0.3339},
		{Proportion{9, 10}, Proportion{3, 10}, 0.1705, 0.8090},
		{Proportion{6, 7}, Proportion{2, 7}, 0.0582, 0.8062},
		{Proportion{5, 56}, Proportion{0, 29}, -0.0381, 0.1926},
		{Proportion{0, 10}, Proportion{0, 20}, -0.1611, 0.2775},
		{Proportion{0, 10}, Proportion{0, 10}, -0.2775, 0.2775},
		{Proportion{10, 10}, Proportion{0, 20}, 0.6791, 1},
		{Proportion{10, 10}, Proportion{0, 10}, 0.6075, 1},
	} {
		d, ok := Newcombe(c.a, c.b, 0.95)
		require.True(t, ok)
		require.InDelta(t, c.low, d.Interval.Low, 6e-5, c)
		require.InDelta(t, c.high, d.Interval.High, 6e-5, c)
	}
}

func drawShare(t *rapid.T, name string) Proportion {
	n := rapid.OneOf(rapid.Int64Range(1, 100), rapid.Int64Range(1, MaxCount)).Draw(t, name+" of")
	return Proportion{rapid.Int64Range(0, n).Draw(t, name), n}
}

func drawLevel(t *rapid.T) float64 { return rapid.Float64Range(0.01, 0.999999).Draw(t, "level") }

// By definition, the observed share is z standard errors away from each limit.
func TestWilsonAgreesWithScoreTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 100_000).Draw(t, "n")
		p := Proportion{rapid.Int64Range(0, n).Draw(t, "k"), n}
		level := drawLevel(t)
		i, ok := Wilson(p, level)
		require.True(t, ok)
		share, _ := p.Share()
		z, _ := quantile(level)
		for _, end := range []float64{i.Low, i.High} {
			if end == share { // k = 0 or k = n
				continue
			}
			require.InEpsilon(t, z*z, (share-end)*(share-end)*float64(n)/(end*(1-end)), 1e-6)
		}
		require.True(t, i.Contains(share))
	})
}

func TestNewcombeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, level := drawShare(t, "a"), drawShare(t, "b"), drawLevel(t)
		d, ok := Newcombe(a, b, level)
		require.True(t, ok)
		require.True(t, d.Interval.Contains(d.Value))
		swapped, _ := Newcombe(b, a, level)
		require.InDelta(t, d.Value, -swapped.Value, 1e-15)
		require.InDelta(t, d.Interval.Low, -swapped.Interval.High, 1e-12)
		same, _ := Newcombe(a, a, level)
		require.True(t, same.Interval.Contains(0))
	})
}

func TestNPS(t *testing.T) {
	s, ok := NPS(600, 150, 1000, 0.95)
	require.True(t, ok)
	require.InDelta(t, 45, s.Value, 1e-12)
	// For a thousand answers, the simple multinomial interval is close.
	half := 100 * 1.959964 * math.Sqrt((0.6+0.15-0.45*0.45)/1000)
	require.InDelta(t, 45-half, s.Interval.Low, 0.2)
	require.InDelta(t, 45+half, s.Interval.High, 0.2)
	// If all are promoters, the most likely share of detractors with a difference d is (1−d)/2, so that z² = n(1−d)/(1+d).
	s, _ = NPS(10, 0, 10, 0.95)
	require.InDelta(t, 100*(10-3.841459)/(10+3.841459), s.Interval.Low, 1e-4)
	require.InDelta(t, 100, s.Interval.High, 1e-9)
	for _, bad := range [][3]int64{{1, 1, 1}, {-1, 0, 1}, {0, 0, 0}, {0, -1, 5}, {math.MaxInt64, math.MaxInt64, math.MaxInt64}} {
		_, ok = NPS(bad[0], bad[1], bad[2], 0.95)
		require.False(t, ok, bad)
	}
}

// Compares the limits with a score test whose most likely shares are found by search instead of the formula.
func TestNPSAgreesWithScoreTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 60).Draw(t, "n")
		promoters := rapid.Int64Range(0, n).Draw(t, "promoters")
		detractors := rapid.Int64Range(0, n-promoters).Draw(t, "detractors")
		s, ok := NPS(promoters, detractors, n, 0.95)
		require.True(t, ok)
		require.True(t, s.Interval.Low <= s.Value+1e-9 && s.Value-1e-9 <= s.Interval.High)
		require.True(t, s.Interval.Low >= -100 && s.Interval.High <= 100)
		mirror, _ := NPS(detractors, promoters, n, 0.95)
		require.InDelta(t, s.Interval.Low, -mirror.Interval.High, 1e-6)
		for _, end := range []float64{s.Interval.Low / 100, s.Interval.High / 100} {
			if math.Abs(end) > 1-1e-9 {
				continue
			}
			require.InDelta(t, 1.959964, math.Abs(searchedScore(promoters, detractors, n, end)), 2e-3)
		}
	})
}

// searchedScore maximises the multinomial likelihood over the share of detractors, for a given difference, with the golden-section search.
func searchedScore(promoters, detractors, n int64, d float64) float64 {
	p, q, rest := float64(promoters), float64(detractors), float64(n-promoters-detractors)
	log := func(k, share float64) float64 {
		if k == 0 {
			return 0
		}
		return k * math.Log(max(share, 1e-300))
	}
	likelihood := func(x float64) float64 { return log(q, x) + log(p, x+d) + log(rest, 1-2*x-d) }
	low, high := max(0, -d), (1-d)/2
	for range 200 {
		a, b := low+(high-low)*0.382, low+(high-low)*0.618
		if likelihood(a) > likelihood(b) {
			high = b
		} else {
			low = a
		}
	}
	x := (low + high) / 2
	return (p - q - float64(n)*d) / math.Sqrt(float64(n)*(2*x+d-d*d))
}

func TestRefusals(t *testing.T) {
	for _, p := range []Proportion{{1, 0}, {2, 1}, {-1, 1}, {0, -1}, {0, MaxCount + 1}} {
		_, ok := p.Share()
		require.False(t, ok)
		_, ok = Wilson(p, 0.95)
		require.False(t, ok)
		_, ok = Newcombe(Proportion{1, 2}, p, 0.95)
		require.False(t, ok)
	}
	for _, level := range []float64{0, 1, -1, 2, math.NaN(), math.Inf(1)} {
		_, ok := Wilson(Proportion{1, 2}, level)
		require.False(t, ok)
	}
}
