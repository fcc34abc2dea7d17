// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// IntervalLevel is the confidence level of all intervals.
const IntervalLevel = 0.95

// Interval is a confidence interval: for chance alone, 95 of 100 such intervals contain the true value.
type Interval struct {
	// Low and High are its limits.
	Low, High Decimal
	// Method is the method of computation.
	Method string
}

// Methods of intervals.
const (
	// WilsonMethod is for shares.
	WilsonMethod = "Wilson"
	// StudentMethod is for means.
	StudentMethod = "Student"
	// ScoreMethod is for the net promoter score.
	ScoreMethod = "Score"
)

// IntervalOf returns an interval that is given in units of 1/scale of the shown unit.
func IntervalOf(i stats.Interval, scale float64, digits int, method string) Interval {
	low, okLow := decimalOf(i.Low/scale, digits)
	high, okHigh := decimalOf(i.High/scale, digits)
	if !okLow || !okHigh {
		return Interval{}
	}
	return Interval{Low: low, High: high, Method: method}
}

// decimalOf rounds a number. It returns false for NaN and for numbers that are too large.
func decimalOf(f float64, digits int) (Decimal, bool) {
	scaled := math.Round(f * math.Pow10(digits))
	if math.IsNaN(scaled) || math.Abs(scaled) >= 1<<62 {
		return Decimal{}, false
	}
	return Decimal{Scaled: int64(scaled), Digits: digits}, true
}
