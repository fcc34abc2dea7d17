// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import "math"

// Difference is the difference of two shares, from -1 to 1.
type Difference struct {
	// Value is the first share minus the second.
	Value float64
	// Interval is Newcombe's, at the requested level.
	Interval Interval
}

// Newcombe returns the difference of two independent shares, the first minus the second, with the hybrid score interval. It returns false if
// one of the shares is unknown or the level is not between 0 and 1.
//
//	d − √((p₁−l₁)² + (u₂−p₂)²)  to  d + √((u₁−p₁)² + (p₂−l₂)²),  l and u the limits of Wilson's interval of each share
//
// Source: R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17
// (1998) 873–890, method 10.
func Newcombe(first, second Proportion, level float64) (Difference, bool) {
	z, ok := quantile(level)
	if !ok || !first.valid() || !second.valid() {
		return Difference{}, false
	}
	a, b := wilson(first, z), wilson(second, z)
	p, q := float64(first.K)/float64(first.N), float64(second.K)/float64(second.N)
	d := p - q
	return Difference{Value: d, Interval: Interval{
		Low:  max(-1, d-math.Hypot(p-a.Low, b.High-q)),
		High: min(1, d+math.Hypot(a.High-p, q-b.Low)),
	}}, true
}
