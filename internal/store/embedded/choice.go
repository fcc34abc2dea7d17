// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// stored are rows that stand in the order of a scan, in numbered blocks: a sorted file's, or those of a run in memory.
type stored interface {
	// anchors of a block's rows, and their persons, before any row was left out. They are valid until the next call.
	anchors(block int, b *block.Block) (persons, anchors *block.Runs, err error)
	// readPlaces reads the seqs and indexes of a block.
	readPlaces(block int, seqs, indexes *block.Column) error
}

// choice leaves of each block the rows that a scan gives, and knows their places.
type choice struct {
	plan    *scanPlan
	of      stored
	persons block.Range
	// moved are the rows that belong to other persons now.
	moved  *moved
	filter filter
	// counter takes the rows that are counted instead of given; nil when all are given. The times of all rows lie in bounds.
	counter *counter
	bounds  store.Span

	// current is the block that was chosen from last; placesOf the one of which the places were read, from 1 on.
	current, placesOf int
	rows              []int32
	// kept are the rows that the block has; all of them when nil. seqs and indexes are those of the whole block, once read.
	kept          []int32
	seqs, indexes block.Column
}

// choose leaves the rows that the scan gives.
func (c *choice) choose(b *block.Block, block int) error {
	c.current, c.kept = block, nil
	first, end := b.Persons.Between(c.persons.From, c.persons.To)
	moved := c.moved.any(&b.Persons)
	plain := !moved && !c.filter.mayDrop(b)
	if plain && c.counter == nil && first == 0 && end == b.Rows {
		return nil
	}
	c.rows = c.rows[:0]
	if plain && c.counter != nil {
		c.rows = c.counter.choose(b, c.bounds, first, end, nil, c.rows)
	} else if err := c.list(b, moved, first, end); err != nil {
		return err
	}
	b.Keep(c.rows)
	c.kept = c.rows
	return c.plan.err
}

// list makes the rows that stay one after the other of first <= row < end.
func (c *choice) list(b *block.Block, moved bool, first, end int) error {
	if moved {
		persons, anchors, err := c.of.anchors(c.current, b)
		if err != nil {
			return err
		}
		c.rows = c.moved.remaining(first, end, persons, anchors, c.rows)
	} else {
		c.rows = appendRange(c.rows, int32(first), int32(end))
	}
	if c.filter.bySeq {
		c.readPlaces()
	}
	c.rows = c.filter.keep(b, c.seqs.Longs, c.rows)
	if c.counter != nil {
		c.rows = c.counter.choose(b, c.bounds, 0, 0, c.rows, c.rows[:0])
	}
	return nil
}

// readPlaces reads seqs and indexes of the block. An error stays in the plan.
func (c *choice) readPlaces() {
	if c.placesOf != c.current+1 {
		c.placesOf = c.current + 1
		c.plan.err = errors.Join(c.plan.err, c.of.readPlaces(c.current, &c.seqs, &c.indexes))
	}
}

// place is asked for seldom: when a person has events of one instant in two places.
func (c *choice) place(row int) (int64, int32) {
	c.readPlaces()
	if c.plan.err != nil {
		return 0, 0
	}
	if c.kept != nil {
		row = int(c.kept[row])
	}
	return c.seqs.Longs[row], c.indexes.Ints[row]
}

// forget lets go of what the blocks were read with.
func (c *choice) forget() {
	c.rows, c.kept, c.seqs, c.indexes = nil, nil, block.Column{}, block.Column{}
}
