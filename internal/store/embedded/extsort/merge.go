// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"cmp"
	"container/heap"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// merger merges several sources, and numbers the keys.
type merger struct {
	layout  *Layout
	cursors cursors
	// taken is the end of the rows of the first cursor's chunk that were returned.
	taken int
	// last is the latest key, with its number.
	last   string
	number uint64
}

// cursor is the position in a source.
type cursor struct {
	layout *Layout
	from   source
	chunk  *chunk
	row    int
	run    int
}

// cursors is a heap with the earliest row first.
type cursors []*cursor

func newMerger(l *Layout, from []source) (*merger, error) {
	m := &merger{layout: l}
	for _, s := range from {
		c := &cursor{layout: l, from: s}
		more, err := c.load()
		if err != nil {
			return nil, err
		}
		if more {
			m.cursors = append(m.cursors, c)
		}
	}
	heap.Init(&m.cursors)
	return m, nil
}

// next returns at most most of the next rows, or no block at the end. The persons of the block are the numbers of the keys.
func (m *merger) next(most int) (rows.Stretch, error) {
	if m.taken > 0 {
		if err := m.advance(); err != nil {
			return rows.Stretch{}, err
		}
	}
	if len(m.cursors) == 0 {
		return rows.Stretch{}, nil
	}
	first := m.cursors[0]
	end := first.chunk.Rows
	if second := m.cursors.second(); second != nil {
		end = first.before(second)
	}
	m.taken = first.row + min(most, end-first.row)
	m.count(first, m.taken)
	return rows.Stretch{Block: &first.chunk.Block, Run: first.run, First: first.row, End: m.taken, Last: m.taken == first.chunk.Rows}, nil
}

// count sets the numbers of the keys of the rows up to an end.
func (m *merger) count(c *cursor, end int) {
	for run := c.run; ; run++ {
		if key := c.chunk.keys[run]; m.number == 0 || key != m.last {
			m.last = strings.Clone(key)
			m.number++
		}
		if c.chunk.Persons.Values[run] = m.number; int(c.chunk.Persons.Ends[run]) >= end {
			return
		}
	}
}

// advance moves the first cursor behind the rows that were returned.
func (m *merger) advance() error {
	first, row := m.cursors[0], m.taken
	m.taken = 0
	if row < first.chunk.Rows {
		first.to(row)
		heap.Fix(&m.cursors, 0)
		return nil
	}
	more, err := first.load()
	if err != nil {
		return err
	}
	if !more {
		heap.Pop(&m.cursors)
		return nil
	}
	heap.Fix(&m.cursors, 0)
	return nil
}

// load moves to the first row of the next chunk. It returns false at the end.
func (c *cursor) load() (bool, error) {
	var err error
	c.chunk, err = c.from.next()
	c.row, c.run = 0, 0
	return c.chunk != nil && err == nil, err
}

func (c *cursor) to(row int) {
	c.row = row
	for int(c.chunk.Persons.Ends[c.run]) <= row {
		c.run++
	}
}

func (c *cursor) compare(o *cursor) int {
	if n := strings.Compare(c.chunk.keys[c.run], o.chunk.keys[o.run]); n != 0 {
		return n
	}
	return c.comparePlace(c.row, o)
}

// comparePlace compares a row with that of another cursor that has the same key.
func (c *cursor) comparePlace(row int, o *cursor) int {
	a, b, l := c.chunk.Columns, o.chunk.Columns, c.layout
	if n := cmp.Compare(a[l.Time].Longs[row], b[l.Time].Longs[o.row]); n != 0 {
		return n
	}
	return cmp.Or(cmp.Compare(a[l.Seq].Longs[row], b[l.Seq].Longs[o.row]), cmp.Compare(a[l.Index].Ints[row], b[l.Index].Ints[o.row]))
}

// before returns the end of the rows of the chunk that come before the row of another cursor, which is not before this one's.
func (c *cursor) before(o *cursor) int {
	keys, ends, key := c.chunk.keys, c.chunk.Persons.Ends, o.chunk.keys[o.run]
	if keys[len(keys)-1] < key {
		return c.chunk.Rows
	}
	run := c.run
	for run < len(keys) && keys[run] < key {
		run++
	}
	end := c.row
	if run > c.run {
		end = int(ends[run-1])
	}
	if keys[run] != key {
		return end
	}
	for last := int(ends[run]); end < last && c.comparePlace(end, o) <= 0; end++ {
	}
	return end
}

func (h cursors) Len() int           { return len(h) }
func (h cursors) Less(i, j int) bool { return h[i].compare(h[j]) < 0 }
func (h cursors) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *cursors) Push(x any)        { *h = append(*h, x.(*cursor)) }

func (h *cursors) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	*h = (*h)[:last]
	return c
}

// second returns the cursor with the second earliest row.
func (h cursors) second() *cursor {
	switch {
	case len(h) < 2:
		return nil
	case len(h) > 2 && h[2].compare(h[1]) < 0:
		return h[2]
	}
	return h[1]
}
