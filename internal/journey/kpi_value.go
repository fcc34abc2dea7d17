// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "github.com/journeyman-dev/journeyman/internal/stats"

// shareOf gives the value of a share.
func shareOf(part, whole int64) Value {
	n, ok := Divide(part, whole, RatioDigits)
	return Value{Number: n, Known: ok, Unit: UnitRatio, Samples: whole}
}

// shareWithInterval is a share of independent trials with its interval.
func shareWithInterval(part, whole int64) Value {
	v := shareOf(part, whole)
	if i, ok := stats.Wilson(stats.Proportion{K: part, N: whole}, IntervalLevel); ok {
		v.Interval = IntervalOf(i, 1, RatioDigits, WilsonMethod)
	}
	return v
}

// meanOf is a mean of values in micro-units, with its interval.
func meanOf(s *stats.Sums, digits int, unit string) Value {
	d, ok := DivideBig(s.Sum.Big(), BigMicro(s.N), digits)
	v := Value{Number: d, Known: ok, Unit: unit, Samples: s.N}
	if i, ok := s.MeanInterval(IntervalLevel); ok {
		v.Interval = IntervalOf(i, 1e6, digits, StudentMethod)
	}
	return v
}
