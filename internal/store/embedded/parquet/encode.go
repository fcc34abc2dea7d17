// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"fmt"
	"math/bits"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// scratch writes the columns of row groups, with reusable memory.
type scratch struct {
	rows     file.SerialRowGroupWriter
	longs    []int64
	ints     []int32
	codes    []int32
	texts    []parquet.ByteArray
	others   []parquet.ByteArray
	def, rep []int16
}

// dictionaryBytes is the size of a dictionary in a row group: persons and anchors fit, even if each of 128 Ki rows has a different one.
const dictionaryBytes = 1 << 20

// worthCodes reports whether codes with a dictionary of that many entries are smaller than the plain values.
func worthCodes(rows, entries, dictionary, values int) bool {
	return dictionary < dictionaryBytes && dictionary+rows*bits.Len(uint(entries-1))/8 < values
}

// persons writes the persons, which are ascending runs: each run is an entry of the dictionary.
func (x *scratch) persons(runs *block.Runs) error {
	w, err := x.rows.NextColumn()
	if err != nil {
		return err
	}
	rows := 0
	if n := len(runs.Ends); n > 0 {
		rows = int(runs.Ends[n-1])
	}
	x.longs = x.longs[:0]
	if worthCodes(rows, len(runs.Values), 8*len(runs.Values), 8*rows) {
		x.codes = x.codes[:0]
		at := int32(0)
		for i, v := range runs.Values {
			x.longs = append(x.longs, int64(v))
			for ; at < runs.Ends[i]; at++ {
				x.codes = append(x.codes, int32(i))
			}
		}
		return writeCodes(w, longArray(x.longs), x.codes)
	}
	at := int32(0)
	for i, v := range runs.Values {
		for ; at < runs.Ends[i]; at++ {
			x.longs = append(x.longs, int64(v))
		}
	}
	return writeValues(w, x.longs)
}

// column writes one column.
func (x *scratch) column(c *staged) error {
	if c.name == store.ColumnIdentities {
		return x.identities(c)
	}
	w, err := x.rows.NextColumn()
	if err != nil {
		return err
	}
	switch {
	case c.kind == block.Text && c.form == coded:
		return x.words(w, c)
	case c.kind == block.Text:
		return writeValues(w, x.split(c))
	case c.form != coded:
		return writeValues(w, c.longs)
	case c.kind == block.Long:
		return x.numbers(w, c, 8, longArray)
	default:
		return x.smallNumbers(w, c)
	}
}

// split returns the texts of a column.
func (x *scratch) split(c *staged) []parquet.ByteArray {
	x.texts = x.texts[:0]
	from := 0
	for _, end := range c.ends {
		x.texts = append(x.texts, c.text[from:end:end])
		from = end
	}
	return x.texts
}

func (x *scratch) numbers(w file.ColumnChunkWriter, c *staged, width int, dictionary func([]int64) arrow.Array) error {
	values := c.numbers.values
	if worthCodes(len(c.codes), len(values), width*len(values), width*len(c.codes)) {
		return writeCodes(w, dictionary(values), c.codes)
	}
	x.longs = x.longs[:0]
	for _, code := range c.codes {
		x.longs = append(x.longs, values[code])
	}
	return writeValues(w, x.longs)
}

// smallNumbers writes numbers that Parquet stores in four bytes.
func (x *scratch) smallNumbers(w file.ColumnChunkWriter, c *staged) error {
	x.ints = x.ints[:0]
	for _, v := range c.numbers.values {
		x.ints = append(x.ints, int32(v))
	}
	entries := len(x.ints)
	if worthCodes(len(c.codes), entries, 4*entries, 4*len(c.codes)) {
		return writeCodes(w, intArray(x.ints), c.codes)
	}
	for _, code := range c.codes {
		x.ints = append(x.ints, x.ints[code])
	}
	return writeValues(w, x.ints[entries:])
}

