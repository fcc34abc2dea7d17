// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Counting asks a packed scan to leave out the events that a plan only counts.
type Counting struct {
	// Only names the events to give; the others are counted.
	Only []string `json:"only"`
	// Spans of time in which they are counted, each by itself.
	Spans []event.Span `json:"spans"`
	// Whole is a number of events: of a person who may have more, all are given.
	Whole int64 `json:"whole"`
}

// Bounds of what is counted, which goes into a trailer: events of further sorts are given.
const (
	MaxTallies    = 500
	MaxTallyBytes = 64 << 10
)

// few are the texts of which many events have the same one: packed scans give them as dictionaries.
var few = []string{ColumnSource, ColumnChannel, ColumnEvent, ColumnCurrency, ColumnSurveyKind}

var (
	packedPersons = arrow.RunEndEncodedOf(arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Uint64)
	packedTexts   = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.BinaryTypes.String}
)

// Plain returns the request without hints about the form of the answer, for a store that does not know them.
func (r ScanRequest) Plain() ScanRequest {
	if r.Packed {
		r.Columns = withoutClass(r.Columns)
	}
	r.Packed, r.Counting = false, nil
	return r
}

// packedSchema has the person as runs, the time, and of all other columns those that are asked for, seq and index too.
func packedSchema(columns []string) (*arrow.Schema, error) {
	asked := make(map[string]bool, len(columns))
	for _, c := range columns {
		asked[c] = true
	}
	fields := []arrow.Field{{Name: ColumnPerson, Type: packedPersons}, {Name: ColumnTime, Type: arrow.PrimitiveTypes.Int64}}
	delete(asked, ColumnPerson)
	delete(asked, ColumnTime)
	for _, f := range scanFields[2:] {
		if !asked[f.Name] {
			continue
		}
		delete(asked, f.Name)
		if slices.Contains(few, f.Name) {
			f.Type = packedTexts
		}
		fields = append(fields, f)
	}
	if asked[ColumnClass] {
		delete(asked, ColumnClass)
		fields = append(fields, arrow.Field{Name: ColumnClass, Type: packedTexts})
	}
	for c := range asked {
		return nil, invalidColumn(c)
	}
	return arrow.NewSchema(fields, nil), nil
}
