// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import "math"

// PromoterScore is the net promoter score, in points from -100 to 100.
type PromoterScore struct {
	Value    float64
	Interval Interval
}

// NPS returns the net promoter score of n answers with its score interval. Promoters and detractors are two cells of one multinomial sample, so
// their difference d has the variance (p + q − d²)/n. The interval contains the scores d that a test with that variance, at the most likely
// shares under d, does not reject. For many answers it is the usual d ± z √((p + q − d²)/n). For few answers it remains valid: it is neither
// empty when all answers are alike nor beyond ±100. It returns false for impossible counts (promoters + detractors > n) and for a level
// outside 0 to 1.
//
// Sources: T. Tango, Equivalence test and confidence interval for the difference in proportions for the paired-sample
// design, Statistics in Medicine 17 (1998) 891–908, whose discordant pairs are the promoters and detractors here;
// B. Rocks, Interval estimation for the "Net Promoter Score", The American Statistician 70 (2016) 365–372.
func NPS(promoters, detractors, n int64, level float64) (PromoterScore, bool) {
	z, ok := quantile(level)
	if !ok || promoters < 0 || detractors < 0 || n < 1 || n > MaxCount || promoters > n || detractors > n-promoters {
		return PromoterScore{}, false
	}
	s := netScore{p: float64(promoters), q: float64(detractors), n: float64(n)}
	d := (s.p - s.q) / s.n
	return PromoterScore{Value: 100 * d, Interval: Interval{
		Low:  100 * bisect(-1, d, func(x float64) bool { return s.statistic(x) > z }),
		High: 100 * bisect(d, 1, func(x float64) bool { return s.statistic(x) >= -z }),
	}}, true
}

type netScore struct{ p, q, n float64 }

// statistic returns Tango's score for a true difference of x. It decreases with x.
func (s netScore) statistic(x float64) float64 {
	over := s.p - s.q - s.n*x
	a := 2 * s.n
	b := -s.p - s.q + (2*s.n-s.p+s.q)*x
	c := -s.q * x * (1 - x)
	// The most likely share of detractors, given the difference.
	q := (math.Sqrt(max(0, b*b-4*a*c)) - b) / (2 * a)
	variance := s.n * (2*q + x*(1-x))
	if variance <= 0 {
		return math.Inf(int(math.Copysign(1, over)))
	}
	return over / math.Sqrt(variance)
}

// bisect returns the point in [low, high] at which above changes from true to false, to the precision of a float.
func bisect(low, high float64, above func(float64) bool) float64 {
	for range 200 {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			break
		}
		if above(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low + (high-low)/2
}
