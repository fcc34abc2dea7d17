// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

// Grid is a table as it is shown: a header and rows of texts.
type Grid struct {
	// Columns name the values of a row, each with a unit.
	Columns []Column
	// Rows in order.
	Rows []GridRow
	// KeepLast is set if the last rows are shown when there is no room for all of them, such as the latest periods.
	KeepLast bool
	// Samples is the number of persons or events behind the table.
	Samples int64
	// LeftOut is the number of rows or events that are not in the table.
	LeftOut int64
	// Note is a text next to the table about what is not in it, or empty.
	Note string
}

// Column is one column of a Grid.
type Column struct {
	// Name of the column.
	Name string
	// Unit of the values: ratio, count, points, seconds, text, time, or a currency.
	Unit string
}

// GridRow is one row of a Grid, with one value for each column. An empty text means that there is no value.
type GridRow struct {
	// Values by column.
	Values []string
	// Provisional is set if the row can still change.
	Provisional bool
	// ProvisionalFrom is the index of the first value that can still change in a provisional row; 0 means all of them.
	ProvisionalFrom int
}
