// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package anomaly

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// prediction is the distribution of the rate of the latest day: k conversions of n, beta-binomial with this mean and variance.
type prediction struct{ rate, n, variance float64 }

const (
	// maxSummed is the number of entrants up to which the tail is summed. Above, a beta distribution with the same mean and variance replaces the
	// beta-binomial one.
	maxSummed = 50_000
	// maxShape is the shape from which a beta distribution is indistinguishable from a normal one.
	maxShape = 1e7
)

// atMost returns the probability of k conversions or fewer.
func (p prediction) atMost(k float64) float64 {
	// shape of the beta part: variance = p(1−p)(1+(n−1)ρ)/n with 1/ρ = shape + 1
	own := p.rate * (1 - p.rate) / p.n
	between := (p.variance/own - 1) / (p.n - 1)
	if p.n > maxSummed || !(between > 0) || between >= 1 {
		return p.below((k + 0.5) / p.n)
	}
	shape := 1/between - 1
	a, b := p.rate*shape, (1-p.rate)*shape
	if k >= p.n {
		return 1
	}
	// The tail that does not contain the mean: its terms become smaller, where those of the other one may exceed any float.
	if k > p.rate*p.n {
		return 1 - betaBinomialTail(p.n-k-1, p.n, b, a)
	}
	return betaBinomialTail(k, p.n, a, b)
}

// betaBinomialTail returns the probability of k or fewer of n, for a beta-binomial distribution with the shapes a and b whose mean is not below k.
func betaBinomialTail(k, n, a, b float64) float64 {
	log := -math.Log(n+1) - mathext.Lbeta(k+1, n-k+1) + mathext.Lbeta(k+a, n-k+b) - mathext.Lbeta(a, b)
	sum, term := 0.0, 1.0
	for j := k; j >= 0 && term > 1e-18*sum; j-- {
		sum += term
		term *= j * (n - j + b) / ((n - j + 1) * (j - 1 + a))
	}
	return min(1, math.Exp(log)*sum)
}

// below returns the probability of a rate below x, with the rate as a continuous variable.
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
	if shape <= 0 { // rates differ as much as possible: all or nothing
		return 1 - p.rate
	}
	return mathext.RegIncBeta(p.rate*shape, (1-p.rate)*shape, x)
}

// quantile returns the rate below which that share of normal days is.
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
