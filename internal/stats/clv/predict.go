// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clv

import "math"

// Alive returns the probability that a customer has not left; 1 without repeat purchases, because customers leave only after a purchase.
//
//	1 / (1 + [x>0] a/(b+x−1) ((α+T)/(α+t_x))^(r+x))
//
// Source: Fader, Hardie and Lee, note 021 (2008).
func (m Purchases) Alive(h History) float64 { return m.alive(m.point(h)) }

// Expected returns the expected number of purchases of a customer in the next t units of time, t ≥ 0.
//
// It equals equation 10 of Fader, Hardie and Lee (2005), computed without its differences of hypergeometric functions, which lose all digits for
// a near 1. Given that a customer is alive, the rate is gamma(r+x, α+T) and the probability of leaving beta(a, b+x). If nobody left, the number
// of purchases N would be negative binomial. The j-th of them happens if the customer stayed after the j−1 before, so the expectation is
//
//	P(alive) Σₙ P(N=n) Σ_{j<n} E(1−p)^j,  E(1−p)^j = (b+x)_j / (a+b+x)_j,
//
// a series of positive terms.
func (m Purchases) Expected(h History, t float64) float64 {
	p := m.point(h)
	return m.alive(p) * m.whileAlive(p, t)
}

// ExpectedNew returns the expected number of repeat purchases of a new customer in the first t units of time.
func (m Purchases) ExpectedNew(t float64) float64 { return m.whileAlive(point{}, t) }

func (m Purchases) point(h History) point {
	return point{x: float64(h.Repeat), last: float64(h.Last) / m.Unit, age: float64(h.Age) / m.Unit}
}

func (m Purchases) alive(p point) float64 {
	if p.x <= 0 {
		return 1
	}
	e := math.Log(m.A) - math.Log(m.B+p.x-1) + (m.R+p.x)*(math.Log1p(p.age/m.Alpha)-math.Log1p(p.last/m.Alpha))
	return 1 / (1 + math.Exp(e))
}

// Limits of the series. It is summed until the rest is below precision, or up to maxTerms, which only horizons beyond a million times the age (plus α) need.
const (
	precision = 1e-15
	maxTerms  = 1 << 24
	// big is the value at which sums are scaled down; logBig is its logarithm.
	big = 1e250
)

var logBig = math.Log(big)

// whileAlive returns the expected number of purchases in t more units of time, given that the customer is alive.
func (m Purchases) whileAlive(p point, t float64) float64 {
	if !(t > 0) {
		return 0
	}
	a := m.R + p.x
	y := t / (m.Alpha + p.age)
	u := y / (1 + y)
	// weight is P(N=n). scale is the logarithm of the factor that weight and sum have to be multiplied by.
	weight, sum, scale := 1.0, 0.0, -a*math.Log1p(y)
	reached, stayed := 0.0, 1.0
	for n := 1.0; n < maxTerms; n++ {
		weight *= (a + n - 1) / n * u
		reached += stayed
		stayed *= (m.B + p.x + n - 1) / (m.A + m.B + p.x + n - 1)
		term := weight * reached
		sum += term
		// All later terms together are below a geometric series with the larger of the current ratio and the final one.
		if ratio := max(1, (a+n)/(n+1)) * u * (n + 1) / n; ratio < 1 && term*ratio/(1-ratio) <= precision*sum {
			break
		}
		if sum > big || weight > big {
			weight, sum, scale = weight/big, sum/big, scale+logBig
		}
	}
	if sum == 0 {
		return 0
	}
	return math.Exp(math.Log(sum) + scale)
}
