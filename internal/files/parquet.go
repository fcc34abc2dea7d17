// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// parquetRows is the number of rows of a batch.
const parquetRows = 8192

func isParquet(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) }

// parquet opens a Parquet file, whose directory is at its end. A file that is compressed as a whole is unpacked into a temporary file.
func (f *File) parquet(from io.Reader, r *bufio.Reader, most int64) (err error) {
	at, ok := from.(parquet.ReaderAtSeeker)
	if !ok || f.compressed {
		if at, err = f.spill(r); err != nil {
			return err
		}
	}
	return f.open(struct{ parquet.ReaderAtSeeker }{at}, cmp.Or(most, maxParquetMemory)) // The caller closes the file.
}

// Limits of what a Parquet file can claim. A few bytes can claim any number of rows and pages of any size.
const (
	maxParquetMemory = 2 << 30
	maxRows          = 1_000_000
	maxRowsOfByte    = 1000
)

// open reads the directory of a Parquet file. The library panics on some damaged files.
func (f *File) open(at parquet.ReaderAtSeeker, most int64) (err error) {
	defer damaged(&err)
	budget := &bounded{Allocator: memory.DefaultAllocator, most: int(most)}
	reader, err := file.NewParquetReader(at, file.WithReadProps(parquet.NewReaderProperties(budget)))
	if err != nil {
		return fmt.Errorf("reading Parquet: %w", err)
	}
	f.close = append(f.close, reader.Close)
	// Arrow's own schema, which some writers add, is not needed here, and reading a damaged one uses up all memory.
	reader.MetaData().FileMetaData.KeyValueMetadata = nil
	size, err := at.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if n := reader.NumRows(); n < 0 || n > maxRows+maxRowsOfByte*size {
		return fmt.Errorf("reading Parquet: %d bytes claim to have %d rows: the file is damaged", size, n)
	}
	for i := range reader.NumRowGroups() {
		// The compressed columns of a row group are read at once, without the budget.
		if n := reader.MetaData().RowGroup(i).TotalCompressedSize(); n > most {
			return fmt.Errorf("reading Parquet: a row group has %d bytes, more than %d: write smaller ones", n, most)
		}
	}
	schema, err := pqarrow.FromParquet(reader.MetaData().Schema, nil, nil)
	if err != nil {
		return fmt.Errorf("reading Parquet: %w", err)
	}
	seen := map[string]bool{}
	for _, field := range schema.Fields() {
		if seen[field.Name] {
			return fmt.Errorf("the column %q appears twice: rename or remove one of them", mask.Name(field.Name))
		}
		seen[field.Name] = true
		f.Columns = append(f.Columns, field.Name)
		f.typeNotes(&field)
	}
	for i := range reader.MetaData().Schema.NumColumns() {
		if c := reader.MetaData().Schema.Column(i); c.PhysicalType() == parquet.Types.Int96 {
			f.note("the times of column %q have the old type INT96, which has no zone: read as UTC", c.Path())
		}
	}
	f.each = func(take func(Row) error) error { return eachParquet(reader, budget, take) }
	return nil
}

// typeNotes adds notes on what the type of a column leaves open.
func (f *File) typeNotes(field *arrow.Field) {
	switch t := field.Type.(type) {
	case *arrow.BinaryType, *arrow.LargeBinaryType, *arrow.FixedSizeBinaryType:
		f.note("column %q is binary without a type: read as text in UTF-8", field.Name)
	case *arrow.TimestampType:
		if t.TimeZone == "" {
			f.note("the times of column %q are local times in a zone that the file does not name: read as UTC", field.Name)
		}
	}
}

// damaged turns a panic into an error.
func damaged(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("reading Parquet: the file is damaged: %v", p)
	}
}

// bounded allocates memory up to a limit.
type bounded struct {
	memory.Allocator
	used, most int
}

// Allocate implements memory.Allocator.
func (b *bounded) Allocate(size int) []byte {
	b.take(size)
	return b.Allocator.Allocate(size)
}

// Reallocate implements memory.Allocator.
func (b *bounded) Reallocate(size int, old []byte) []byte {
	b.take(size - len(old))
	return b.Allocator.Reallocate(size, old)
}

// Free implements memory.Allocator.
func (b *bounded) Free(old []byte) {
	b.used -= len(old)
	b.Allocator.Free(old)
}

func (b *bounded) take(size int) {
	if size > b.most-b.used {
		panic(fmt.Sprintf("it needs more than %d bytes of memory at once", b.most))
	}
	b.used += size
}

// spill unpacks the rest of a stream into an unlinked temporary file.
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

// eachParquet reads the file in batches.
func eachParquet(reader *file.Reader, budget memory.Allocator, take func(Row) error) error {
	batches, err := parquetBatches(reader, budget)
	if err != nil {
		return err
	}
	defer batches.Release()
	n := 0
	for {
		rows, err := nextRows(batches, n)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		n += len(rows)
		for _, row := range rows {
			if err := take(row); err != nil {
				return err
			}
		}
	}
}

func parquetBatches(reader *file.Reader, budget memory.Allocator) (batches pqarrow.RecordReader, err error) {
	defer damaged(&err)
	columns, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{BatchSize: parquetRows}, budget)
	if err != nil {
		return nil, fmt.Errorf("reading Parquet: %w", err)
	}
	batches, err = columns.GetRecordReader(context.Background(), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("reading Parquet: %w", err)
	}
	return batches, nil
}

// nextRows reads the rows of the next batch, after n others.
func nextRows(batches pqarrow.RecordReader, n int) (rows []Row, err error) {
	defer damaged(&err)
	batch, err := batches.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, unreadable(err)
	}
	for i := range int(batch.NumRows()) {
		rows = append(rows, parquetRow(batch, i, n+i+1))
	}
	return rows, nil
}

// parquetRow returns a row. Nulls count as missing.
func parquetRow(batch arrow.RecordBatch, i, n int) Row {
	row := Row{Line: n, Values: make(map[string]any, batch.NumCols())}
	for c, field := range batch.Schema().Fields() {
		cell, err := cellOf(batch.Column(c), i)
		if err != nil {
			return bad(n, reject.BadRow, "the value of column %q %s", mask.Name(field.Name), err)
		}
		if cell != nil {
			row.Values[field.Name] = cell
		}
	}
	return row
}
