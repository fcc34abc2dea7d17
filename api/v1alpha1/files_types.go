// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// FilesTransport takes exported files: from a place that the pods read, or imported with "kubectl journey import". Formats are detected from the contents:
// CSV, TSV, NDJSON, JSON and Parquet, also in ZIP archives and compressed. All settings are optional. A preset that knows the files of its system has settings of its own, which
// apply where this block has none.
//
// In rules, body has the values of a record by column, without empty cells, and message has file, member (of an archive), line, header (further rows of
// the header), timeZone and currency.
type FilesTransport struct {
	// from is the place that the pods read files from. Default: none; people import files.
	// +optional
	From *FilesFrom `json:"from,omitempty"`

	// encoding of text that is neither UTF-8 nor UTF-16, such as windows-1252. Files that are valid UTF-8 are still read as UTF-8. Default: other files are
	// refused, with a message that shows possible encodings.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][-_.:A-Za-z0-9]*$`
	Encoding string `json:"encoding,omitempty"`

	// separator of the cells of a table. Default: detected from the first lines.
	// +optional
	Separator FileSeparator `json:"separator,omitempty"`

	// header says where a table names its columns. Default: the first line, and nothing else, is the header.
	// +optional
	Header *FileHeader `json:"header,omitempty"`

	// timeZone of times without an offset, a name of the IANA database such as Europe/Berlin. Rules see it as message.timeZone. Default: that of the
	// preset, or none; rules that need it refuse the record.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_+/-]*$`
	TimeZone string `json:"timeZone,omitempty"`

	// currency of amounts without one, in three letters of ISO 4217, such as EUR. Rules see it as message.currency. Default: none.
	// +optional
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:Pattern=`^[A-Z]{3}$`
	Currency string `json:"currency,omitempty"`

	// joinBy are columns that identify a record of several rows, such as an order with a row for each item. Rows that follow each other and have the same
	// values there, or none, are one record: body has the columns of the first row, and body.rows a list with all of them. Default: that of the preset, or
	// each row is a record.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	JoinBy []string `json:"joinBy,omitempty"`

	// jsonColumns are columns whose cells contain JSON. Rules see the decoded value. Default: those of the preset, or cells of tables are texts.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	JSONColumns []string `json:"jsonColumns,omitempty"`

	// ignoreRows describes rows of a table that are no records, such as totals. They are not counted. Default: those of the preset, or none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	IgnoreRows []RowFilter `json:"ignoreRows,omitempty"`

	// members are names of the files in a ZIP archive that are read; an asterisk stands for any characters, and case does not matter. Default: those of
	// the preset, or all files with a known format.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	Members []string `json:"members,omitempty"`
}

// FileSeparator separates the cells of a table.
//
// +kubebuilder:validation:Enum=Comma;Semicolon;Tab;VerticalBar
type FileSeparator string

// Values of separator.
const (
	// SeparatedByComma is CSV.
	SeparatedByComma FileSeparator = "Comma"
	// SeparatedBySemicolon is CSV where decimals have a comma.
	SeparatedBySemicolon FileSeparator = "Semicolon"
	// SeparatedByTab is TSV.
	SeparatedByTab FileSeparator = "Tab"
	// SeparatedByVerticalBar is |.
	SeparatedByVerticalBar FileSeparator = "VerticalBar"
)

// FileHeader says where a table names its columns.
//
// +kubebuilder:validation:XValidation:rule="has(self.rows) || has(self.columns)",message="set rows or columns, or remove header: the first line is the header then"
type FileHeader struct {
	// rows is the number of rows of the header. The first names the columns; rules see the others as message.header, a list of objects by column. Cells
	// with a JSON object are decoded there. Default: 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=16
	Rows int32 `json:"rows,omitempty"`

	// columns are some of the columns that the header must have. Lines before it are skipped. A file without such a header is refused: it is another
	// export. Default: the first line that is not empty is the header.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	Columns []string `json:"columns,omitempty"`
}

// RowFilter selects rows of a table.
type RowFilter struct {
	// column whose cell is compared. Default: the first column.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Column string `json:"column,omitempty"`

	// values of the cell, without regard to case and to a colon at the end.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	Values []string `json:"values,omitempty"`
}
