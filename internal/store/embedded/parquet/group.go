// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// group is a row group that is being filled, in its own memory.
type group struct {
	rows    int
	persons block.Runs
	columns []staged
	scratch scratch
}

// staged is a column of a row group: plain numbers, codes with their dictionary, or concatenated texts.
type staged struct {
	name    string
	kind    block.Kind
	form    form
	longs   []int64
	codes   []int32
	numbers memo
	words   *words
	text    []byte
	ends    []int
}

func newGroup() *group {
	g := &group{columns: make([]staged, len(Wants))}
	for i, w := range Wants {
		g.columns[i] = staged{name: w.Name, kind: w.Kind, form: formOf(w.Name)}
	}
	g.reset()
	return g
}

// groups keeps the memory of row groups for the next file: a load writes many small ones.
var groups = sync.Pool{New: func() any { return newGroup() }}

func takeGroup() *group { return groups.Get().(*group) }

// giveGroup gives back the memory of a group; nil for none.
func giveGroup(g *group) {
	if g != nil {
		g.reset()
		g.scratch.rows = nil // The file can be freed.
		groups.Put(g)
	}
}

// reset removes all rows. The memory is reused.
func (g *group) reset() {
	g.rows = 0
	g.persons.Reset()
	for i := range g.columns {
		c := &g.columns[i]
		c.longs, c.codes, c.text, c.ends = c.longs[:0], c.codes[:0], c.text[:0], c.ends[:0]
		switch {
		case c.form == coded && c.kind == block.Text:
			c.words = newWords(c.name == store.ColumnClass)
		case c.form == coded:
			c.numbers.reset()
		}
	}
}

// text returns the size of the group's texts.
func (g *group) text() int {
	n := 0
	for i := range g.columns {
		n += len(g.columns[i].text)
	}
	return n
}

// take adds rows of blocks, column by column.
func (g *group) take(from []stretch, bounds *block.Bounds) {
	for i := range g.columns {
		c := &g.columns[i]
		switch {
		case c.kind == block.Text && c.form == coded:
			c.takeWords(from, i)
		case c.kind == block.Text:
			c.takeTexts(from, i)
		case c.form == coded:
			c.takeCodes(from, i)
		default:
			for _, s := range from {
				c.longs = append(c.longs, s.from.Columns[i].Longs[s.first:s.end]...)
			}
		}
	}
	g.bound(from, bounds)
}

// bound widens bounds to include the rows.
func (g *group) bound(from []stretch, bounds *block.Bounds) {
	for _, s := range from {
		for _, t := range s.from.Columns[timePlace].Longs[s.first:s.end] {
			bounds.MinTime, bounds.MaxTime = min(bounds.MinTime, t), max(bounds.MaxTime, t)
		}
		for _, q := range s.from.Columns[seqPlace].Longs[s.first:s.end] {
			bounds.MinSeq, bounds.MaxSeq = min(bounds.MinSeq, q), max(bounds.MaxSeq, q)
		}
	}
}

// Indexes of columns in Wants.
var timePlace, seqPlace = place(store.ColumnTime), place(store.ColumnSeq)

func place(name string) int {
	for i, w := range Wants {
		if w.Name == name {
			return i
		}
	}
	panic("there is no column " + name)
}

func (c *staged) takeTexts(from []stretch, i int) {
	for _, s := range from {
		column := &s.from.Columns[i]
		for _, code := range column.Codes[s.first:s.end] {
			c.text = append(c.text, column.Dict[code]...)
			c.ends = append(c.ends, len(c.text))
		}
	}
}

// takeWords adds texts of a column with few distinct ones: each is looked up once per block.
func (c *staged) takeWords(from []stretch, i int) {
	for _, s := range from {
		column := &s.from.Columns[i]
		if column.Owner != c.words || len(column.Table) != len(column.Dict) {
			column.Owner, column.Table = c.words, make([]uint32, len(column.Dict)) // the code plus one
		}
		for _, code := range column.Codes[s.first:s.end] {
			n := column.Table[code]
			if n == 0 {
				n = c.words.code(column.Dict[code]) + 1
				column.Table[code] = n
			}
			c.codes = append(c.codes, int32(n-1))
		}
	}
}

func (c *staged) takeCodes(from []stretch, i int) {
	for _, s := range from {
		column := &s.from.Columns[i]
		switch c.kind {
		case block.Long:
			for _, v := range column.Longs[s.first:s.end] {
				c.codes = append(c.codes, c.numbers.code(v))
			}
		case block.Int:
			for _, v := range column.Ints[s.first:s.end] {
				c.codes = append(c.codes, c.numbers.code(int64(v)))
			}
		default:
			for _, v := range column.Bytes[s.first:s.end] {
				c.codes = append(c.codes, c.numbers.code(int64(v)))
			}
		}
	}
}

// write writes the group as the next one of a file.
func (g *group) write(out *file.Writer) error {
	rows, err := out.AppendRowGroupChecked()
	if err != nil {
		return err
	}
	x := &g.scratch
	x.rows = rows
	if err := x.persons(&g.persons); err != nil {
		return fmt.Errorf("column %s: %w", personColumn, err)
	}
	for i := range g.columns {
		c := &g.columns[i]
		runtime.Gosched() // as in Settle
		if err := x.column(c); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	return rows.Close()
}
