// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package experiment

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// mixed is the test statistic of the sequential test, from its definition: the likelihood of the difference if the true one is drawn from a normal
// distribution, divided by its likelihood with a given true difference. It is computed as a sum over true differences. spread is the variance of that
// distribution, variance that of the observed difference.
func mixed(seen, given, variance, spread float64) float64 {
	sum, width := 0.0, math.Sqrt(spread)
	const steps = 40_000
	for i := range steps {
		over := (float64(i)+0.5)/steps*24 - 12 // in standard deviations
		truth := given + over*width
		likelier := ((seen-given)*(seen-given) - (seen-truth)*(seen-truth)) / (2 * variance)
		sum += math.Exp(likelier-over*over/2) * 24 / steps
	}
	return sum / math.Sqrt(2*math.Pi)
}

// At the limits of the interval, the evidence against that difference is 1/α. The p-value is the inverse of the evidence against no difference.
func TestSequenceByIntegration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) stats.Proportion {
			n := rapid.Int64Range(200, 20_000).Draw(t, name+" of")
			return stats.Proportion{K: n/10 + rapid.Int64Range(0, n/20).Draw(t, name), N: n}
		}
		a, b := draw("treatment"), draw("control")
		s := Sequence{Level: rapid.SampledFrom([]float64{0.9, 0.95, 0.99}).Draw(t, "level"), Tightest: rapid.Int64Range(100, 20_000).Draw(t, "tightest")}
		l, ok := s.Proportions(a, b)
		require.True(t, ok)
		variance := 0.0
		for _, p := range []stats.Proportion{a, b} {
			share := float64(p.K+1) / float64(p.N+2)
			variance += share * (1 - share) / float64(p.N)
		}
		alpha := 1 - s.Level
		rho := (-2*math.Log(alpha) + math.Log(1-2*math.Log(alpha))) / float64(s.Tightest)
		spread := variance * float64(a.N+b.N) * rho
		for _, end := range []float64{l.Interval.Low, l.Interval.High} {
			require.InEpsilon(t, 1/alpha, mixed(l.Difference, end, variance, spread), 1e-4)
		}
		require.InEpsilon(t, math.Min(1, 1/mixed(l.Difference, 0, variance, spread)), l.P, 1e-4)
	})
}

// In all samples of two small groups, the interval contains the true uplift in 95 of 100, in the mean over many true values.
func TestUpliftCovers(t *testing.T) {
	const n = 22
	chances := func(p float64) []float64 {
		out := []float64{math.Pow(1-p, n)}
		for k := 1; k <= n; k++ {
			out = append(out, out[k-1]*float64(n-k+1)/float64(k)*p/(1-p))
		}
		return out
	}
	intervals := map[[2]int]stats.Interval{}
	for k := range n + 1 {
		for l := 1; l <= n; l++ {
			c, ok := Compare(stats.Proportion{K: int64(k), N: n}, stats.Proportion{K: int64(l), N: n}, 0.95)
			require.True(t, ok)
			intervals[[2]int{k, l}] = c.Uplift.Interval
		}
	}
	sum, truths, least := 0.0, 0.0, 1.0
	for p := 0.15; p < 0.95; p += 0.07 {
		for q := 0.18; q < 0.95; q += 0.06 {
			treatment, control, covered, all := chances(p), chances(q), 0.0, 0.0
			for key, i := range intervals { // without a conversion in the control, there is no interval
				chance := treatment[key[0]] * control[key[1]]
				all += chance
				if i.Low <= p/q-1 && p/q-1 <= i.High {
					covered += chance
				}
			}
			sum, truths, least = sum+covered/all, truths+1, min(least, covered/all)
		}
	}
	t.Logf("mean %.4f, least %.4f", sum/truths, least)
	require.InDelta(t, 0.95, sum/truths, 0.01)
	require.Greater(t, least, 0.9)
}
