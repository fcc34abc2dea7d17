// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package experiment

import (
	"math"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Sequence defines a sequential analysis. It has to be fixed before the first look.
type Sequence struct {
	// Level is the probability that the intervals of all looks, however many, contain the true difference, such as 0.95.
	Level float64
	// Tightest is the number of persons, of both variants together, at which the intervals are as narrow as possible; 0 means DefaultTightest. It
	// changes the power, not the validity: every choice keeps the level.
	Tightest int64
}

// DefaultTightest is the number of persons that GrowthBook uses, too.
const DefaultTightest = 5000

// What each variant needs before the first verdict, so that the central limit theorem applies.
const (
	// MinPersons of each variant.
	MinPersons = 100
	// MinOutcomes is the smallest number of conversions, and of persons without, over both variants.
	MinOutcomes = 20
)

// Look is the result at one of many looks.
type Look struct {
	// Difference is treatment minus control, in shares or in the unit of the values.
	Difference float64
	// Interval is the confidence sequence at this look.
	Interval stats.Interval
	// P is the always-valid p-value: over all looks, the probability that it ever falls to a or below is at most a if there is no effect.
	P float64
	// Significant is set if the interval excludes 0. The verdict stays valid whatever later looks show.
	Significant bool
}

// Proportions compares two shares, treatment with control. It returns false for impossible counts, for a level outside 0 to 1, and before
// MinPersons and MinOutcomes are reached.
//
// It is the asymptotic confidence sequence of Robbins' normal mixture, with the estimated variance v of the difference and n
// persons in all:
//
//	d ± √( v · 2(nρ²+1)/(nρ²) · ln(√(nρ²+1)/α) ),  ρ² = (−2 ln α + ln(1 − 2 ln α)) / Tightest
//
// and the p-value is the α at which it touches 0 for that ρ. For v, shares are estimated with one additional conversion and one additional
// person without.
//
// Sources: I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas, Time-uniform central limit theory and asymptotic
// confidence sequences, Annals of Statistics 52 (2024) 2613–2640, theorem 2.2 and appendix B.2; H. Robbins, Statistical methods
// related to the law of the iterated logarithm, Annals of Mathematical Statistics 41 (1970) 1397–1409.
func (s Sequence) Proportions(treatment, control stats.Proportion) (Look, bool) {
	p1, ok1 := treatment.Share()
	p0, ok0 := control.Share()
	converted := treatment.K + control.K
	if !ok1 || !ok0 || converted < MinOutcomes || treatment.N+control.N-converted < MinOutcomes {
		return Look{}, false
	}
	variance := func(p stats.Proportion) float64 {
		n := float64(p.N)
		share := (float64(p.K) + 1) / (n + 2)
		return share * (1 - share) / n
	}
	return s.look(p1-p0, variance(treatment)+variance(control), treatment.N, control.N)
}

// Means compares two means of values per person, treatment with control, in the unit of the values. The formula is that of Proportions with v =
// s₁²/n₁ + s₀²/n₀. It returns false if nothing varies, for a level outside 0 to 1, and below MinPersons. Heavy tails, as in revenue, need far more
// persons.
func (s Sequence) Means(treatment, control *stats.Sums) (Look, bool) {
	v1, ok1 := treatment.Variance()
	v0, ok0 := control.Variance()
	if !ok1 || !ok0 {
		return Look{}, false
	}
	m1, _ := treatment.Mean()
	m0, _ := control.Mean()
	return s.look(m1-m0, v1/float64(treatment.N)+v0/float64(control.N), treatment.N, control.N)
}

func (s Sequence) look(difference, variance float64, treated, controlled int64) (Look, bool) {
	alpha, tightest := 1-s.Level, s.Tightest
	if tightest == 0 {
		tightest = DefaultTightest
	}
	if !(alpha >= 1e-9 && alpha <= 0.5) || tightest < 1 || treated < MinPersons || controlled < MinPersons || variance <= 0 {
		return Look{}, false
	}
	n := float64(treated) + float64(controlled)
	l := -2 * math.Log(alpha)
	grown := n * (l + math.Log1p(l)) / float64(tightest) // nρ²
	half := math.Sqrt(variance * (grown + 1) / grown * (math.Log1p(grown) + l))
	// The mixture's likelihood ratio against no effect. Its inverse is the p-value.
	evidence := difference/variance*difference*grown/(2*(grown+1)) - math.Log1p(grown)/2
	return Look{
		Difference:  difference,
		Interval:    stats.Interval{Low: difference - half, High: difference + half},
		P:           math.Exp(-max(0, evidence)),
		Significant: math.Abs(difference) > half,
	}, true
}
