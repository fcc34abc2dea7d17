// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
	"github.com/journeyman-dev/journeyman/internal/stats/experiment"
)

// Experiment compares the variants of an experiment with its control.
//
// A customer belongs to the variant of their first exposure in the analysed time. They have converted if a conversion follows within Within,
// inclusive. Customers whose time is not over yet are left out, and so are those who saw more than one variant.
type Experiment struct {
	// Variants, 2 to MaxVariants; the first one is the control.
	Variants []Variant
	// Conversion lists the events that count as conversion.
	Conversion []journey.Match
	// Within is the time after the exposure in which a conversion counts. It is positive.
	Within time.Duration
	// FixedHorizon is set if the time of the only look was fixed in advance. Otherwise results can be looked at any number of times.
	FixedHorizon bool
	// Level is the confidence level of the intervals, such as 0.95.
	Level float64
}

// MaxVariants is the number of variants of an experiment, including the control.
const MaxVariants = 8

// Variant is one variant.
type Variant struct {
	// Name of the variant.
	Name string
	// Exposure lists the events that expose a customer to it.
	Exposure []journey.Match
	// Weight of the variant in the planned split, on any scale. It is positive.
	Weight int64
}

// roleOutcome is the role of conversions. The variants have the roles from 1 on.
const roleOutcome uint8 = 0

// Matches lists the events by role.
func (e Experiment) Matches() [][]journey.Match {
	list := [][]journey.Match{e.Conversion}
	for _, v := range e.Variants {
		list = append(list, v.Exposure)
	}
	return list
}

// Read records nothing but the time of the event.
func (Experiment) Read(*match.Values, uint8, *metric.Hit) {}

// Since returns the time from which the metric needs events.
func (e Experiment) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.EventsFrom }

// Extent is the time of the exposures. Conversions can be later.
func (Experiment) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return journey.Extent{What: "exposures", From: p.EventsFrom, To: p.EventsTo}
}

// NewSums returns empty sums. An error names the invalid field.
func (e Experiment) NewSums(*metric.Context) (metric.Sums, error) {
	if len(e.Variants) < 2 || len(e.Variants) > MaxVariants {
		return nil, fmt.Errorf("experiment.variants: an experiment has a control and 1 to %d variants", MaxVariants-1)
	}
	if e.Within <= 0 || e.Level <= 0 || e.Level >= 1 {
		return nil, fmt.Errorf("experiment: within must be positive, and level between 0 and 1")
	}
	return &ExperimentSums{experiment: e, Persons: make([]int64, len(e.Variants)), Converted: make([]int64, len(e.Variants))}, nil
}

// ExperimentSums counts the customers of an Experiment.
type ExperimentSums struct {
	// Persons of each variant, and those of them who Converted.
	Persons, Converted []int64
	// Mixed customers saw more than one variant. Young customers still have time.
	Mixed, Young int64

	experiment Experiment
}

// AddPerson adds a person.
func (s *ExperimentSums) AddPerson(v *metric.View) {
	variant, at, mixed := 0, int64(0), false
	for i := range v.Hits {
		h := &v.Hits[i]
		if h.Role == roleOutcome || !v.InPeriod(h.Time) {
			continue
		}
		if variant == 0 {
			variant, at = int(h.Role), h.Time
		}
		mixed = mixed || int(h.Role) != variant
	}
	end := at + s.experiment.Within.Microseconds()
	switch {
	case variant == 0:
		return
	case mixed:
		s.Mixed++
		return
	case end > v.Period.AsOf:
		s.Young++
		return
	}
	s.Persons[variant-1]++
	for i := range v.Hits {
		if h := &v.Hits[i]; h.Role == roleOutcome && h.Time >= at && h.Time <= end {
			s.Converted[variant-1]++
			return
		}
	}
}

// Merge adds the counts over other persons.
func (s *ExperimentSums) Merge(other metric.Sums) {
	o := other.(*ExperimentSums)
	s.Mixed += o.Mixed
	s.Young += o.Young
	for i := range s.Persons {
		s.Persons[i] += o.Persons[i]
		s.Converted[i] += o.Converted[i]
	}
}

