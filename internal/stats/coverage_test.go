// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// This file tests the coverage of intervals: they contain the true value in 95 of 100 samples. For small samples, it is computed exactly from all
// possible samples, weighted by their probability, without the formula of an interval. Counts are integers, so the coverage of a single true value is
// above or below the level. The mean over all true values must meet the level.

// binomials returns the probabilities of 0 to n of n.
func binomials(n int, p float64) []float64 {
	out := make([]float64, n+1)
	out[0] = math.Pow(1-p, float64(n))
	for k := 1; k <= n; k++ {
		out[k] = out[k-1] * float64(n-k+1) / float64(k) * p / (1 - p)
	}
	return out
}

// coverage has the mean and the minimum over true values.
type coverage struct{ sum, least, truths float64 }

func (c *coverage) add(covered float64) {
	if c.truths == 0 || covered < c.least {
		c.least = covered
	}
	c.sum += covered
	c.truths++
}

func TestWilsonCovers(t *testing.T) {
	for _, n := range []int{8, 20, 50} {
		var c coverage
		for p := 0.005; p < 1; p += 0.01 {
			covered := 0.0
			for k, chance := range binomials(n, p) {
				i, ok := Wilson(Proportion{int64(k), int64(n)}, 0.95)
				require.True(t, ok)
				if i.Contains(p) {
					covered += chance
				}
			}
			c.add(covered)
		}
		t.Logf("n = %d: mean %.4f, least %.4f", n, c.sum/c.truths, c.least)
		require.InDelta(t, 0.95, c.sum/c.truths, 0.01)
		require.Greater(t, c.least, 0.82, "close to 0 and 1 a single count decides")
	}
}

func TestNewcombeCovers(t *testing.T) {
	const n, m = 18, 25
	intervals := map[[2]int]Interval{}
	for a := range n + 1 {
		for b := range m + 1 {
			d, ok := Newcombe(Proportion{int64(a), n}, Proportion{int64(b), m}, 0.95)
			require.True(t, ok)
			intervals[[2]int{a, b}] = d.Interval
		}
	}
	var c coverage
	for p := 0.03; p < 1; p += 0.047 {
		for q := 0.02; q < 1; q += 0.051 {
			first, second, covered := binomials(n, p), binomials(m, q), 0.0
			for key, i := range intervals {
				if i.Contains(p - q) {
					covered += first[key[0]] * second[key[1]]
				}
			}
			c.add(covered)
		}
	}
	t.Logf("mean %.4f, least %.4f", c.sum/c.truths, c.least)
	require.InDelta(t, 0.95, c.sum/c.truths, 0.01)
	require.Greater(t, c.least, 0.85)
}

func TestPromoterScoreCovers(t *testing.T) {
	const n = 24
	intervals := map[[2]int]Interval{}
	for promoters := range n + 1 {
		for detractors := range n + 1 - promoters {
			s, ok := NPS(int64(promoters), int64(detractors), n, 0.95)
			require.True(t, ok)
			intervals[[2]int{promoters, detractors}] = s.Interval
		}
	}
	var c coverage
	for p := 0.04; p < 0.96; p += 0.083 {
		for q := 0.03; p+q < 0.97; q += 0.087 {
			promoters, covered := binomials(n, p), 0.0
			for k, chance := range promoters {
				// Of those who are not promoters, the number of detractors is binomial.
				for l, more := range binomials(n-k, q/(1-p)) {
					if i := intervals[[2]int{k, l}]; i.Low <= 100*(p-q)+1e-9 && 100*(p-q)-1e-9 <= i.High {
						covered += chance * more
					}
				}
			}
			c.add(covered)
		}
	}
	t.Logf("mean %.4f, least %.4f", c.sum/c.truths, c.least)
	require.InDelta(t, 0.95, c.sum/c.truths, 0.01)
	require.Greater(t, c.least, 0.9)
}

// Compares the p-value with an exact permutation test: the share of all divisions of the values into two samples whose means differ by as much. With
// ten values each, the two agree approximately.
func TestWelchAgainstPermutations(t *testing.T) {
	values := []int64{31, 47, 52, 38, 44, 61, 29, 50, 42, 57, 36, 66, 49, 71, 58, 45, 63, 54, 69, 40}
	var first, second Sums
	whole, lower := int64(0), int64(0)
	for i, v := range values {
		whole += v
		if i < 10 {
			first.Add(v)
			lower += v
		} else {
			second.Add(v)
		}
	}
	d, ok := Welch(&first, &second, 0.95)
	require.True(t, ok)
	off, ways, asFar := whole-2*lower, 0.0, 0.0
	var deal func(at, taken int, sum int64)
	deal = func(at, taken int, sum int64) {
		if taken == 10 {
			ways++
			if difference := whole - 2*sum; max(difference, -difference) >= max(off, -off) {
				asFar++
			}
			return
		}
		if at < len(values) && len(values)-at >= 10-taken {
			deal(at+1, taken+1, sum+values[at])
			deal(at+1, taken, sum)
		}
	}
	deal(0, 0, 0)
	require.EqualValues(t, 184_756, ways)
	require.InDelta(t, asFar/ways, d.P, 0.005)
}
