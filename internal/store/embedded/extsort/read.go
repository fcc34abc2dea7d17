// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/klauspost/compress/s2"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const (
	// readAhead is the read buffer of a file, which is read sequentially.
	readAhead = 64 << 10
	// ofReader is the approximate memory of a reader without its chunk: the read buffer, and a block before and after decompression.
	ofReader = readAhead + 3*compressed
)

var errDamaged = errors.New("a temporary file of a sort is damaged")

// reader is a source that reads a spilled file.
type reader struct {
	file   volume.ReadFile
	in     *ipc.Reader
	schema *arrow.Schema
	left   int64
	last   string
	out    chunk
}

// open opens a spilled file.
func (p *Pool) open(schema *arrow.Schema, f *file) (*reader, error) {
	from, err := p.volume.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("open a spilled sort: %w", err)
	}
	r := &reader{file: from, schema: schema, left: f.rows}
	packed := s2.NewReader(bufio.NewReaderSize(io.NewSectionReader(from, 0, f.bytes), readAhead),
		s2.ReaderMaxBlockSize(compressed), s2.ReaderAllocBlock(compressed))
	if r.in, err = ipc.NewReader(packed); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", errDamaged, f.path, err), from.Close())
	}
	if !r.in.Schema().Equal(schema) {
		return nil, errors.Join(fmt.Errorf("%w: %s has other columns", errDamaged, f.path), r.close())
	}
	return r, nil
}

func (r *reader) close() error {
	r.in.Release()
	return r.file.Close()
}

func (r *reader) next() (*chunk, error) {
	if !r.in.Next() {
		if err := r.in.Err(); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		}
		if r.left != 0 {
			return nil, fmt.Errorf("%w: %d rows are missing", errDamaged, r.left)
		}
		return nil, nil
	}
	record := r.in.RecordBatch()
	if r.left -= record.NumRows(); r.left < 0 || record.NumRows() == 0 {
		return nil, fmt.Errorf("%w: it has other rows than were written", errDamaged)
	}
	for _, column := range record.Columns() {
		if err := array.Validate(column); err != nil {
			return nil, fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	return &r.out, r.fill(record)
}

// fill sets the chunk to the memory of the record.
func (r *reader) fill(record arrow.RecordBatch) error {
	rows, last := int(record.NumRows()), int(record.NumCols())-1
	r.out.begin(last - 1)
	for i, column := range record.Columns()[1:last] {
		to := &r.out.Columns[i]
		switch a := column.(type) {
		case *array.Int64:
			to.Kind, to.Longs = block.Long, a.Int64Values()
		case *array.Int32:
			to.Kind, to.Ints = block.Int, a.Int32Values()
		case *array.Uint8:
			to.Kind, to.Bytes = block.Byte, a.Uint8Values()
		case *array.String:
			to.Kind, to.Dict = block.Text, to.Dict[:0]
			for row := range rows {
				to.Dict = append(to.Dict, a.Value(row))
			}
			each(to, rows)
		}
	}
	return r.fillKeys(record.Column(0).(*array.RunEndEncoded), record.Column(last).(*array.String))
}

// fillKeys reads the runs of rows with the same key. They have to be in order, because a merge would otherwise return rows in a wrong order.
func (r *reader) fillKeys(runs *array.RunEndEncoded, keys *array.String) error {
	at := int32(0)
	for _, end := range runs.RunEndsArr().(*array.Int32).Int32Values() {
		if end <= at || int(end) > keys.Len() {
			return fmt.Errorf("%w: a run ends at row %d, after %d of %d", errDamaged, end, at, keys.Len())
		}
		key := keys.Value(int(at))
		if key < r.last {
			return fmt.Errorf("%w: its rows are not in order", errDamaged)
		}
		r.out.run(key, int(end-at))
		at, r.last = end, key
	}
	if int(at) != keys.Len() {
		return fmt.Errorf("%w: the runs end at row %d of %d", errDamaged, at, keys.Len())
	}
	r.out.finish()
	return nil
}
