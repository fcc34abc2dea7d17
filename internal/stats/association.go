// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package stats

import (
	"math"
	"slices"
)

// Table counts persons by whether they met something, such as a touchpoint or a property, and whether they converted.
type Table struct{ WithConverted, WithNot, WithoutConverted, WithoutNot int64 }

func (t Table) valid() bool {
	sum := int64(0)
	for _, n := range []int64{t.WithConverted, t.WithNot, t.WithoutConverted, t.WithoutNot} {
		if n < 0 || n > MaxCount-sum {
			return false
		}
		sum += n
	}
	return sum > 0
}

// Odds is the association between having met something and conversion. It is not causal: those who meet it can differ anyway.
type Odds struct {
	// Ratio of the odds of conversion, with to without. Above 1, they are higher with it.
	Ratio float64
	// Interval of the ratio.
	Interval Interval
	// Significance of its difference from 1.
	Significance
}

// Odds returns the odds ratio with the logit interval. A half is always added to each of the four counts. The ratio is then finite and less
// biased, and drivers that were seen only a few times do not rank first for that reason. It returns false for impossible counts and for a
// level outside 0 to 1.
//
//	exp(ln OR ± z √(1/a + 1/b + 1/c + 1/d)),  OR = ad/bc of the counts plus ½
//
// The test is Fisher's exact test, two-sided, while the hypergeometric variance of the table is at most 10,000, and Pearson's chi-squared
// without correction beyond. It uses the unmodified counts, so near the border of significance it can disagree with the interval.
//
// Sources: J. B. S. Haldane, The estimation and significance of the logarithm of a ratio of frequencies, Annals of Human Genetics
// 20 (1956) 309–311; F. J. Anscombe, On estimating binomial response relations, Biometrika 43 (1956) 461–464; J. J. Gart,
// Alternative analyses of contingency tables, JRSS B 28 (1966) 164–179; R. A. Fisher, JRSS 98 (1935) 39–82.
func (t Table) Odds(level float64) (Odds, bool) {
	z, ok := quantile(level)
	if !ok || !t.valid() {
		return Odds{}, false
	}
	a, b := float64(t.WithConverted)+0.5, float64(t.WithNot)+0.5
	c, d := float64(t.WithoutConverted)+0.5, float64(t.WithoutNot)+0.5
	log := math.Log(a) - math.Log(b) - math.Log(c) + math.Log(d)
	half := z * math.Sqrt(1/a+1/b+1/c+1/d)
	return Odds{
		Ratio:        math.Exp(log),
		Interval:     Interval{math.Exp(log - half), math.Exp(log + half)},
		Significance: t.significance(),
	}, true
}

func (t Table) significance() Significance {
	return hypergeometric{
		whole:     t.WithConverted + t.WithNot + t.WithoutConverted + t.WithoutNot,
		converted: t.WithConverted + t.WithoutConverted,
		drawn:     t.WithConverted + t.WithNot,
	}.test(t.WithConverted)
}

// Independent tests whether two shares of different persons are equal, by the rule of Table.Odds. It returns false for impossible counts.
func Independent(first, second Proportion) (Significance, bool) {
	if !first.valid() || !second.valid() {
		return Significance{}, false
	}
	t := Table{first.K, first.N - first.K, second.K, second.N - second.K}
	if !t.valid() {
		return Significance{}, false
	}
	return t.significance(), true
}

// MinSegment is the smallest number of persons in a segment for a test, as in Mixpanel.
const MinSegment = 30

// SegmentTest tests whether a segment converts differently from the whole that it is part of. P is the probability of a difference at least as
// unlikely among segments of its size drawn at random from the whole (hypergeometric, two-sided). It returns false below MinSegment persons, and for
// impossible counts, such as a segment with more converted persons than the whole.
func SegmentTest(segment, whole Proportion) (Significance, bool) {
	if !segment.valid() || !whole.valid() || segment.N < MinSegment || segment.K > whole.K || segment.N-segment.K > whole.N-whole.K {
		return Significance{}, false
	}
	return hypergeometric{whole: whole.N, converted: whole.K, drawn: segment.N}.test(segment.K), true
}

// Adjust turns the p-values of a list of tests into q-values in the same order. If all tests with q below 0.05 are accepted, in the long run at
// most 5 % of the accepted ones are false. It returns false if a p-value is not from 0 to 1.
//
//	q of the i-th smallest of m = the smallest p(j) m/j of all j ≥ i
//
// It holds for independent tests and for positively dependent ones; for others see Benjamini and Yekutieli (2001). Source: Y. Benjamini,
// Y. Hochberg, Controlling the false discovery rate, JRSS B 57 (1995) 289–300.
func Adjust(p []float64) ([]float64, bool) {
	order := make([]int, len(p))
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			return nil, false
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case p[i] < p[j]:
			return -1
		case p[i] > p[j]:
			return 1
		}
		return 0
	})
	q := make([]float64, len(p))
	least := 1.0
	for rank := len(p); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*(float64(len(p))/float64(rank)))
		q[i] = least
	}
	return q, true
}
