// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package parquet reads and writes the store's sorted Parquet files. It writes the columns that every scan needs without compression,
// in encodings that are read at the speed of memory, and packs the rest; it reads whole row groups into blocks, with
// persons as runs and texts as codes of a dictionary. Files of any other writer are read as well, as long as they use plain and
// dictionary pages.
package parquet

import (
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// dictionaryBytes of a column in a row group: persons and anchors fit, even when each of 128 Ki rows has another.
const dictionaryBytes = 1 << 20

// Hot columns are read by every scan. Runs and few values are small as a dictionary; times are as they are.
var (
	dictionaryColumns = []string{
		"person", "anchor", "index", "source", "channel", "kind", "initiator", "event", "timeSource", "currency", "surveyKind",
		"surveyScore", "surveyScale", "flags", "mappingGeneration", "seq", "class",
	}
	plainColumns = []string{"time", "receivedAt"}
)

// Writer makes one sorted file.
type Writer struct {
	// Longest is the largest number of rows of one person so far.
	Longest int64

	out    *pqarrow.FileWriter
	schema *arrow.Schema
	class  classWriter
	person uint64
	run    int64
}

// NewWriter writes events to w, which stays open. The schema has the person first, and no nulls; the file has the class of each event besides.
// Row groups have groupRows: a scan holds one of each file.
func NewWriter(w io.Writer, schema *arrow.Schema, groupRows int64) (*Writer, error) {
	fields := append(slices.Clone(schema.Fields()), arrow.Field{Name: store.ColumnClass, Type: arrow.BinaryTypes.String})
	required := make([]arrow.Field, len(fields))
	options := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(groupRows),
		parquet.WithDictionaryPageSizeLimit(dictionaryBytes), parquet.WithDataPageSize(4 << 20), parquet.WithCreatedBy("journeyman"),
	}
	for i, f := range fields {
		required[i] = f
		required[i].Nullable = arrow.IsNested(f.Type.ID())
	}
	for _, name := range dictionaryColumns {
		options = append(options, parquet.WithDictionaryFor(name, true), parquet.WithCompressionFor(name, compress.Codecs.Uncompressed))
	}
	for _, name := range plainColumns {
		options = append(options, parquet.WithCompressionFor(name, compress.Codecs.Uncompressed))
	}
	out := &Writer{schema: arrow.NewSchema(required, nil), class: classWriter{groupRows: groupRows}}
	var err error
	out.out, err = pqarrow.NewFileWriter(out.schema, keepOpen{w}, parquet.NewWriterProperties(options...), pqarrow.DefaultWriterProps())
	return out, err
}

// keepOpen hides that a writer can be closed.
type keepOpen struct{ io.Writer }

// Write the next rows, in the order of the file.
func (w *Writer) Write(batch arrow.RecordBatch) error {
	for i, c := range batch.Columns() {
		if c.NullN() > 0 {
			return fmt.Errorf("column %s has nulls", w.schema.Field(i).Name)
		}
	}
	w.count(batch.Column(0).(*array.Uint64).Uint64Values())
	classes := w.class.of(batch)
	defer classes.Release()
	required := array.NewRecordBatch(w.schema, append(slices.Clone(batch.Columns()), classes), batch.NumRows())
	defer required.Release()
	return w.out.WriteBuffered(required)
}

func (w *Writer) count(persons []uint64) {
	for _, p := range persons {
		if w.run++; p != w.person {
			w.person, w.run = p, 1
		}
		w.Longest = max(w.Longest, w.run)
	}
}

// Close writes what is left and the footer.
func (w *Writer) Close() error { return w.out.Close() }
