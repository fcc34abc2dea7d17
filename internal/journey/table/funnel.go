// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// Funnel is the funnel of the stages: how many customers entered each, continued and dropped off. It equals the funnel in the status of a map, with
// the filters of the report. Next to it is the funnel of the period to compare with, at equal age.
type Funnel struct {
	metric.NoHits
	metric.OfEntries
}

// Since returns the time from which the metric needs events.
func (Funnel) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// NewSums returns empty sums. An error names the invalid field.
func (Funnel) NewSums(c *metric.Context) (metric.Sums, error) {
	progression, err := progression.New(c.Map.Stages, c.Policy)
	if err != nil {
		return nil, err
	}
	return &FunnelSums{Funnel: funnel.NewLean(c.Map, progression)}, nil
}

// StagesOnly marks metrics that use only attempts.
func (Funnel) StagesOnly() {}

// FunnelSums are the sums of a Funnel.
type FunnelSums struct {
	// Funnel without channels and personas.
	Funnel *funnel.Funnel
}

// AddPerson adds a person.
func (s *FunnelSums) AddPerson(v *metric.View) {
	for i := range v.Attempts {
		c := &v.Attempts[i]
		s.Funnel.Add(v.Person.Events, &c.Attempt, c.Converted, 0)
	}
}

// Merge adds the sums over other persons.
func (s *FunnelSums) Merge(other metric.Sums) {
	s.Funnel.Merge(other.(*FunnelSums).Funnel)
}

// Grid returns a row for each stage, or in the order Any a row for each number of stages.
func (s *FunnelSums) Grid() metric.Grid { return s.GridCompared(nil) }

// GridCompared also returns the numbers of another period.
func (s *FunnelSums) GridCompared(previous metric.Sums) metric.Grid {
	g := metric.Grid{Samples: s.Funnel.Customers, Columns: []metric.Column{
		{Name: "stage", Unit: metric.UnitText}, {Name: "entered", Unit: metric.UnitCount}, {Name: "converted", Unit: metric.UnitCount},
		{Name: "dropped", Unit: metric.UnitCount}, {Name: "dropOff", Unit: metric.UnitRatio}, {Name: "medianTimeToNext", Unit: metric.UnitSeconds},
	}}
	before, _ := previous.(*FunnelSums)
	if before != nil {
		g.Columns = append(g.Columns, metric.Column{Name: "previousEntered", Unit: metric.UnitCount},
			metric.Column{Name: "previousDropOff", Unit: metric.UnitRatio},
			metric.Column{Name: "change", Unit: metric.UnitRatio})
	}
	for i := range s.Funnel.Stages {
		name, entered, converted := s.Funnel.Step(i)
		median := ""
		if m, ok := s.Funnel.Stages[i].Next.Median(); ok {
			median = number.Whole(m)
		}
		values := []string{name, number.Whole(entered), number.Whole(converted), number.Whole(entered - converted), number.Ratio(entered-converted, entered), median}
		if before != nil {
			_, e, c := before.Funnel.Step(i)
			values = append(values, number.Whole(e), number.Ratio(e-c, e), shareChange(entered-converted, entered, e-c, e))
		}
		g.Rows = append(g.Rows, metric.GridRow{Values: values})
	}
	return g
}

// shareChange returns the difference of two shares as shown. It is empty if either share is.
func shareChange(part, whole, partBefore, wholeBefore int64) string {
	now, ok := number.Divide(part, whole, number.RatioDigits)
	before, also := number.Divide(partBefore, wholeBefore, number.RatioDigits)
	if !ok || !also {
		return ""
	}
	return now.Minus(before).String()
}
