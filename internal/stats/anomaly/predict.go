// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package anomaly

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// prediction is the distribution of the newest day's rate: of k conversions of n, beta-binomial with this mean and variance.
type prediction struct{ rate, n, variance float64 }

const (
	// maxSummed is the number of entrants up to which the tail is summed; above, a beta distribution of the same mean and
	// variance is in for the beta-binomial one.
	maxSummed = 50_000
	// maxShape is where a beta distribution cannot be told from a normal one any more.
	maxShape = 1e7
)

// atMost is the probability of k conversions or fewer.
func (p prediction) atMost(k float64) float64 {
	// Shape of the beta part: variance = p(1−p)(1+(n−1)ρ)/n with 1/ρ = shape + 1.
	own := p.rate * (1 - p.rate) / p.n
	between := (p.variance/own - 1) / (p.n - 1)
	if p.n > maxSummed || !(between > 0) || between >= 1 {
		return p.below((k + 0.5) / p.n)
	}
	shape := 1/between - 1
	a, b := p.rate*shape, (1-p.rate)*shape
	log := -math.Log(p.n+1) - mathext.Lbeta(k+1, p.n-k+1) + mathext.Lbeta(k+a, p.n-k+b) - mathext.Lbeta(a, b)
	sum, term := 0.0, 1.0
	for j := k; j >= 0 && term > 1e-18*sum; j-- {
		sum += term
		term *= j * (p.n - j + b) / ((p.n - j + 1) * (j - 1 + a))
	}
	return min(1, math.Exp(log)*sum)
}

// below is the probability of a rate below x, the rate taken for continuous.
func (p prediction) below(x float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	shape := p.rate*(1-p.rate)/p.variance - 1
	if shape > maxShape {
		return math.Erfc((p.rate-x)/math.Sqrt(2*p.variance)) / 2
	}
	if shape <= 0 { // as far apart as rates can be: all or nothing
		return 1 - p.rate
	}
	return mathext.RegIncBeta(p.rate*shape, (1-p.rate)*shape, x)
}

// quantile is the rate below which lies that share of quiet days.
func (p prediction) quantile(share float64) float64 {
	low, high := 0.0, 1.0
	for range 40 {
		middle := (low + high) / 2
		if p.below(middle) < share {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