// SampleRatio compares the split of the customers with the planned weights. ok is false if there are too few customers.
func (s *ExperimentSums) SampleRatio() (check experiment.RatioCheck, ok bool) {
	weights := make([]int64, 0, len(s.Persons))
	for _, v := range s.experiment.Variants {
		weights = append(weights, v.Weight)
	}
	return experiment.SampleRatio(s.Persons, weights)
}

// verdict is the comparison of a variant with the control, in the same form for both methods.
type verdict struct {
	difference  float64
	interval    stats.Interval
	p           float64
	significant bool
}

// compare returns the comparison of a variant. ok is false if there is not enough data.
func (s *ExperimentSums) compare(variant int) (v verdict, ok bool) {
	treatment := stats.Proportion{K: s.Converted[variant], N: s.Persons[variant]}
	control := stats.Proportion{K: s.Converted[0], N: s.Persons[0]}
	// Several variants compared with one control share the level (Bonferroni), so that it holds for all of them together.
	level := 1 - (1-s.experiment.Level)/float64(len(s.Persons)-1)
	if s.experiment.FixedHorizon {
		c, ok := experiment.Compare(treatment, control, level)
		return verdict{c.Difference.Value, c.Difference.Interval, c.P, c.Significant}, ok
	}
	l, ok := experiment.Sequence{Level: level}.Proportions(treatment, control)
	return verdict{l.Difference, l.Interval, l.P, l.Significant}, ok
}

// Grid returns one row for each variant, the control first, and one for the split of the customers.
func (s *ExperimentSums) Grid() metric.Grid {
	g := metric.Grid{LeftOut: s.Mixed + s.Young, Columns: []metric.Column{
		{Name: "variant", Unit: metric.UnitText}, {Name: "customers", Unit: metric.UnitCount}, {Name: "converted", Unit: metric.UnitCount},
		{Name: "conversion", Unit: metric.UnitRatio}, {Name: "difference", Unit: metric.UnitRatio}, {Name: "low", Unit: metric.UnitRatio},
		{Name: "high", Unit: metric.UnitRatio}, {Name: "pValue", Unit: metric.UnitRatio}, {Name: "verdict", Unit: metric.UnitText},
	}}
	for i, v := range s.experiment.Variants {
		g.Samples += s.Persons[i]
		row := []string{v.Name, number.Whole(s.Persons[i]), number.Whole(s.Converted[i]), number.Ratio(s.Converted[i], s.Persons[i]), "", "", "", "", "control"}
		if i > 0 {
			copy(row[4:], s.compared(i))
		}
		g.Rows = append(g.Rows, metric.GridRow{Values: row})
	}
	split := []string{"split", number.Whole(g.Samples), "", "", "", "", "", "", "too few"}
	if check, ok := s.SampleRatio(); ok {
		split[7], split[8] = probability(check.P), "as planned"
		if check.Suspicious {
			split[8] = "not as planned: do not trust the other rows"
		}
	}
	g.Rows = append(g.Rows, metric.GridRow{Values: split})
	return g
}

func (s *ExperimentSums) compared(variant int) []string {
	v, ok := s.compare(variant)
	if !ok {
		return []string{"", "", "", "", "too few"}
	}
	words := "no difference shown"
	switch {
	case v.significant && v.difference > 0:
		words = "better"
	case v.significant:
		words = "worse"
	}
	return []string{fraction(v.difference), fraction(v.interval.Low), fraction(v.interval.High), probability(v.p), words}
}

// fraction formats a number with four digits.
func fraction(f float64) string {
	if f = math.Round(f*1e4) / 1e4; f == 0 {
		f = 0 // no minus sign before zero
	}
	return strconv.FormatFloat(f, 'f', 4, 64)
}

// probability formats a p-value with two significant digits.
func probability(p float64) string { return strconv.FormatFloat(p, 'g', 2, 64) }
