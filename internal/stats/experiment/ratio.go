// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package experiment

import (
	"gonum.org/v1/gonum/mathext"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// SuspiciousRatio is the p-value of a sample-ratio check below which the results of an experiment should not be trusted. It is strict because the
// split of every experiment is checked, and a real fault soon passes any threshold.
const SuspiciousRatio = 0.001

// minExpected is the smallest expected number of persons in each variant for chi-squared to be valid (Cochran's rule).
const minExpected = 5

// RatioCheck is the result of a check whether persons were split over the variants as planned.
type RatioCheck struct {
	// ChiSquared with Degrees of freedom.
	ChiSquared float64
	Degrees    int
	// P is the probability of a split at least that far off, if the assignment works.
	P float64
	// Suspicious is set if P is below SuspiciousRatio.
	Suspicious bool
}

// SampleRatio compares the persons of each variant with the planned weights, of any common scale (1, 1 or 90, 10). It returns false for fewer than
// two variants, lists of different lengths, a weight below 1, a count below 0 or above stats.MaxCount, or fewer than 5 expected persons in a
// variant.
//
//	χ² = Σ (n_i − N w_i/W)² / (N w_i/W), with one degree of freedom less than variants
//
// Sources: K. Pearson, Philosophical Magazine 50 (1900) 157–175; A. Fabijan et al., Diagnosing sample ratio mismatch in online
// controlled experiments, KDD 2019.
func SampleRatio(counts, weights []int64) (RatioCheck, bool) {
	if len(counts) < 2 || len(counts) != len(weights) {
		return RatioCheck{}, false
	}
	var persons, weight float64
	for i, n := range counts {
		if n < 0 || n > stats.MaxCount || weights[i] < 1 {
			return RatioCheck{}, false
		}
		persons += float64(n)
		weight += float64(weights[i])
	}
	c := RatioCheck{Degrees: len(counts) - 1}
	for i, n := range counts {
		expected := persons * (float64(weights[i]) / weight)
		if expected < minExpected {
			return RatioCheck{}, false
		}
		c.ChiSquared += (float64(n) - expected) / expected * (float64(n) - expected)
	}
	c.P = mathext.GammaIncRegComp(float64(c.Degrees)/2, c.ChiSquared/2)
	c.Suspicious = c.P < SuspiciousRatio
	return c, true
}
