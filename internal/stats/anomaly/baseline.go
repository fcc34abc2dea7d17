// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package anomaly

import (
	"math"
	"slices"
)

// farOut is the number of robust standard deviations from the median of its weekday beyond which a day is an outlier. Among eight weeks of normal
// days, one is that far out once in years.
const farOut = 4.5

// mostOut is the largest share of outliers that is left out.
const mostOut = 0.2

// leastToTell is the number of conversions, and of persons without, that a day of usual rate needs for medians to be meaningful. Days with fewer are
// always kept: there, an outlier is chance, and leaving it out would narrow the normal range.
const leastToTell = 8

// quiet leaves out outliers, by medians, so that past incidents neither lower the expected rate nor widen the normal range. If more than mostOut
// of the days are outliers, it leaves out none.
//
// Rates are compared on the scale 2√n arcsin √rate, on which chance alone has a standard deviation of 1 for any rate (M. S. Bartlett,
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
	// How much larger than chance the usual deviation is.
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
	// weight is the effective sample size of each weekday's rate: the number of independent entrants with the same information.
	weight [7]float64
	// correlation is ρ.
	correlation float64
	// weekdays is the number of weekdays with data.
	weekdays int
	// excess is Pearson's statistic.
	excess float64
}

// independent returns the effective sample size of n entrants of one day.
func independent(n, correlation float64) float64 { return n / (1 + (n-1)*correlation) }

// fit estimates the weighted rates, and ρ such that Pearson's statistic equals its expectation, the number of days minus the number of rates.
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

// leastRate keeps rates away from 0 and 1, where a float would round to them.
const leastRate = 1e-12

// rates estimates the weekdays' rates for a given ρ. One entrant with the rate of all days is added to each, so that none is 0 or 1.
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

// variance returns the variance of the rate of a day around its expectation: that of the day itself plus that of the estimate.
func (b baseline) variance(d observation) float64 {
	p := b.rate[d.weekday]
	return p * (1 - p) * (1/independent(d.n, b.correlation) + 1/b.weight[d.weekday])
}
