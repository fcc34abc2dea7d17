// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// parquetRows are read at a time.
const parquetRows = 8192

func isParquet(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) }

// parquet opens a Parquet file, whose directory stands at its end: one that is compressed as a whole is unpacked into a temporary file.
func (f *File) parquet(from io.Reader, r *bufio.Reader) (err error) {
	at, ok := from.(parquet.ReaderAtSeeker)
	if !ok || f.compressed {
		if at, err = f.spill(r); err != nil {
			return err
		}
	}
	reader, err := file.NewParquetReader(at)
	if err != nil {
		return fmt.Errorf("reading Parquet: %w", err)
	}
	f.close = append(f.close, reader.Close)
	schema, err := pqarrow.FromParquet(reader.MetaData().Schema, nil, reader.MetaData().KeyValueMetadata())
	if err != nil {
		return fmt.Errorf("reading Parquet: %w", err)
	}
	seen := map[string]bool{}
	for _, field := range schema.Fields() {
		if seen[field.Name] {
			return fmt.Errorf("the column %q stands twice: rename or remove one of them", field.Name)
		}
		seen[field.Name] = true
		f.Columns = append(f.Columns, field.Name)
		if field.Type.ID() == arrow.BINARY {
			f.note("column %q is binary without a type: read as text in UTF-8", field.Name)
		}
		if t, ok := field.Type.(*arrow.TimestampType); ok && t.TimeZone == "" {
			f.note("the times of column %q are local ones of a zone that the file does not name: read as UTC", field.Name)
		}
	}
	f.each = func(take func(Row) error) error { return eachParquet(reader, take) }
	return nil
}

// spill unpacks the rest of a stream into a file that has no name any more.
func (f *File) spill(r io.Reader) (*os.File, error) {
	t, err := os.CreateTemp("", "journeyman-parquet-")
	if err != nil {
		return nil, err
	}
	f.close = append(f.close, t.Close)
	if err := os.Remove(t.Name()); err != nil {
		return nil, err
	}
	if _, err := io.Copy(t, r); err != nil {
		return nil, unreadable(err)
	}
	return t, nil
}

// eachParquet reads batch by batch.
func eachParquet(reader *file.Reader, take func(Row) error) error {
	columns, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{BatchSize: parquetRows}, memory.DefaultAllocator)
	if err != nil {
		return fmt.Errorf("reading Parquet: %w", err)
	}
	batches, err := columns.GetRecordReader(context.Background(), nil, nil)
	if err != nil {
		return fmt.Errorf("reading Parquet: %w", err)
	}
	defer batches.Release()
	n := 0
	for {
		batch, err := batches.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		for i := range int(batch.NumRows()) {
			n++
			if err := take(parquetRow(batch, i, n)); err != nil {
				return err
			}
		}
	}
}

// parquetRow gives a row; nulls count as missing.
func parquetRow(batch arrow.RecordBatch, i, n int) Row {
	row := Row{Line: n, Values: make(map[string]any, batch.NumCols())}
	for c, field := range batch.Schema().Fields() {
		column := batch.Column(c)
		if column.IsNull(i) {
			continue
		}
		cell, err := parquetCell(column, i)
		if err != nil {
			return bad(n, reject.BadRow, "the value of column %q %s", field.Name, err)
		}
		row.Values[field.Name] = cell
	}
	return row
}

var errBinary = errors.New("is binary and no text in UTF-8: leave the column out, or write it as text")

// parquetCell gives a value as JSON has it; times become texts with a zone.
func parquetCell(column arrow.Array, i int) (any, error) {
	switch column := column.(type) {
	case array.StringLike:
		return column.Value(i), nil
	case *array.Binary:
		return textOf(column.Value(i))
	case *array.LargeBinary:
		return textOf(column.Value(i))
	case *array.FixedSizeBinary:
		return textOf(column.Value(i))
	case *array.Timestamp:
		unit := column.DataType().(*arrow.TimestampType).Unit
		return column.Value(i).ToTime(unit).UTC().Format(time.RFC3339Nano), nil
	case *array.Date32:
		return column.Value(i).FormattedString(), nil
	case *array.Decimal128:
		return column.ValueStr(i), nil
	case *array.Decimal256:
		return column.ValueStr(i), nil
	}
	raw, err := json.Marshal(column.GetOneForMarshal(i))
	if err != nil {
		return nil, errors.New("cannot be written as JSON")
	}
	return value.Decode(raw)
}

func textOf(b []byte) (any, error) {
	if !utf8.Valid(b) {
		return nil, errBinary
	}
	return string(b), nil
}
