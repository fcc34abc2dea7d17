// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/sorted"
)

// batchText bounds the bytes of a column's texts in a batch.
const batchText = 16 << 20

// scanBatch collects the rows of a batch. Its memory is used again: a batch is valid until the next one is begun.
type scanBatch struct {
	schema  *arrow.Schema
	rows    int
	text    int
	persons []uint64
	columns []outColumn
}

// outColumn holds values of the kind of its column: numbers, or texts one after the other with their ends.
type outColumn struct {
	longs []int64
	ints  []int32
	bytes []uint8
	ends  []int32
	text  []byte
}

func newScanBatch(schema *arrow.Schema) *scanBatch {
	b := &scanBatch{schema: schema, columns: make([]outColumn, schema.NumFields()-1)}
	b.reset()
	return b
}

func (b *scanBatch) reset() {
	b.rows, b.text, b.persons = 0, 0, b.persons[:0]
	for i := range b.columns {
		c := &b.columns[i]
		c.longs, c.ints, c.bytes, c.ends, c.text = c.longs[:0], c.ints[:0], c.bytes[:0], append(c.ends[:0], 0), c.text[:0]
	}
}

// add takes rows of a block, of which the first is in the run.
func (b *scanBatch) add(from *sorted.Block, run, first, end int) {
	for at := first; at < end; run++ {
		stop := min(int(from.Persons.Ends[run]), end)
		for person := from.Persons.Values[run]; at < stop; at++ {
			b.persons = append(b.persons, person)
		}
	}
	for i := range b.columns {
		c, f := &b.columns[i], &from.Columns[i]
		switch f.Kind {
		case sorted.Long:
			c.longs = append(c.longs, f.Longs[first:end]...)
		case sorted.Int:
			c.ints = append(c.ints, f.Ints[first:end]...)
		case sorted.Byte:
			c.bytes = append(c.bytes, f.Bytes[first:end]...)
		case sorted.Text:
			for _, code := range f.Codes[first:end] {
				c.text = append(c.text, f.Dict[code]...)
				c.ends = append(c.ends, int32(len(c.text)))
			}
			b.text = max(b.text, len(c.text))
		}
	}
	b.rows += end - first
}

// record gives the batch as Arrow, over the same memory.
func (b *scanBatch) record() arrow.RecordBatch {
	arrays := make([]arrow.Array, 0, len(b.columns)+1)
	arrays = append(arrays, fixed(arrow.PrimitiveTypes.Uint64, b.rows, asBytes(b.persons)))
	for i := range b.columns {
		c, t := &b.columns[i], b.schema.Field(i+1).Type
		switch t.ID() {
		case arrow.INT64:
			arrays = append(arrays, fixed(t, b.rows, asBytes(c.longs)))
		case arrow.INT32:
			arrays = append(arrays, fixed(t, b.rows, asBytes(c.ints)))
		case arrow.UINT8:
			arrays = append(arrays, fixed(t, b.rows, c.bytes))
		default:
			arrays = append(arrays, fixed(t, b.rows, asBytes(c.ends), c.text))
		}
	}
	record := array.NewRecordBatch(b.schema, arrays, int64(b.rows))
	for _, a := range arrays {
		a.Release()
	}
	return record
}

// fixed makes an array without nulls over the buffers.
func fixed(t arrow.DataType, rows int, buffers ...[]byte) arrow.Array {
	list := []*memory.Buffer{nil}
	for _, b := range buffers {
		list = append(list, memory.NewBufferBytes(b))
	}
	data := array.NewData(t, rows, list, nil, 0, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

// asBytes gives the memory of numbers, which on all machines that DuckDB's library is built for are little-endian, as Arrow has them.
func asBytes[T any](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(values[0])))
}