func (x *scratch) words(w file.ColumnChunkWriter, c *staged) error {
	values := 4 * len(c.codes)
	for _, code := range c.codes {
		values += len(c.words.list[code])
	}
	if worthCodes(len(c.codes), len(c.words.list), c.words.bytes+4*len(c.words.list), values) {
		return writeCodes(w, textArray(c.words.list), c.codes)
	}
	x.texts = x.texts[:0]
	for _, code := range c.codes {
		x.texts = append(x.texts, bytesOf(c.words.list[code]))
	}
	return writeValues(w, x.texts)
}

// identities writes two columns: the types and the values of all entries, with levels that mark the entries of one row.
func (x *scratch) identities(c *staged) error {
	x.texts, x.others, x.def, x.rep = x.texts[:0], x.others[:0], x.def[:0], x.rep[:0]
	// Levels: the list exists, it has an entry, the entry exists, its part exists.
	const empty, full = 1, 4
	from := 0
	for _, end := range c.ends {
		n := int16(0)
		err := event.EachIdentity(textOf(c.text[from:end]), func(typ, value string) {
			x.texts, x.others = append(x.texts, bytesOf(typ)), append(x.others, bytesOf(value))
			x.def, x.rep = append(x.def, full), append(x.rep, min(n, 1))
			n = 1
		})
		if err != nil {
			return err
		}
		if n == 0 {
			x.def, x.rep = append(x.def, empty), append(x.rep, 0)
		}
		from = end
	}
	for _, values := range [][]parquet.ByteArray{x.texts, x.others} {
		w, err := x.rows.NextColumn()
		if err != nil {
			return err
		}
		texts, ok := w.(*file.ByteArrayColumnChunkWriter)
		if !ok {
			return errWriter(w)
		}
		if _, err := texts.WriteBatch(values, x.def, x.rep); err != nil {
			return err
		}
	}
	return nil
}

// writeValues writes a column without levels.
func writeValues[T int64 | int32 | parquet.ByteArray](w file.ColumnChunkWriter, values []T) error {
	// Without a dictionary, even if the column has one in other row groups.
	w.FallbackToPlain()
	to, ok := w.(interface {
		WriteBatch(values []T, def, rep []int16) (int64, error)
	})
	if !ok {
		return errWriter(w)
	}
	_, err := to.WriteBatch(values, nil, nil)
	return err
}

// writeCodes writes a column without levels as codes of a dictionary.
func writeCodes(w file.ColumnChunkWriter, dictionary arrow.Array, codes []int32) error {
	encoder, ok := w.CurrentEncoder().(interface{ PutDictionary(arrow.Array) error })
	if !ok {
		return errWriter(w)
	}
	if err := encoder.PutDictionary(dictionary); err != nil {
		return err
	}
	if s := w.PageStatistics(); s != nil {
		s.IncNumValues(int64(len(codes)))
		if err := s.UpdateFromArrow(dictionary, false); err != nil {
			return err
		}
	}
	return w.WriteDictIndices(intArray(codes), nil, nil)
}

func errWriter(w file.ColumnChunkWriter) error { return fmt.Errorf("sorted file: a writer is a %T", w) }

// Arrays over values, which are not copied.
func longArray(values []int64) arrow.Array {
	return numberArray(arrow.PrimitiveTypes.Int64, arrow.Int64Traits.CastToBytes(values), len(values))
}

func intArray(values []int32) arrow.Array {
	return numberArray(arrow.PrimitiveTypes.Int32, arrow.Int32Traits.CastToBytes(values), len(values))
}

func numberArray(t arrow.DataType, bytes []byte, n int) arrow.Array {
	return array.MakeFromData(array.NewData(t, n, []*memory.Buffer{nil, memory.NewBufferBytes(bytes)}, nil, 0, 0))
}

func textArray(values []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(values, nil)
	return b.NewArray()
}

// bytesOf and textOf share memory, which is never written.
func bytesOf(text string) parquet.ByteArray {
	return unsafe.Slice(unsafe.StringData(text), len(text)) //nolint:gosec // read only
}

func textOf(bytes []byte) string {
	return unsafe.String(unsafe.SliceData(bytes), len(bytes)) //nolint:gosec // read only, while the bytes stay
}
