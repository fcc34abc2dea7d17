// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"strings"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Approximate memory in bytes.
const (
	// ofKey is that of a key in addition to its text: its entries in the index and in the lists of keys, before and after sorting.
	ofKey = 88
	// ofText is the header of a text.
	ofText = 16
	// ofRow is the number of its key, and its position after sorting.
	ofRow = 8
)

// buffer collects rows in any order.
type buffer struct {
	layout *Layout
	// keys by their number, in order of arrival; and the key number of each row.
	keys    []string
	numbers map[string]uint32
	rows    []uint32
	columns []column
	// text is the size of all texts and keys, fixed the size of a row without them.
	text, fixed int64
	sorted      sorted
}

// column of a buffer. Only the field for its kind is set.
type column struct {
	longs []int64
	ints  []int32
	bytes []uint8
	texts []string
	// codes of a column with few distinct texts.
	codes []uint32
	few   *few
}

// few holds the distinct texts of a column.
type few struct {
	texts   []string
	numbers map[string]uint32
}

func newBuffer(l *Layout) *buffer {
	b := &buffer{layout: l, numbers: map[string]uint32{}, columns: make([]column, len(l.Columns)), fixed: ofRow}
	b.sorted.from = b
	for _, c := range l.Columns {
		switch {
		case c.Kind == block.Long:
			b.fixed += 8
		case c.Kind == block.Int || c.Few:
			b.fixed += 4
		case c.Kind == block.Byte:
			b.fixed++
		default:
			b.fixed += ofText
		}
	}
	b.reset()
	return b
}

// reset removes all rows. It reuses the memory, except that of texts.
func (b *buffer) reset() {
	clear(b.numbers)
	clear(b.keys)
	b.keys, b.rows, b.text = b.keys[:0], b.rows[:0], 0
	for i := range b.columns {
		c := &b.columns[i]
		clear(c.texts)
		c.longs, c.ints, c.bytes, c.texts, c.codes = c.longs[:0], c.ints[:0], c.bytes[:0], c.texts[:0], c.codes[:0]
		if b.layout.Columns[i].Few {
			c.few = &few{numbers: map[string]uint32{}}
		}
	}
}

// bytes returns the memory of the rows, including that for sorting them.
func (b *buffer) bytes() int64 { return int64(len(b.rows))*b.fixed + int64(len(b.keys))*ofKey + b.text }

// add adds rows of a block with their keys. It copies all texts.
func (b *buffer) add(from *block.Block, rows []int32, keys []string) {
	b.addKeys(keys)
	for i := range b.columns {
		c := &b.layout.Columns[i]
		to, of := &b.columns[i], &from.Columns[c.From]
		switch {
		case c.Kind == block.Long:
			to.longs = pick(to.longs, of.Longs, rows)
		case c.Kind == block.Int:
			to.ints = pick(to.ints, of.Ints, rows)
		case c.Kind == block.Byte:
			to.bytes = pick(to.bytes, of.Bytes, rows)
		case c.Few:
			b.text += to.addFew(of, rows)
		default:
			b.text += to.addTexts(of, rows)
		}
	}
}

func pick[T any, N int32 | uint32](to, from []T, rows []N) []T {
	for _, row := range rows {
		to = append(to, from[row])
	}
	return to
}

func (b *buffer) addKeys(keys []string) {
	for _, key := range keys {
		if n := len(b.rows); n > 0 && b.keys[b.rows[n-1]] == key {
			b.rows = append(b.rows, b.rows[n-1])
			continue
		}
		number, ok := b.numbers[key]
		if !ok {
			number, key = uint32(len(b.keys)), strings.Clone(key)
			b.numbers[key], b.keys = number, append(b.keys, key)
			b.text += int64(len(key))
		}
		b.rows = append(b.rows, number)
	}
}

// addFew returns the size of texts that are new.
func (c *column) addFew(from *block.Column, rows []int32) int64 {
	if from.Owner != c.few || len(from.Table) != len(from.Dict) {
		from.Owner, from.Table = c.few, make([]uint32, len(from.Dict)) // the code plus one
	}
	added := int64(0)
	for _, row := range rows {
		code := from.Codes[row]
		n := from.Table[code]
		if n == 0 {
			text, before := from.Dict[code], len(c.few.texts)
			n = c.few.number(text) + 1
			if from.Table[code] = n; len(c.few.texts) > before {
				added += ofKey + int64(len(text))
			}
		}
		c.codes = append(c.codes, n-1)
	}
	return added
}

func (f *few) number(text string) uint32 {
	n, ok := f.numbers[text]
	if !ok {
		n, text = uint32(len(f.texts)), strings.Clone(text)
		f.numbers[text], f.texts = n, append(f.texts, text)
	}
	return n
}

func (c *column) addTexts(from *block.Column, rows []int32) (bytes int64) {
	c.texts, bytes = from.Copy(c.texts, rows)
	return bytes
}
