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
	Reader
	// Since is the time from which on the table needs events, for a period; 0 for the whole history.
	Since(p *Period, c *Calendar) int64
	// NewAccumulator gives an empty accumulator; the error says what is wrong with the table.
	NewAccumulator(c *TableContext) (TableAccumulator, error)
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
	// Texts numbers the texts of hits, channels those of events.
	Texts, Channels *Texts
}

// TableAccumulator sums up one table over one period.
type TableAccumulator interface {
	Personal
	// Merge adds the sums of an accumulator of the same table over other persons. Texts may have other numbers there.
	Merge(other TableAccumulator)
	// Grid is the result as it is shown.
	Grid() Grid
}

// OfEvents marks an accumulator that counts events, whoever's they are: it takes those without identities as well, each as a person of one
// event. All others see persons alone.
type OfEvents interface {
	OfEvents()
}

// Beside is a table that can show another period beside its own.
type Beside interface {
	// GridBeside is Grid with the numbers of the same table over another period; nil for none.
	GridBeside(previous TableAccumulator) Grid
}
