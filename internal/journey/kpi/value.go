// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// shareOf returns the value of a share.
func shareOf(part, whole int64) metric.Value {
	n, ok := number.Divide(part, whole, number.RatioDigits)
	return metric.Value{Number: n, Known: ok, Unit: metric.UnitRatio, Samples: whole}
}

// shareWithInterval returns a share of independent trials with its interval.
func shareWithInterval(part, whole int64) metric.Value {
	v := shareOf(part, whole)
	if i, ok := stats.Wilson(stats.Proportion{K: part, N: whole}, number.IntervalLevel); ok {
		v.Interval = number.IntervalOf(i, 1, number.RatioDigits, number.WilsonMethod)
	}
	return v
}

// noteFew replaces an interval that would contain impossible values.
const noteFew = "no interval: there are too few values, or they differ too much, for an interval above zero"

// meanOfSizes is meanOf for values that cannot be below zero. Few or very different values can give an interval that reaches below zero. The mean
// then has no interval.
func meanOfSizes(s *stats.Sums, digits int, unit string) metric.Value {
	v := meanOf(s, digits, unit)
	if v.Interval.Method != "" && v.Interval.Low.Scaled < 0 {
		v.Interval, v.Note = number.Interval{}, noteFew
	}
	return v
}

// meanOf returns the mean of values in micro-units, with its interval.
func meanOf(s *stats.Sums, digits int, unit string) metric.Value {
	d, ok := number.DivideBig(s.Sum.Big(), number.BigMicro(s.N), digits)
	v := metric.Value{Number: d, Known: ok, Unit: unit, Samples: s.N}
	if i, ok := s.MeanInterval(number.IntervalLevel); ok {
		v.Interval = number.IntervalOf(i, 1e6, digits, number.StudentMethod)
	}
	return v
}
