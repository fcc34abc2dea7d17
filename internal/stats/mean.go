// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// MeanInterval returns the t interval of the mean, in the unit of the values: mean ± t √(variance/n), t the quantile of Student's distribution
// with n − 1 degrees of freedom. It returns false for fewer than two values and for a level outside 0 to 1.
//
// Source: Student, The probable error of a mean, Biometrika 6 (1908) 1–25. The mean, not the values, has to be nearly normal. With amounts of
// money, a few of them huge, that takes hundreds of values.
func (s *Sums) MeanInterval(level float64) (Interval, bool) {
	variance, ok := s.Variance()
	if !ok || !validLevel(level) {
		return Interval{}, false
	}
	mean, _ := s.Mean()
	half := studentQuantile(level, float64(s.N-1)) * math.Sqrt(variance/float64(s.N))
	return Interval{mean - half, mean + half}, true
}

// manyDegrees is the number of degrees from which Student's quantile and the normal one agree to six digits for usual levels.
const manyDegrees = 1e7

// studentQuantile returns t with P(|T| ≤ t) = level.
func studentQuantile(level, degrees float64) float64 {
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	if degrees >= manyDegrees {
		return z
	}
	if degrees == 1 {
		return math.Tan(math.Pi / 2 * level)
	}
	// Bisection on the tail, which decreases with t, is slower than an inverse but has no numerically weak regions.
	tail := (1 - level) / 2
	high := z + 1
	for StudentTail(high, degrees) > tail {
		high *= 2
	}
	return bisect(0, high, func(t float64) bool { return StudentTail(t, degrees) > tail })
}

// StudentTail returns the probability that a variable of Student's distribution with that many degrees of freedom (above 0) is t or more: half the
// regularised incomplete beta function I(ν/(ν+t²); ν/2, 1/2) for t ≥ 0, its complement for t < 0.
func StudentTail(t, degrees float64) float64 {
	if degrees >= manyDegrees {
		return normalTail(t)
	}
	half := mathext.RegIncBeta(degrees/2, 0.5, degrees/(degrees+t*t)) / 2
	if t < 0 {
		return 1 - half
	}
	return half
}

// MeanDifference is the difference of two means, in the unit of the values.
type MeanDifference struct {
	// Value is the first mean minus the second.
	Value float64
	// Interval is Welch's t interval.
	Interval Interval
	// P is the two-sided p-value of no difference.
	P float64
}

// Welch compares the means of two independent samples, the first minus the second, without assuming equal variances. It returns false if one
// has fewer than two values, if nothing varies, and for a level outside 0 to 1.
//
//	d ± t √(s₁²/n₁ + s₂²/n₂),  t with (s₁²/n₁ + s₂²/n₂)² / ((s₁²/n₁)²/(n₁−1) + (s₂²/n₂)²/(n₂−1)) degrees
//
// Sources: B. L. Welch, Biometrika 34 (1947) 28–35; F. E. Satterthwaite, Biometrics Bulletin 2 (1946) 110–114.
func Welch(first, second *Sums, level float64) (MeanDifference, bool) {
	v1, ok1 := first.Variance()
	v2, ok2 := second.Variance()
	if !ok1 || !ok2 || !validLevel(level) || v1+v2 <= 0 {
		return MeanDifference{}, false
	}
	m1, _ := first.Mean()
	m2, _ := second.Mean()
	v1, v2 = v1/float64(first.N), v2/float64(second.N)
	spread, share := v1+v2, v1/(v1+v2)
	degrees := 1 / (share*share/float64(first.N-1) + (1-share)*(1-share)/float64(second.N-1))
	half := studentQuantile(level, degrees) * math.Sqrt(spread)
	d := m1 - m2
	return MeanDifference{Value: d, Interval: Interval{d - half, d + half}, P: min(1, 2*StudentTail(math.Abs(d)/math.Sqrt(spread), degrees))}, true
}
