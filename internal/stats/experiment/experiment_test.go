// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package experiment

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

func TestCompareByHand(t *testing.T) {
	c, ok := Compare(stats.Proportion{K: 120, N: 1000}, stats.Proportion{K: 100, N: 1000}, 0.95)
	require.True(t, ok)
	require.InDelta(t, 0.02, c.Difference.Value, 1e-12)
	require.InDelta(t, 0.2, c.Uplift.Value, 1e-12)
	require.False(t, c.Significant)
	require.True(t, c.Uplift.Interval.Contains(0))
	// With logarithms: 1.2 exp(±1.96 √(1/120 − 1/1000 + 1/100 − 1/1000)). For a hundred conversions, the two are close.
	half := 1.959964 * math.Sqrt(1.0/120+1.0/100-2.0/1000)
	require.InDelta(t, 1.2*math.Exp(-half)-1, c.Uplift.Interval.Low, 0.01)
	require.InDelta(t, 1.2*math.Exp(half)-1, c.Uplift.Interval.High, 0.01)

	c, ok = Compare(stats.Proportion{K: 0, N: 50}, stats.Proportion{K: 10, N: 50}, 0.95)
	require.True(t, ok)
	require.Equal(t, -1.0, c.Uplift.Value)
	require.Equal(t, -1.0, c.Uplift.Interval.Low)
	require.InDelta(t, -0.64, c.Uplift.Interval.High, 0.05)
	require.True(t, c.Significant)

	c, ok = Compare(stats.Proportion{K: 10, N: 50}, stats.Proportion{K: 0, N: 50}, 0.95)
	require.True(t, ok)
	require.Nil(t, c.Uplift)
	_, ok = Compare(stats.Proportion{K: 3, N: 2}, stats.Proportion{K: 1, N: 2}, 0.95)
	require.False(t, ok)
}

// Compares the limits with a score test whose most likely shares are found by search.
func TestUpliftAgreesWithScoreTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, least int64) stats.Proportion {
			n := rapid.Int64Range(5, 3000).Draw(t, name+" of")
			return stats.Proportion{K: rapid.Int64Range(least, n).Draw(t, name), N: n}
		}
		treatment, control := draw("treatment", 0), draw("control", 1)
		c, ok := Compare(treatment, control, 0.95)
		require.True(t, ok)
		require.LessOrEqual(t, c.Uplift.Interval.Low, c.Uplift.Value+1e-12)
		require.GreaterOrEqual(t, c.Uplift.Interval.High, c.Uplift.Value-1e-12)
		for _, end := range []float64{c.Uplift.Interval.Low + 1, c.Uplift.Interval.High + 1} {
			if end > 0 {
				require.InEpsilon(t, 1.959964, math.Abs(searchedScore(treatment, control, end)), 0.01)
			}
		}
		// Without an effect, the score test is the chi-squared test without correction.
		r := ratio{float64(treatment.K), float64(treatment.N), float64(control.K), float64(control.N)}
		pooled := (r.x1 + r.x0) / (r.n1 + r.n0)
		if pooled < 1 {
			want := (r.x1/r.n1 - r.x0/r.n0) / math.Sqrt(pooled*(1-pooled)*(1/r.n1+1/r.n0))
			require.InDelta(t, want, r.statistic(1), 1e-6)
		}
	})
}

func searchedScore(treatment, control stats.Proportion, phi float64) float64 {
	x1, n1, x0, n0 := float64(treatment.K), float64(treatment.N), float64(control.K), float64(control.N)
	log := func(k, share float64) float64 {
		if k == 0 {
			return 0
		}
		return k * math.Log(max(share, 1e-300))
	}
	likelihood := func(p float64) float64 {
		return log(x1, phi*p) + log(n1-x1, 1-phi*p) + log(x0, p) + log(n0-x0, 1-p)
	}
	low, high := 0.0, min(1, 1/phi)
	for range 200 {
		a, b := low+(high-low)*0.382, low+(high-low)*0.618
		if likelihood(a) > likelihood(b) {
			high = b
		} else {
			low = a
		}
	}
	p := (low + high) / 2
	return (x1/n1 - phi*x0/n0) / math.Sqrt(phi*p*(1-phi*p)/n1+phi*phi*p*(1-p)/n0)
}

