// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

// Grid is a table as it is shown: a header and rows of texts.
type Grid struct {
	// Columns name the values of a row, each with its unit.
	Columns []Column
	// Rows in their order.
	Rows []GridRow
	// KeepLast says that where there is no room for all rows, the last ones are shown: of periods the newest.
	KeepLast bool
	// Samples is the number of persons or events behind the table.
	Samples int64
	// LeftOut is the number of rows or events that the table leaves out.
	LeftOut int64
	// Note is a word next to the table: what has no part in it; empty when there is nothing to say.
	Note string
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
