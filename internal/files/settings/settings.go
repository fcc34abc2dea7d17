// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package settings says how exported files are read. It is apart from the package that reads them, so that the catalogue of presets does not need the
// readers of formats.
package settings

// Files are the settings for the files of a system. The format is detected from the contents. Rules see the values of a record as body, by column, without
// empty cells. In message, they see file, member (of an archive), line, header (further header rows), timeZone and currency.
type Files struct {
	// Encoding of text that is neither UTF-8 nor UTF-16, such as windows-1252. Files that are valid UTF-8 are still read as UTF-8. Default: such files are
	// refused, and the message shows possible encodings.
	Encoding string `json:"encoding,omitempty"`
	// Separator of the cells of a table. Default: detected from the first lines.
	Separator Separator `json:"separator,omitempty"`
	// Header says where a table names its columns. Default: the first line, and nothing else, is the header.
	Header *Header `json:"header,omitempty"`
	// TimeZone of times without an offset, a name of the IANA database such as Europe/Berlin. Rules see it as message.timeZone. Default: none; rules that
	// need it refuse the record.
	TimeZone string `json:"timeZone,omitempty"`
	// Currency of amounts without one, in three letters of ISO 4217, such as EUR. Rules see it as message.currency. Default: none.
	Currency string `json:"currency,omitempty"`
	// JoinBy are columns that identify a record of several rows, such as an order with a row for each item. Rows that follow each other and have the same
	// values there, or none, are one record: body has the columns of the first row, and body.rows a list with all of them. Default: each row is a record.
	JoinBy []string `json:"joinBy,omitempty"`
	// JSONColumns are columns whose cells contain JSON. Rules see the decoded value. Default: cells of tables are texts.
	JSONColumns []string `json:"jsonColumns,omitempty"`
	// IgnoreRows describes rows of a table that are no records, such as totals. They are not counted. Default: none.
	IgnoreRows []RowFilter `json:"ignoreRows,omitempty"`
	// Members are names of the files in a ZIP archive that are read; an asterisk stands for any characters, and case does not matter. Default: all files
	// with a known format.
	Members []string `json:"members,omitempty"`
}

// Separator separates the cells of a table.
type Separator string

const (
	// Comma is the separator of CSV.
	Comma Separator = "Comma"
	// Semicolon is the separator of CSV where decimals have a comma.
	Semicolon Separator = "Semicolon"
	// Tab is the separator of TSV.
	Tab Separator = "Tab"
	// VerticalBar is |.
	VerticalBar Separator = "VerticalBar"
)

// Header says where a table names its columns.
type Header struct {
	// Rows is the number of rows of the header. The first names the columns; rules see the others as message.header, a list of objects by column. Cells
	// with a JSON object are decoded there. Default: 1.
	Rows int `json:"rows,omitempty"`
	// Columns are some of the columns that the header must have. Lines before it are skipped. A file without such a header is refused: it is another
	// export. Default: the first line that is not empty is the header.
	Columns []string `json:"columns,omitempty"`
}

// RowFilter selects rows of a table.
type RowFilter struct {
	// Column whose cell is compared. Default: the first column.
	Column string `json:"column,omitempty"`
	// Values of the cell, without regard to case and to a colon at the end.
	Values []string `json:"values"`
}
