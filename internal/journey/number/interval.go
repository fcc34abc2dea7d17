// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// IntervalLevel is the level of confidence of all intervals.
const IntervalLevel = 0.95

// Interval is a range in which a value would lie in 95 of 100 repetitions, for chance alone.
type Interval struct {
	// Low and High are its ends.
	Low, High Decimal
	// Method by which it was computed.
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

// IntervalOf returns an interval in units that are 1/scale of what is shown.
func IntervalOf(i stats.Interval, scale float64, digits int, method string) Interval {
	low, okLow := decimalOf(i.Low/scale, digits)
	high, okHigh := decimalOf(i.High/scale, digits)
	if !okLow || !okHigh {
		return Interval{}
	}
	return Interval{Low: low, High: high, Method: method}
}

// decimalOf rounds a number; false if it is none or too large.
func decimalOf(f float64, digits int) (Decimal, bool) {
	scaled := math.Round(f * math.Pow10(digits))
	if math.IsNaN(scaled) || math.Abs(scaled) >= 1<<62 {
		return Decimal{}, false
	}
	return Decimal{Scaled: int64(scaled), Digits: digits}, true
}
