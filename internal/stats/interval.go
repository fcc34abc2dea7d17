// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// MaxCount is the largest count that this package accepts. Up to it, a count is exact as a float.
const MaxCount = 1 << 52

// Interval is a closed range, in the unit of the value.
type Interval struct{ Low, High float64 }

// Contains reports whether v is in the interval, including its ends.
func (i Interval) Contains(v float64) bool { return i.Low <= v && v <= i.High }

// Proportion is k out of n.
type Proportion struct{ K, N int64 }

// Share returns k/n. It returns false if n is not from 1 to MaxCount, or k is not from 0 to n.
func (p Proportion) Share() (float64, bool) {
	if !p.valid() {
		return 0, false
	}
	return float64(p.K) / float64(p.N), true
}

func (p Proportion) valid() bool { return 0 <= p.K && p.K <= p.N && 1 <= p.N && p.N <= MaxCount }

// Wilson returns the score interval of a share, from 0 to 1, such as a conversion rate, or the satisfied answers among all (CSAT). It returns
// false for impossible counts and for a level outside 0 to 1.
//
//	(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n),  z the normal quantile of (1+level)/2
//
// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209–212.
func Wilson(p Proportion, level float64) (Interval, bool) {
	z, ok := quantile(level)
	if !ok || !p.valid() {
		return Interval{}, false
	}
	return wilson(p, z), true
}

func wilson(p Proportion, z float64) Interval {
	n, k := float64(p.N), float64(p.K)
	share, z2 := k/n, z*z
	middle := (k + z2/2) / (n + z2)
	half := z * math.Sqrt(n*share*(1-share)+z2/4) / (n + z2)
	i := Interval{max(0, middle-half), min(1, middle+half)}
	// At the ends the limits are exactly 0 and 1; rounding would leave small errors.
	if p.K == 0 {
		i.Low = 0
	}
	if p.K == p.N {
		i.High = 1
	}
	return i
}

// quantile returns the two-sided normal quantile of a level.
func quantile(level float64) (float64, bool) {
	if !validLevel(level) {
		return 0, false
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	return z, !math.IsInf(z, 0)
}

// validLevel refuses NaN, and levels that a float can hardly distinguish from 0 or 1.
func validLevel(level float64) bool { return level >= 1e-9 && level <= 1-1e-12 }

// normalTail returns the probability that a standard normal variable is z or more.
func normalTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }
