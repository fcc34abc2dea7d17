// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Builder builds a run from rows in order.
type Builder struct {
	run *Run
	// anchors is the index of the column with anchors.
	anchors int
	codes   []map[string]uint32
	packer  *packer
	// AsIs is set if texts are not compressed, for rows that are soon read again, or dropped.
	AsIs bool
	// open holds the rows of the block that is not packed yet.
	open block.Block
	// pending rows are already in the open persons.
	pending  []stretch
	many     [][]string
	text     int
	person   uint64
	ofPerson int64
}

// stretch of rows of a block.
type stretch struct {
	from       *block.Block
	first, end int
}

// NewBuilder returns a builder for a run with some columns, including Anchor.
func NewBuilder(columns []Column) *Builder {
	b := &Builder{run: &Run{columns: columns, dicts: make([][]string, len(columns))}, packer: &packer{}}
	b.anchors = b.run.column(Anchor)
	b.codes, b.many = make([]map[string]uint32, len(columns)), make([][]string, len(columns))
	b.open.Columns = make([]block.Column, len(columns))
	for i, c := range columns {
		b.open.Columns[i].Kind = c.Kind
		if c.Few {
			b.codes[i] = map[string]uint32{}
		}
	}
	return b
}

// Add adds rows of a block that has the builder's columns; run is the run of persons of the first row. The rows are read in batches: the block must
// not change until Settle was called.
func (b *Builder) Add(from *block.Block, run, first, end int) {
	for first < end {
		stop := min(first+blockRows-b.open.Rows, end)
		run = b.addPersons(from, run, first, stop)
		b.pending = append(b.pending, stretch{from: from, first: first, end: stop})
		b.open.Rows += stop - first
		first = stop
		if b.open.Rows >= blockRows {
			b.flush()
		}
	}
}

// Settle reads the rows that were added.
func (b *Builder) Settle() {
	if b.settle(); b.text >= blockText {
		b.flush()
	}
}

func (b *Builder) settle() {
	n := 0
	for _, s := range b.pending {
		n += s.end - s.first
	}
	b.grow(n)
	for i, c := range b.run.columns {
		for _, s := range b.pending {
			b.addColumn(i, c, &s.from.Columns[i], s.first, s.end)
		}
	}
	b.pending = b.pending[:0]
}

// grow allocates n more rows.
func (b *Builder) grow(n int) {
	for i, c := range b.run.columns {
		switch to := &b.open.Columns[i]; {
		case c.Kind == block.Long:
			to.Longs = slices.Grow(to.Longs, n)
		case c.Kind == block.Int:
			to.Ints = slices.Grow(to.Ints, n)
		case c.Kind == block.Byte:
			to.Bytes = slices.Grow(to.Bytes, n)
		case c.Few:
			to.Codes = slices.Grow(to.Codes, n)
		default:
			b.many[i] = slices.Grow(b.many[i], n)
		}
	}
}

// addPersons returns the run of the next row.
func (b *Builder) addPersons(from *block.Block, run, first, end int) int {
	for at := first; at < end; {
		for int(from.Persons.Ends[run]) <= at {
			run++
		}
		stop, person := min(int(from.Persons.Ends[run]), end), from.Persons.Values[run]
		if b.run.Rows == 0 || person != b.person {
			b.person, b.ofPerson = person, 0
		}
		b.ofPerson += int64(stop - at)
		b.run.Rows += int64(stop - at)
		b.run.Longest = max(b.run.Longest, b.ofPerson)
		b.open.Persons.Add(person, stop-at)
		at = stop
	}
	return run
}

func (b *Builder) addColumn(i int, c Column, from *block.Column, first, end int) {
	to := &b.open.Columns[i]
	switch {
	case c.Kind == block.Long:
		to.Longs = append(to.Longs, from.Longs[first:end]...)
	case c.Kind == block.Int:
		to.Ints = append(to.Ints, from.Ints[first:end]...)
	case c.Kind == block.Byte:
		to.Bytes = append(to.Bytes, from.Bytes[first:end]...)
	case c.Few:
		b.addFew(i, from, first, end)
	default:
		for _, code := range from.Codes[first:end] {
			b.many[i] = append(b.many[i], from.Dict[code])
			b.text += len(from.Dict[code])
		}
	}
}

// addFew maps texts to codes of this run. They are looked up once per block.
func (b *Builder) addFew(i int, from *block.Column, first, end int) {
	if from.Owner != b || len(from.Table) != len(from.Dict) {
		from.Owner, from.Table = b, make([]uint32, len(from.Dict)) // the code plus one
	}
	to := &b.open.Columns[i]
	for _, code := range from.Codes[first:end] {
		n := from.Table[code]
		if n == 0 {
			n = b.number(i, from.Dict[code]) + 1
			from.Table[code] = n
		}
		to.Codes = append(to.Codes, n-1)
	}
}

func (b *Builder) number(i int, text string) uint32 {
	if n, ok := b.codes[i][text]; ok {
		return n
	}
	text = strings.Clone(text)
	n := uint32(len(b.run.dicts[i]))
	b.codes[i][text], b.run.dicts[i] = n, append(b.run.dicts[i], text)
	return n
}

// flush packs the open rows.
func (b *Builder) flush() {
	b.settle()
	if b.open.Rows == 0 {
		return
	}
	p := chunk{rows: b.open.Rows, numbers: make([]numbers, len(b.run.columns)), texts: make([]texts, len(b.run.columns))}
	p.persons = block.Runs{Values: slices.Clone(b.open.Persons.Values), Ends: slices.Clone(b.open.Persons.Ends)}
	for i, c := range b.run.columns {
		from := &b.open.Columns[i]
		switch {
		case i == b.anchors:
			p.anchors = anchorsOf(from.Longs, &p.persons)
		case c.Kind == block.Long:
			p.numbers[i] = packNumbers(from.Longs)
		case c.Kind == block.Int:
			p.numbers[i] = packNumbers(from.Ints)
		case c.Kind == block.Byte:
			p.numbers[i] = packNumbers(from.Bytes)
		case c.Few:
			p.numbers[i] = packNumbers(from.Codes)
		default:
			p.texts[i] = b.packer.pack(b.many[i], b.AsIs)
		}
		from.Longs, from.Ints, from.Bytes, from.Codes = from.Longs[:0], from.Ints[:0], from.Bytes[:0], from.Codes[:0]
		b.many[i] = b.many[i][:0]
	}
	b.open.Rows, b.text = 0, 0
	b.open.Persons.Values, b.open.Persons.Ends = b.open.Persons.Values[:0], b.open.Persons.Ends[:0]
	b.run.chunks = append(b.run.chunks, p)
	b.run.Bytes += p.sizeOf()
}

// anchorsOf returns the anchors as runs, or nil if each is the person of its row.
func anchorsOf(anchors []int64, persons *block.Runs) *block.Runs {
	var runs block.Runs
	for _, a := range anchors {
		runs.Add(uint64(a), 1)
	}
	if slices.Equal(runs.Values, persons.Values) && slices.Equal(runs.Ends, persons.Ends) {
		return nil
	}
	return &block.Runs{Values: slices.Clone(runs.Values), Ends: slices.Clone(runs.Ends)}
}

// Run returns the run of the added rows, which are within bounds and have the persons of a version of the identity table, or nil if there are none.
// The builder cannot be used afterwards.
func (b *Builder) Run(bounds block.Bounds, version int64) *Run {
	b.flush()
	if b.run.Rows == 0 {
		return nil
	}
	b.run.Bounds, b.run.Version = bounds, version
	return b.run
}
