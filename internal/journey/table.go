// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// NamedTable is one table with a name.
type NamedTable struct {
	// Name of the table.
	Name string
	// Table says what is computed.
	Table Table
}

// Table is one sort of result that has more than one number: a retention triangle, a list of paths. Each has a file of its own,
// with its accumulator.
type Table interface {
	reader
	// since is the time from which on the table needs events, for a period; 0 for the whole history.
	since(p *Period, c *Calendar) int64
	// accumulator gives an empty accumulator; the error says what is wrong with the table.
	accumulator(c *TableContext) (TableAccumulator, error)
}

// TableContext is what a table may know of its engine.
type TableContext struct {
	// Map and Policy of the plan.
	Map    *Map
	Policy Policy
	// Period that the accumulator is for.
	Period *Period
	// Calendar of the plan.
	Calendar *Calendar
	// Personas by number; the last one is "other".
	Personas []string
	// texts numbers the texts of hits, channels those of events.
	texts, channels *table
}

// TableAccumulator sums up one table over one period.
type TableAccumulator interface {
	personal
	// Merge adds the sums of an accumulator of the same table over other persons. Texts may have other numbers there.
	Merge(other TableAccumulator)
	// Grid is the result as it is shown.
	Grid() Grid
}

// Beside is a table that can show another period beside its own.
type Beside interface {
	// GridBeside is Grid with the numbers of the same table over another period; nil for none.
	GridBeside(previous TableAccumulator) Grid
}

// View is one person in one period. It is valid during the call only.
type View struct {
	// Person with all events that matter.
	Person *Person
	// Period that is looked at.
	Period *Period
	// Hits of the measure or table: all of the scan, those outside of the period included, in the order of the events.
	Hits []Hit
	// Attempts are the mature attempts that count: one at most, unless entries are counted.
	Attempts []Counted
	// Attempt is the deepest of them, of equal ones the first; nil when there is none.
	Attempt *Attempt
	// Converted says that the attempt reached the goal.
	Converted bool
	// Persona is the number of the attempt's persona.
	Persona int
	// Progression finds further attempts of the person.
	Progression *Progression
	// Groups are the person's places in the breakdowns of the plan, in their order.
	Groups [][]Placement
}

// Counted is an attempt that counts.
type Counted struct {
	Attempt Attempt
	// Converted says that it reached the goal.
	Converted bool
	// Persona is the number of its persona.
	Persona int
}

// InPeriod says whether an instant lies in the time over which events are counted.
func (v *View) InPeriod(t int64) bool { return t >= v.Period.EventsFrom && t < v.Period.EventsTo }

// Grid is a table as it is shown: a header and rows of texts.
type Grid struct {
	// Columns name the values of a row, each with its unit.
	Columns []Column
	// Rows in their order.
	Rows []GridRow
	// Samples is the number of persons or events behind the table.
	Samples int64
	// LeftOut is the number of rows or events that the table leaves out.
	LeftOut int64
}

// Column is one column of a Grid.
type Column struct {
	// Name of the column.
	Name string
	// Unit of its values: ratio, count, points, seconds, text, time, or a currency.
	Unit string
}

// GridRow is one row of a Grid, as long as there are columns. An empty text means that there is no value.
type GridRow struct {
	// Values by column.
	Values []string
	// Provisional says that the row can still change.
	Provisional bool
	// ProvisionalFrom is the number of the first value that can, of a provisional row; 0 for all of them.
	ProvisionalFrom int
}