// peeking simulates experiments with a look every day, and counts those in which any look was significant, with the sequential and with the
// fixed-horizon test.
func peeking(base, effect float64, perDay, days, experiments int, seed uint64) (sequential, fixed float64) {
	random := rand.New(rand.NewPCG(seed, seed))
	control := distuv.Binomial{N: float64(perDay), P: base, Src: random}
	treatment := distuv.Binomial{N: float64(perDay), P: base + effect, Src: random}
	s := Sequence{Level: 0.95}
	for range experiments {
		var a, b stats.Proportion
		var early, naive bool
		for range days {
			a.N, b.N = a.N+int64(perDay), b.N+int64(perDay)
			a.K, b.K = a.K+int64(treatment.Rand()), b.K+int64(control.Rand())
			if l, ok := s.Proportions(a, b); ok {
				early = early || l.Significant
			}
			if test, ok := stats.Independent(a, b); ok {
				naive = naive || test.P < 0.05
			}
		}
		if early {
			sequential++
		}
		if naive {
			fixed++
		}
	}
	return sequential / float64(experiments), fixed / float64(experiments)
}

// Without an effect, two months of daily looks give less than 5 % false alarms with the sequential test, and several times as many with the
// fixed-horizon test. With an effect, the sequential test finds it.
func TestPeekingEveryDay(t *testing.T) {
	for i, c := range []struct {
		base   float64
		perDay int
	}{{0.01, 500}, {0.05, 50}, {0.05, 400}, {0.3, 20}, {0.5, 100}, {0.9, 60}} {
		sequential, fixed := peeking(c.base, 0, c.perDay, 60, 600, uint64(i+1))
		t.Logf("base %v, %d a day: %.3f of 600 by the sequence, %.3f by the fixed test", c.base, c.perDay, sequential, fixed)
		require.LessOrEqual(t, sequential, 0.05, c)
		require.Greater(t, fixed, 0.15, "the simulation would notice a test that cannot be peeked at")
	}
	found, _ := peeking(0.1, 0.03, 150, 60, 100, 99)
	require.Greater(t, found, 0.95)
}

// The same for skewed values per person.
func TestSequenceOfMeans(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	alarms, found := 0, 0
	const experiments = 300
	s := Sequence{Level: 0.95}
	for range experiments {
		var a, b, more stats.Sums
		alarm, seen := false, false
		for range 30 {
			for range 60 {
				a.Add(int64(random.ExpFloat64() * 5e6))
				b.Add(int64(random.ExpFloat64() * 5e6))
				more.Add(int64(random.ExpFloat64() * 6.5e6))
			}
			if l, ok := s.Means(&a, &b); ok {
				alarm = alarm || l.Significant
			}
			if l, ok := s.Means(&more, &b); ok {
				seen = seen || l.Significant
			}
		}
		if alarm {
			alarms++
		}
		if seen {
			found++
		}
	}
	t.Logf("%d false alarms, %d found of %d", alarms, found, experiments)
	require.LessOrEqual(t, alarms, experiments*5/100)
	require.Greater(t, found, experiments*9/10)
}

func TestSequenceProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) stats.Proportion {
			n := rapid.Int64Range(100, 1e9).Draw(t, name+" of")
			return stats.Proportion{K: rapid.Int64Range(10, n-10).Draw(t, name), N: n}
		}
		a, b := draw("a"), draw("b")
		s := Sequence{Level: rapid.Float64Range(0.5, 0.9999).Draw(t, "level"), Tightest: rapid.Int64Range(0, 1e7).Draw(t, "tightest")}
		l, ok := s.Proportions(a, b)
		require.True(t, ok)
		require.Equal(t, l.Significant, !l.Interval.Contains(0))
		require.True(t, l.P >= 0 && l.P <= 1)
		if math.Abs(l.P-(1-s.Level)) > 1e-9 {
			require.Equal(t, l.Significant, l.P < 1-s.Level, "the p-value is the level at which the interval touches 0")
		}
		once, ok := Compare(a, b, s.Level)
		require.True(t, ok)
		require.Greater(t, l.Interval.High-l.Interval.Low, 0.9*(once.Difference.Interval.High-once.Difference.Interval.Low),
			"to look at any time has a price")
	})
	for _, s := range []Sequence{{Level: 0}, {Level: 1}, {Level: math.NaN()}, {Level: 0.95, Tightest: -1}} {
		_, ok := s.Proportions(stats.Proportion{K: 50, N: 200}, stats.Proportion{K: 50, N: 200})
		require.False(t, ok)
	}
	_, ok := Sequence{Level: 0.95}.Proportions(stats.Proportion{K: 50, N: 99}, stats.Proportion{K: 50, N: 200})
	require.False(t, ok, "too early")
	_, ok = Sequence{Level: 0.95}.Means(&stats.Sums{}, &stats.Sums{})
	require.False(t, ok)
}

