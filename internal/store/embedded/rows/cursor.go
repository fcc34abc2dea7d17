// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"cmp"
	"math"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// beforeAll is before the time of every event.
const beforeAll = math.MinInt64

// cursor is the position in a source of blocks. While it has no block, it is before all rows of a person, so that files with later persons are not read early.
type cursor struct {
	query *Query
	from  Source
	block *block.Block
	row   int
	run   int
	// person and time of the row.
	person uint64
	time   int64
}

// load moves to the first row of the next block. It returns false at the end.
func (c *cursor) load() (bool, error) {
	for {
		b, err := c.from.Next()
		if err != nil || b == nil {
			c.block = nil
			return false, err
		}
		if b.Rows > 0 {
			c.block, c.row, c.run = b, 0, 0
			c.look()
			return true, nil
		}
	}
}

func (c *cursor) look() {
	c.person, c.time = c.block.Persons.Values[c.run], c.block.Columns[c.query.time].Longs[c.row]
}

// to moves to a later row of the block, which must exist.
func (c *cursor) to(row int) {
	c.row = row
	for int(c.block.Persons.Ends[c.run]) <= row {
		c.run++
	}
	c.look()
}

// compare orders cursors by their rows.
func (c *cursor) compare(o *cursor) int {
	switch {
	case c.person != o.person:
		return cmp.Compare(c.person, o.person)
	case c.time != o.time:
		return cmp.Compare(c.time, o.time)
	case c.block == nil || o.block == nil:
		return 0
	}
	return c.comparePlace(c.row, o)
}

func (c *cursor) comparePlace(row int, o *cursor) int {
	seq, index := c.from.Place(row)
	otherSeq, otherIndex := o.from.Place(o.row)
	return cmp.Or(cmp.Compare(seq, otherSeq), cmp.Compare(index, otherIndex))
}

// before returns the end of the rows of the block that come before the row of another cursor, which is not before this one's.
func (c *cursor) before(o *cursor) int {
	ends, persons := c.block.Persons.Ends, c.block.Persons.Values
	if persons[len(persons)-1] < o.person {
		return c.block.Rows
	}
	run := c.run
	for run < len(persons) && persons[run] < o.person {
		run++
	}
	end := c.row
	if run > c.run {
		end = int(ends[run-1])
	}
	if run == len(persons) || persons[run] != o.person {
		return end
	}
	times := c.block.Columns[c.query.time].Longs
	for last := int(ends[run]); end < last; end++ {
		if times[end] > o.time || times[end] == o.time && c.comparePlace(end, o) > 0 {
			break
		}
	}
	return end
}

// heap of cursors, with the earliest row first
type heap []*cursor

// fix restores the heap after the first cursor has moved.
func (h heap) fix() { h.down(0) }

func (h heap) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h[child+1].compare(h[child]) < 0 {
			child++
		}
		if h[i].compare(h[child]) <= 0 {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// make builds the heap.
func (h heap) make() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

// second returns the cursor with the second earliest row.
func (h heap) second() *cursor {
	switch {
	case len(h) < 2:
		return nil
	case len(h) > 2 && h[2].compare(h[1]) < 0:
		return h[2]
	}
	return h[1]
}
