// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package batch builds Arrow batches from rows in columnar memory, in its own memory: the responses of a scan, and the data that a sort spills.
package batch

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// MaxText is the size of a column's texts from which a batch is full.
const MaxText = 16 << 20

// Batch collects rows. Its memory is reused: a record is valid until the next Reset.
type Batch struct {
	schema *arrow.Schema
	rows   int
	text   int
	// persons of the rows, plain or as runs
	persons []uint64
	runs    block.Runs
	packed  bool
	columns []outColumn
	// pending rows are not in the columns yet: columns are filled with many at a time, unless they have texts of any length.
	pending []stretch
	eager   bool
}

// stretch of rows of a block.
type stretch struct {
	from       *block.Block
	first, end int
}

// outColumn holds values for the kind of its column: numbers, concatenated texts with their ends, or numbers of texts.
type outColumn struct {
	longs      []int64
	ints       []int32
	bytes      []uint8
	ends       []int32
	text       []byte
	dictionary *dictionary
	codes      []uint16
}

// New returns a batch with a schema: persons, plain or as runs, then columns of numbers, texts and dictionaries of texts.
func New(schema *arrow.Schema) *Batch {
	b := &Batch{schema: schema, columns: make([]outColumn, schema.NumFields()-1)}
	b.packed = schema.Field(0).Type.ID() == arrow.RUN_END_ENCODED
	for i, f := range schema.Fields()[1:] {
		switch f.Type.ID() {
		case arrow.DICTIONARY:
			b.columns[i].dictionary = newDictionary()
		case arrow.STRING:
			b.eager = true
		}
	}
	b.Reset(0)
	return b
}

// Rows returns the number of rows so far.
func (b *Batch) Rows() int { return b.rows }

// Full reports whether the batch has that many rows, or that many bytes of texts in a column.
func (b *Batch) Full(rows, text int) bool { return b.rows >= rows || b.text >= text }

// Reset starts a batch of at most rows rows. A dictionary that could run out of room for their texts is restarted.
func (b *Batch) Reset(rows int) {
	b.rows, b.text, b.persons, b.pending = 0, 0, b.persons[:0], b.pending[:0]
	b.runs.Values, b.runs.Ends = b.runs.Values[:0], b.runs.Ends[:0]
	for i := range b.columns {
		c := &b.columns[i]
		c.longs, c.ints, c.bytes, c.ends, c.text = c.longs[:0], c.ints[:0], c.bytes[:0], append(c.ends[:0], 0), c.text[:0]
		c.codes = c.codes[:0]
		if c.dictionary != nil && !c.dictionary.room(rows) {
			c.dictionary = newDictionary()
		}
	}
}

// Add adds rows of a block that has the columns of the schema, except the person, in its order. run is the run of persons of the first row.
func (b *Batch) Add(from *block.Block, run, first, end int) {
	for at := first; at < end; run++ {
		stop := min(int(from.Persons.Ends[run]), end)
		person := from.Persons.Values[run]
		if b.packed {
			b.runs.Add(person, stop-at)
			at = stop
			continue
		}
		for ; at < stop; at++ {
			b.persons = append(b.persons, person)
		}
	}
	b.pending = append(b.pending, stretch{from: from, first: first, end: end})
	b.rows += end - first
	if b.eager {
		b.Settle()
	}
}

// Settle fills the columns. Call it before a block with added rows changes.
func (b *Batch) Settle() {
	for i := range b.columns {
		c := &b.columns[i]
		for _, s := range b.pending {
			switch f := &s.from.Columns[i]; f.Kind {
			case block.Long:
				c.longs = append(c.longs, f.Longs[s.first:s.end]...)
			case block.Int:
				c.ints = append(c.ints, f.Ints[s.first:s.end]...)
			case block.Byte:
				c.bytes = append(c.bytes, f.Bytes[s.first:s.end]...)
			case block.Text:
				b.addTexts(c, f, s.first, s.end)
			}
		}
	}
	b.pending = b.pending[:0]
}

func (b *Batch) addTexts(c *outColumn, f *block.Column, first, end int) {
	if c.dictionary != nil {
		table := c.dictionary.tableOf(f)
		for _, code := range f.Codes[first:end] {
			n := table[code]
			if n == 0 {
				n = c.dictionary.number(f.Dict[code]) + 1
				table[code] = n
			}
			c.codes = append(c.codes, uint16(n-1))
		}
		return
	}
	for _, code := range f.Codes[first:end] {
		c.text = append(c.text, f.Dict[code]...)
		c.ends = append(c.ends, int32(len(c.text)))
	}
	b.text = max(b.text, len(c.text))
}

// check reports whether every text has a number.
func (b *Batch) check() error {
	for i := range b.columns {
		if d := b.columns[i].dictionary; d != nil && d.full {
			return fmt.Errorf("column %s has over %d texts in a row group", b.schema.Field(i+1).Name, MaxDictionary)
		}
	}
	return nil
}

// Record returns the batch as an Arrow record over the same memory, or nil if it has no rows.
func (b *Batch) Record() (arrow.RecordBatch, error) {
	b.Settle()
	if err := b.check(); b.rows == 0 || err != nil {
		return nil, err
	}
	arrays := make([]arrow.Array, 0, len(b.columns)+1)
	if b.packed {
		ends := fixed(arrow.PrimitiveTypes.Int32, len(b.runs.Ends), asBytes(b.runs.Ends))
		values := fixed(arrow.PrimitiveTypes.Uint64, len(b.runs.Values), asBytes(b.runs.Values))
		arrays = append(arrays, array.NewRunEndEncodedArray(ends, values, b.rows, 0))
		ends.Release()
		values.Release()
	} else {
		arrays = append(arrays, fixed(arrow.PrimitiveTypes.Uint64, b.rows, asBytes(b.persons)))
	}
	for i := range b.columns {
		arrays = append(arrays, b.columns[i].array(b.schema.Field(i+1).Type, b.rows))
	}
	record := array.NewRecordBatch(b.schema, arrays, int64(b.rows))
	for _, a := range arrays {
		a.Release()
	}
	return record, nil
}

func (c *outColumn) array(t arrow.DataType, rows int) arrow.Array {
	switch t.ID() {
	case arrow.INT64:
		return fixed(t, rows, asBytes(c.longs))
	case arrow.INT32:
		return fixed(t, rows, asBytes(c.ints))
	case arrow.UINT8:
		return fixed(t, rows, c.bytes)
	case arrow.DICTIONARY:
		codes := fixed(arrow.PrimitiveTypes.Uint16, rows, asBytes(c.codes))
		defer codes.Release()
		return array.NewDictionaryArray(t, codes, c.dictionary.array())
	default:
		return fixed(t, rows, asBytes(c.ends), c.text)
	}
}

// fixed returns an array without nulls over the buffers.
func fixed(t arrow.DataType, rows int, buffers ...[]byte) arrow.Array {
	list := []*memory.Buffer{nil}
	for _, b := range buffers {
		list = append(list, memory.NewBufferBytes(b))
	}
	data := array.NewData(t, rows, list, nil, 0, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

// asBytes returns the memory of numbers in Arrow's form. They are little-endian on all machines that the store is built for.
func asBytes[T any](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	//nolint:gosec // the bytes of a slice of numbers, exactly as long
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(values[0])))
}
