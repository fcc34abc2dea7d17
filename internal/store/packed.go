// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Counting makes a packed scan omit the events that a plan only counts.
type Counting struct {
	// Only lists the event names to return; other events are counted.
	Only []string `json:"only"`
	// Spans are the time spans in which they are counted, each separately.
	Spans []event.Span `json:"spans"`
	// Whole is a number of events. If a person can have more, all their events are returned.
	Whole int64 `json:"whole"`
}

// Limits of the counts, which are in a trailer. Events with further combinations are returned.
const (
	MaxTallies    = 500
	MaxTallyBytes = 64 << 10
)

// few are the columns with few distinct texts. Packed scans return them as dictionaries.
var few = []string{ColumnSource, ColumnChannel, ColumnEvent, ColumnCurrency, ColumnSurveyKind}

var (
	packedPersons = arrow.RunEndEncodedOf(arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Uint64)
	packedTexts   = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.BinaryTypes.String}
)

// Plain returns the request without hints about the form of the response, for a store that does not support them.
func (r ScanRequest) Plain() ScanRequest {
	if r.Packed {
		r.Columns = withoutClass(r.Columns)
	}
	r.Packed, r.Counting = false, nil
	return r
}

// packedSchema has the person as runs, the time, and the requested columns, including seq and index.
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

// ColumnClass is the class of an event, as text of event.Class. Only packed scans have it. It replaces the columns of ClassColumns, so that common
// values of many events are evaluated once.
const ColumnClass = "class"

// ClassColumns are the columns that a class replaces. Of the time of receipt, it only keeps whether the event was late.
var ClassColumns = []string{
	ColumnSource, ColumnChannel, ColumnKind, ColumnInitiator, ColumnEvent, ColumnReceivedAt, ColumnFlags,
}

// WithClass returns the columns, with the class instead of those that it replaces.
func WithClass(columns []string) []string {
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(ClassColumns, c) })
	return append(out, ColumnClass)
}

// withoutClass is the inverse.
func withoutClass(columns []string) []string {
	if !slices.Contains(columns, ColumnClass) {
		return columns
	}
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == ColumnClass || slices.Contains(ClassColumns, c) })
	return append(out, ClassColumns...)
}
