// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package experiment

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Uplift is a relative change: 0.1 means 10 % more than the control.
type Uplift struct {
	Value    float64
	Interval stats.Interval
}

// Comparison is the comparison of a treatment with its control at one look.
type Comparison struct {
	// Difference of the shares, treatment minus control, with Newcombe's interval.
	Difference stats.Difference
	// Uplift is the difference relative to the control's share. It is nil if nobody in the control group converted, because it then has no upper limit.
	Uplift *Uplift
	// Significance of the difference, by Fisher's exact test, or chi-squared for large counts (stats.Table.Odds has the rule).
	stats.Significance
	// Significant is set if P is below 1 − level. This is the verdict; intervals can differ from it near the border.
	Significant bool
}

// Compare returns the fixed-horizon comparison of two shares. It is valid if the number of persons, or the day of the look, was fixed in advance.
// It returns false for impossible counts and for a level outside 0 to 1.
//
// The interval of the uplift φ−1 contains the ratios φ of the shares that a score test does not reject,
//
//	|p̂₁ − φ p̂₀| / √(p₁(1−p₁)/n₁ + φ² p₀(1−p₀)/n₀) ≤ z,  p₁ = φ p₀ the most likely shares with that ratio,
//
// and is therefore also valid for few conversions, unlike the usual one by logarithms. Sources: P. A. R. Koopman, Confidence
// intervals for the ratio of two binomial proportions, Biometrics 40 (1984) 513–517; O. Miettinen, M. Nurminen, Comparative
// analysis of two rates, Statistics in Medicine 4 (1985) 213–226.
func Compare(treatment, control stats.Proportion, level float64) (Comparison, bool) {
	difference, ok := stats.Newcombe(treatment, control, level)
	if !ok {
		return Comparison{}, false
	}
	significance, ok := stats.Independent(treatment, control)
	if !ok {
		return Comparison{}, false
	}
	c := Comparison{Difference: difference, Significance: significance, Significant: significance.P < 1-level}
	if control.K > 0 {
		c.Uplift = uplift(treatment, control, level)
	}
	return c, true
}

func uplift(treatment, control stats.Proportion, level float64) *Uplift {
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	r := ratio{x1: float64(treatment.K), n1: float64(treatment.N), x0: float64(control.K), n0: float64(control.N)}
	estimate := (r.x1 / r.n1) / (r.x0 / r.n0)
	u := &Uplift{Value: estimate - 1}
	if treatment.K > 0 {
		u.Interval.Low = r.limit(estimate, z, 0.5)
	}
	u.Interval.High = r.limit(max(estimate, 1/r.n1), -z, 2)
	u.Interval.Low--
	u.Interval.High--
	return u
}

// ratio compares x1 of n1 with x0 of n0.
type ratio struct{ x1, n1, x0, n0 float64 }

// statistic returns the score of a true ratio of φ. It decreases with φ.
func (r ratio) statistic(phi float64) float64 {
	// The most likely share of the control is the smaller root of (n₀+n₁)φ p² − (φ(n₁+x₀) + x₁ + n₀) p + x₀ + x₁. In this form nothing cancels.
	a, b, c := (r.n0+r.n1)*phi, phi*(r.n1+r.x0)+r.x1+r.n0, r.x0+r.x1
	p0 := min(1, 2*c/(b+math.Sqrt(max(0, b*b-4*a*c))))
	p1 := min(1, phi*p0)
	over := r.x1/r.n1 - phi*(r.x0/r.n0)
	variance := p1*(1-p1)/r.n1 + phi*phi*p0*(1-p0)/r.n0
	if variance <= 0 {
		if over == 0 {
			return 0
		}
		return math.Inf(int(math.Copysign(1, over)))
	}
	return over / math.Sqrt(variance)
}

// limit moves away from a ratio in steps of a factor until the score is beyond z, then bisects the last step.
func (r ratio) limit(from, z, factor float64) float64 {
	outside := func(phi float64) bool {
		if z > 0 {
			return r.statistic(phi) > z
		}
		return r.statistic(phi) < z
	}
	inside, out := math.Log(from), math.Log(from)+math.Log(factor)
	for !outside(math.Exp(out)) && math.Abs(out) < 600 {
		inside, out = out, out+math.Log(factor)
	}
	for range 100 {
		middle := (inside + out) / 2
		if outside(math.Exp(middle)) {
			out = middle
		} else {
			inside = middle
		}
	}
	return math.Exp(inside)
}
