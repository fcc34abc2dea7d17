// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Funnel is the funnel of the stages: how many customers entered each, went on and were lost. It is the one that a map's status shows, with the
// filters of the report, and beside it that of the period that is compared with, at equal age.
type Funnel struct {
	journey.NoHits
	journey.OfEntries
}

// Since is the time from which on it needs events.
func (Funnel) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// NewSums gives empty sums; an error names the field that is wrong.
func (Funnel) NewSums(c *journey.Context) (journey.Sums, error) {
	progression, err := journey.NewProgression(c.Map.Stages, c.Policy)
	if err != nil {
		return nil, err
	}
	return &FunnelSums{Funnel: journey.NewLeanFunnel(c.Map, progression)}, nil
}

// StagesOnly marks what looks at attempts alone.
func (Funnel) StagesOnly() {}

// FunnelSums are the sums of a FunnelTable.
type FunnelSums struct {
	// Funnel without channels and personas.
	Funnel *journey.Funnel
}

// AddPerson adds a person.
func (s *FunnelSums) AddPerson(v *journey.View) {
	for i := range v.Attempts {
		c := &v.Attempts[i]
		s.Funnel.Add(v.Person.Events, &c.Attempt, c.Converted, 0)
	}
}

// Merge adds the sums over other persons.
func (s *FunnelSums) Merge(other journey.Sums) {
	s.Funnel.Merge(other.(*FunnelSums).Funnel)
}

// Grid has a row for each stage; in the order Any a row for each number of stages.
func (s *FunnelSums) Grid() journey.Grid { return s.GridBeside(nil) }

// GridBeside has the numbers of another period beside those of this one.
func (s *FunnelSums) GridBeside(previous journey.Sums) journey.Grid {
	g := journey.Grid{Samples: s.Funnel.Customers, Columns: []journey.Column{
		{Name: "stage", Unit: journey.UnitText}, {Name: "entered", Unit: journey.UnitCount}, {Name: "converted", Unit: journey.UnitCount},
		{Name: "dropped", Unit: journey.UnitCount}, {Name: "dropOff", Unit: journey.UnitRatio}, {Name: "medianTimeToNext", Unit: journey.UnitSeconds},
	}}
	before, _ := previous.(*FunnelSums)
	if before != nil {
		g.Columns = append(g.Columns, journey.Column{Name: "previousEntered", Unit: journey.UnitCount},
			journey.Column{Name: "previousDropOff", Unit: journey.UnitRatio},
			journey.Column{Name: "change", Unit: journey.UnitRatio})
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
		g.Rows = append(g.Rows, journey.GridRow{Values: values})
	}
	return g
}

// shareChange is the difference of two shares as they are shown; empty when one of them is.
func shareChange(part, whole, partBefore, wholeBefore int64) string {
	now, ok := number.Divide(part, whole, number.RatioDigits)
	before, also := number.Divide(partBefore, wholeBefore, number.RatioDigits)
	if !ok || !also {
		return ""
	}
	return now.Minus(before).String()
}
