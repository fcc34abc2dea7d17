// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// This file computes the intervals of measures from their definition: the values that a test at 5 % would not reject. It searches instead of using
// the formulas of internal/stats.

// refRange is an interval in the unit of its number.
type refRange struct {
	low, high float64
	method    string
}

// normalEdge is the 97.5 % quantile of the normal distribution.
const normalEdge = 1.959963984540054

// refSearch returns the point between holds and fails where a condition stops being true.
func refSearch(holds, fails float64, condition func(x float64) bool) float64 {
	for range 100 {
		if middle := (holds + fails) / 2; condition(middle) {
			holds = middle
		} else {
			fails = middle
		}
	}
	return holds
}

// refWilson returns the shares from which the observed share is at most normalEdge standard errors away.
func refWilson(part, whole int64) *refRange {
	if whole == 0 {
		return nil
	}
	seen := float64(part) / float64(whole)
	likely := func(p float64) bool { return math.Abs(seen-p) <= normalEdge*math.Sqrt(p*(1-p)/float64(whole)) }
	return &refRange{low: refSearch(seen, 0, likely), high: refSearch(seen, 1, likely), method: number.WilsonMethod}
}

// refSizes is refStudent for non-negative values. There is none if it would include negative values.
func refSizes(list []float64, digits int) *refRange {
	r := refStudent(list)
	if r != nil && math.Round(r.low*math.Pow10(digits)) < 0 {
		return nil
	}
	return r
}

// cosines integrates a power of the cosine from 0 to an angle with Simpson's rule.
func cosines(power int, angle float64) float64 {
	const steps = 2000
	sum := 0.0
	for i := range steps + 1 {
		weight := float64(2 + 2*(i%2))
		if i == 0 || i == steps {
			weight = 1
		}
		sum += weight * math.Pow(math.Cos(angle*float64(i)/steps), float64(power))
	}
	return sum * angle / steps / 3
}

// studentEdges caches quantiles by degrees of freedom.
var studentEdges = map[int]float64{}

// studentEdge returns the 97.5 % quantile of Student's distribution. With t = √ν tan θ, the density is the power ν-1 of the cosine.
func studentEdge(degrees int) float64 {
	if edge, ok := studentEdges[degrees]; ok {
		return edge
	}
	all := cosines(degrees-1, math.Pi/2)
	angle := refSearch(0, math.Pi/2, func(x float64) bool { return cosines(degrees-1, x) <= 0.95*all })
	studentEdges[degrees] = math.Sqrt(float64(degrees)) * math.Tan(angle)
	return studentEdges[degrees]
}

// refStudent returns the mean of a list, plus and minus the quantile of Student's distribution times the standard error.
func refStudent(list []float64) *refRange {
	n := float64(len(list))
	if n < 2 {
		return nil
	}
	sum, squares := 0.0, 0.0
	for _, x := range list {
		sum += x
	}
	for _, x := range list {
		squares += (x - sum/n) * (x - sum/n)
	}
	half := studentEdge(len(list)-1) * math.Sqrt(squares/(n-1)/n)
	return &refRange{low: sum/n - half, high: sum/n + half, method: number.StudentMethod}
}

// refScore returns the scores that the answers do not reject, if the shares are the most likely ones with that score.
func refScore(promoters, detractors, all int64) *refRange {
	if all == 0 {
		return nil
	}
	p, q, n := float64(promoters), float64(detractors), float64(all)
	times := func(k, share float64) float64 {
		if k == 0 {
			return 0
		}
		return k * math.Log(max(share, 1e-300))
	}
	likely := func(d float64) bool {
		low, high := max(0, -d), (1-d)/2
		for range 100 { // the likelihood has one maximum as a function of the share of detractors
			a, b := low+(high-low)/3, high-(high-low)/3
			if times(q, a)+times(p, a+d)+times(n-p-q, 1-2*a-d) < times(q, b)+times(p, b+d)+times(n-p-q, 1-2*b-d) {
				low = a
			} else {
				high = b
			}
		}
		variance := max(0, 2*low+d-d*d)
		return math.Abs(p-q-n*d) <= normalEdge*math.Sqrt(n*variance)
	}
	seen := (p - q) / n
	return &refRange{low: 100 * refSearch(seen, -1, likely), high: 100 * refSearch(seen, 1, likely), method: number.ScoreMethod}
}

// requireRange compares the interval of a number with the reference, to the digits that are shown.
func requireRange(t require.TestingT, want *refRange, digits int, got number.Interval, what ...any) {
	if want == nil {
		require.Equal(t, number.Interval{}, got, what...)
		return
	}
	require.Equal(t, want.method, got.Method, what...)
	unit := math.Pow10(-digits)
	for _, end := range []struct {
		want float64
		got  number.Decimal
	}{{want.low, got.Low}, {want.high, got.High}} {
		require.Equal(t, digits, end.got.Digits, what...)
		require.InDelta(t, end.want, float64(end.got.Scaled)*unit, unit/2+1e-7*max(1, math.Abs(end.want)), what...)
	}
}

// The reference agrees with published tables: Student's t (0.975), and an example of Newcombe (1998), table I.
func TestReferenceOfIntervals(t *testing.T) {
	for degrees, want := range map[int]float64{1: 12.7062, 2: 4.3027, 5: 2.5706, 10: 2.2281, 30: 2.0423, 120: 1.9799} {
		require.InDelta(t, want, studentEdge(degrees), 5e-5, degrees)
	}
	w := refWilson(81, 263)
	require.InDelta(t, 0.2553, w.low, 6e-5)
	require.InDelta(t, 0.3662, w.high, 6e-5)
}
