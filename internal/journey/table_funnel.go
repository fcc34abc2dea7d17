// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// FunnelTable is the funnel of the stages: how many customers entered each, went on and were lost. It is the one that a map's status shows, with the
// filters of the report, and beside it that of the period that is compared with, at equal age.
type FunnelTable struct{ noHits }

func (FunnelTable) since(p *Period, _ *Calendar) int64 { return p.From }

func (FunnelTable) accumulator(c *TableContext) (TableAccumulator, error) {
	progression, err := NewProgression(c.Map.Stages, c.Policy)
	if err != nil {
		return nil, err
	}
	return &FunnelTableSums{Funnel: newLeanFunnel(c.Map, progression), channels: c.channels}, nil
}

// FunnelTableSums are the sums of a FunnelTable.
type FunnelTableSums struct {
	// Funnel without channels and personas.
	Funnel   *Funnel
	channels *table
}

func (s *FunnelTableSums) person(v *View) {
	for i := range v.Attempts {
		c := &v.Attempts[i]
		s.Funnel.add(v.Person, &c.Attempt, c.Converted, 0, s.channels)
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
			median = count(m)
		}
		values := []string{name, count(entered), count(converted), count(entered - converted), share(entered-converted, entered), median}
		if before != nil {
			_, e, c := before.Funnel.Step(i)
			values = append(values, count(e), share(e-c, e), shareChange(entered-converted, entered, e-c, e))
		}
		g.Rows = append(g.Rows, GridRow{Values: values})
	}
	return g
}

// Step gives the customers of a stage and those who went on from it; in the order Any those with so many stages, and with one more.
func (f *Funnel) Step(i int) (name string, entered, converted int64) {
	if !f.anyOrder {
		return f.Stages[i].Name, f.Stages[i].Entered, f.Stages[i].Converted
	}
	entered, converted = f.Depth[i], f.Depth[i]
	if i+1 < len(f.Depth) {
		converted = f.Depth[i+1]
	}
	return count(int64(i + 1)), entered, converted
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