func TestSampleRatio(t *testing.T) {
	// The classical example: 821,588 and 815,482 persons, where halves were planned.
	c, ok := SampleRatio([]int64{821_588, 815_482}, []int64{50, 50})
	require.True(t, ok)
	require.True(t, c.Suspicious)
	require.InDelta(t, 22.774, c.ChiSquared, 0.001)
	require.InEpsilon(t, math.Erfc(math.Sqrt(c.ChiSquared/2)), c.P, 1e-6)
	c, ok = SampleRatio([]int64{500, 260, 240}, []int64{2, 1, 1})
	require.True(t, ok)
	require.InDelta(t, 0.8, c.ChiSquared, 1e-12)
	require.InDelta(t, math.Exp(-0.4), c.P, 1e-12)
	require.False(t, c.Suspicious)
	for _, bad := range [][2][]int64{{{1}, {1}}, {{5, 5}, {1}}, {{5, 4}, {1, 1}}, {{50, -1}, {1, 1}}, {{50, 50}, {1, 0}}} {
		_, ok = SampleRatio(bad[0], bad[1])
		require.False(t, ok, bad)
	}
}

// One experiment in a thousand is suspected without a reason.
func TestSampleRatioUnderTheNull(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const runs = 20_000
	below := map[float64]int{}
	for range runs {
		first := distuv.Binomial{N: 900, P: 0.2, Src: random}.Rand()
		second := distuv.Binomial{N: 900 - first, P: 0.375, Src: random}.Rand()
		c, ok := SampleRatio([]int64{int64(first), int64(second), int64(900 - first - second)}, []int64{2, 3, 5})
		require.True(t, ok)
		for _, level := range []float64{0.05, 0.001} {
			if c.P < level {
				below[level]++
			}
		}
	}
	require.InDelta(t, 0.05*runs, below[0.05], 150)
	require.InDelta(t, 0.001*runs, below[0.001], 18)
}

// FuzzExperiment: no NaN, no infinity, no panic.
func FuzzExperiment(f *testing.F) {
	f.Add(int64(120), int64(1000), int64(100), int64(1000), 0.95, int64(0))
	f.Add(int64(0), int64(1), int64(1), int64(1), 0.5, int64(1))
	f.Add(int64(1), int64(stats.MaxCount), int64(stats.MaxCount-1), int64(stats.MaxCount), 0.999, int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, k1, n1, k0, n0 int64, level float64, tightest int64) {
		finite := func(list ...float64) {
			for _, v := range list {
				require.False(t, math.IsNaN(v) || math.IsInf(v, 0))
			}
		}
		a, b := stats.Proportion{K: k1, N: n1}, stats.Proportion{K: k0, N: n0}
		if c, ok := Compare(a, b, level); ok && c.Uplift != nil {
			finite(c.P, c.Uplift.Value, c.Uplift.Interval.Low, c.Uplift.Interval.High)
			require.LessOrEqual(t, c.Uplift.Interval.Low, c.Uplift.Interval.High)
		}
		l, _ := Sequence{Level: level, Tightest: tightest}.Proportions(a, b)
		r, _ := SampleRatio([]int64{k1, k0}, []int64{n1, n0})
		finite(l.Difference, l.Interval.Low, l.Interval.High, l.P, r.ChiSquared, r.P)
		var x, y stats.Sums
		for range 100 {
			x.Add(k1)
			y.Add(n0)
		}
		x.Add(n1)
		y.Add(k0)
		m, _ := Sequence{Level: level, Tightest: tightest}.Means(&x, &y)
		w, _ := stats.Welch(&x, &y, level)
		finite(m.Difference, m.Interval.Low, m.Interval.High, m.P, w.Value, w.Interval.Low, w.Interval.High, w.P)
	})
}
