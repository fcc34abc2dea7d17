// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package anomaly

import (
	"math"
	"slices"
)

// farOut is how many robust standard deviations from the median of its weekday a day may be; among eight weeks of quiet days, one
// further out comes once in years.
const farOut = 4.5

// mostOut is the largest share of days that may be left out.
const mostOut = 0.2

// leastToTell is the number of conversions, and of others, that a day of usual rate has to have for medians to mean something. Days with
// fewer are always kept: there, what looks far out is chance, and to leave it out would narrow what is taken for usual.
const leastToTell = 8

// quiet leaves out the days that are far out, by medians, so that past incidents neither lower the expected rate nor widen what is
// taken for usual. It never leaves out more than mostOut: then it leaves out none.
//
// Rates are compared on the scale 2√n arcsin √rate, on which chance alone has a standard deviation of 1 whatever the rate (M. S. Bartlett,
// The use of transformations, Biometrics 3 (1947) 39–52).
func quiet(days []observation) (kept []observation, leftOut int) {
	var byWeekday [7][]float64
	var n, k float64
	for _, d := range days {
		byWeekday[d.weekday] = append(byWeekday[d.weekday], d.rate)
		n, k = n+d.n, k+d.k
	}
	var middle [7]float64
	for i, list := range byWeekday {
		middle[i] = median(list)
	}
	share := min(k, n-k) / max(1, n)
	scores := make([]float64, 0, len(days))
	for _, d := range days {
		angle := math.Asin(math.Sqrt(d.rate)) - math.Asin(math.Sqrt(middle[d.weekday]))
		scores = append(scores, 2*math.Sqrt(d.n)*math.Abs(angle))
	}
	// How much more than chance is usual.
	usual := max(1, 1.4826*median(scores))
	for i, d := range days {
		if scores[i] <= farOut*usual || d.n*share < leastToTell {
			kept = append(kept, d)
		}
	}
	leftOut = len(days) - len(kept)
	if float64(leftOut) > mostOut*float64(len(days)) {
		return days, 0
	}
	return kept, leftOut
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// baseline is the estimate of the model.
type baseline struct {
	// rate of each weekday, strictly between 0 and 1.
	rate [7]float64
	// weight is how much each weekday's rate rests on: the number of independent entrants that would tell as much.
	weight [7]float64
	// correlation is ρ.
	correlation float64
	// weekdays is how many weekdays have days.
	weekdays int
	// excess is Pearson's statistic.
	excess float64
}

// independent is the number of independent entrants that tell as much as n of one day.
func independent(n, correlation float64) float64 { return n / (1 + (n-1)*correlation) }

// fit estimates the rates by weight, and ρ such that Pearson's statistic is what it should be, the number of days less that of rates.
func fit(days []observation) baseline {
	b := rates(days, 0)
	degrees := float64(len(days) - b.weekdays)
	if b.excess <= degrees {
		return b
	}
	low, high := 0.0, 1.0
	for range 50 {
		middle := (low + high) / 2
		if rates(days, middle).excess > degrees {
			low = middle
		} else {
			high = middle
		}
	}
	return rates(days, high)
}

// leastRate keeps rates off 0 and 1 where a float would round to them.
const leastRate = 1e-12

// rates estimates the weekdays' rates for a given ρ. One entrant of the rate of all days is added to each, so that none is 0 or 1.
func rates(days []observation, correlation float64) baseline {
	b := baseline{correlation: correlation}
	all, weight := 0.5, 1.0
	var seen [7]bool
	for _, d := range days {
		w := independent(d.n, correlation)
		all, weight = all+w*d.rate, weight+w
		b.rate[d.weekday] += w * d.rate
		b.weight[d.weekday] += w
		seen[d.weekday] = true
	}
	for i := range b.rate {
		b.weight[i]++
		b.rate[i] = min(1-leastRate, max(leastRate, (b.rate[i]+all/weight)/b.weight[i]))
		if seen[i] {
			b.weekdays++
		}
	}
	for _, d := range days {
		p := b.rate[d.weekday]
		b.excess += (d.rate - p) * (d.rate - p) * independent(d.n, correlation) / (p * (1 - p))
	}
	return b
}

// variance of the rate of a day around what is expected: that of the day itself and that of the estimate.
func (b baseline) variance(d observation) float64 {
	p := b.rate[d.weekday]
	return p * (1 - p) * (1/independent(d.n, b.correlation) + 1/b.weight[d.weekday])
}
