// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"
	"math/bits"
)

// hypergeometric is the distribution of the number of converted persons in a sample without replacement from a whole.
type hypergeometric struct{ whole, converted, drawn int64 }

// exactVariance is the variance up to which probabilities are summed exactly. The number of terms is about eighty times its root. Above it, every
// expected count is above it, too, and chi-squared is accurate to within a few per cent of p at any relevant p.
const exactVariance = 10_000

func (h hypergeometric) mean() float64 {
	return float64(h.drawn) * (float64(h.converted) / float64(h.whole))
}

// variance is the variance of the approximation by chi-squared: the denominator is the whole, not the whole minus one.
func (h hypergeometric) variance() float64 {
	n := float64(h.whole)
	return h.mean() * (float64(h.whole-h.converted) / n) * (float64(h.whole-h.drawn) / n)
}

// ratio returns P(x+1)/P(x).
func (h hypergeometric) ratio(x int64) float64 {
	return float64(h.converted-x) / float64(x+1) * (float64(h.drawn-x) / float64(h.whole-h.converted-h.drawn+x+1))
}

// mode returns the most likely outcome, ⌊(drawn+1)(converted+1)/(whole+2)⌋.
func (h hypergeometric) mode() int64 {
	high, low := bits.Mul64(uint64(h.drawn+1), uint64(h.converted+1))
	q, _ := bits.Div64(high, low, uint64(h.whole+2))
	return int64(q)
}

// negligible is the weight at which the iteration outwards from the mode ends; the mode has weight 1.
const negligible = 1e-300

// weights yields every outcome with its probability divided by that of the mode, from the mode outwards, until it is negligible.
func (h hypergeometric) weights(yield func(x int64, w float64) bool) {
	low, high, mode := max(0, h.drawn-(h.whole-h.converted)), min(h.drawn, h.converted), h.mode()
	for x, w := mode, 1.0; x <= high && w > negligible; x++ {
		if !yield(x, w) {
			return
		}
		w *= h.ratio(x)
	}
	w := 1.0
	for x := mode - 1; x >= low; x-- {
		w /= h.ratio(x)
		if w <= negligible || !yield(x, w) {
			return
		}
	}
}

// twoSided returns the probability of all outcomes that are no more likely than x, as in Fisher's exact test. Anything below about 1e-300 is 0.
func (h hypergeometric) twoSided(x int64) float64 {
	seen := 0.0
	for at, w := range h.weights {
		if at == x {
			seen = w
			break
		}
	}
	// Outcomes that are mathematically equally likely can differ in the last digits.
	limit := seen * (1 + 1e-7)
	var all, extreme float64
	for _, w := range h.weights {
		all += w
		if w <= limit {
			extreme += w
		}
	}
	return min(1, extreme/all)
}

// Significance is the result of a two-sided test.
type Significance struct {
	// P is the probability of the observed result, or of one that is no more likely, if there is no effect.
	P float64
	// Exact is set if it was summed exactly; otherwise it comes from chi-squared.
	Exact bool
}

// test runs Fisher's exact test while the variance of the count is at most 10,000, and Pearson's chi-squared without correction above.
func (h hypergeometric) test(x int64) Significance {
	variance := h.variance()
	if variance <= exactVariance {
		return Significance{P: h.twoSided(x), Exact: true}
	}
	z := (float64(x) - h.mean()) / math.Sqrt(variance)
	return Significance{P: 2 * normalTail(math.Abs(z))}
}
