// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// FunnelTable is the funnel of the stages: how many customers entered each, went on and were lost. It is the one that a map's status shows, with the
// filters of the report, and beside it that of the period that is compared with, at equal age.
type FunnelTable struct{ NoHits }

// Since is the time from which on it needs events.
func (FunnelTable) Since(p *Period, _ *Calendar) int64 { return p.From }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (FunnelTable) NewAccumulator(c *TableContext) (TableAccumulator, error) {
	progression, err := NewProgression(c.Map.Stages, c.Policy)
	if err != nil {
		return nil, err
	}
	return &FunnelTableSums{Funnel: NewLeanFunnel(c.Map, progression)}, nil
}

// StagesOnly marks what looks at attempts alone.
func (FunnelTable) StagesOnly() {}

// FunnelTableSums are the sums of a FunnelTable.
type FunnelTableSums struct {
	// Funnel without channels and personas.
	Funnel *Funnel
}

// AddPerson adds a person.
func (s *FunnelTableSums) AddPerson(v *View) {
	for i := range v.Attempts {
		c := &v.Attempts[i]
		s.Funnel.Add(v.Person, &c.Attempt, c.Converted, 0)
	}
}

// Merge adds the sums over other persons.
func (s *FunnelTableSums) Merge(other TableAccumulator) {
	s.Funnel.Merge(other.(*FunnelTableSums).Funnel)
}

// Grid has a row for each stage; in the order Any a row for each number of stages.
func (s *FunnelTableSums) Grid() Grid { return s.GridBeside(nil) }

// GridBeside has the numbers of another period beside those of this one.
func (s *FunnelTableSums) GridBeside(previous TableAccumulator) Grid {
	g := Grid{Samples: s.Funnel.Customers, Columns: []Column{
		{Name: "stage", Unit: UnitText}, {Name: "entered", Unit: UnitCount}, {Name: "converted", Unit: UnitCount},
		{Name: "dropped", Unit: UnitCount}, {Name: "dropOff", Unit: UnitRatio}, {Name: "medianTimeToNext", Unit: UnitSeconds},
	}}
	before, _ := previous.(*FunnelTableSums)
	if before != nil {
		g.Columns = append(g.Columns, Column{Name: "previousEntered", Unit: UnitCount}, Column{Name: "previousDropOff", Unit: UnitRatio},
			Column{Name: "change", Unit: UnitRatio})
	}
	for i := range s.Funnel.Stages {
		name, entered, converted := s.Funnel.Step(i)
		median := ""
		if m, ok := s.Funnel.Stages[i].Next.Median(); ok {
			median = Whole(m)
		}
		values := []string{name, Whole(entered), Whole(converted), Whole(entered - converted), Ratio(entered-converted, entered), median}
		if before != nil {
			_, e, c := before.Funnel.Step(i)
			values = append(values, Whole(e), Ratio(e-c, e), shareChange(entered-converted, entered, e-c, e))
		}
		g.Rows = append(g.Rows, GridRow{Values: values})
	}
	return g
}

// shareChange is the difference of two shares as they are shown; empty when one of them is.
func shareChange(part, whole, partBefore, wholeBefore int64) string {
	now, ok := Divide(part, whole, RatioDigits)
	before, also := Divide(partBefore, wholeBefore, RatioDigits)
	if !ok || !also {
		return ""
	}
	return now.Minus(before).String()
}
