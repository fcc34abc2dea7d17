// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package packed holds sorted rows in little memory: numbers as distances in as few bytes as they need, texts of which there are few as codes,
// all other texts compressed. Rows are in blocks, each of which is unpacked by itself and column by column, into the form that rows of sorted
// files have in memory, too.
package packed

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

const (
	// blockRows is how many rows are packed together, and unpacked at once.
	blockRows = 8192
	// blockText bounds the bytes of a block's texts.
	blockText = 4 << 20
)

// Column of a run.
type Column struct {
	Name string
	Kind block.Kind
	// Few says of texts that many rows have the same one.
	Few bool
}

// Run is some rows in the order of person, time and place. It never changes.
type Run struct {
	columns []Column
	// dicts are the texts of columns that have few.
	dicts  [][]string
	blocks []packedBlock
	// Rows in all, and the most that one person has.
	Rows, Longest int64
	// Bytes that it takes, about.
	Bytes int64
}

type packedBlock struct {
	rows    int
	persons block.Runs
	// anchors of the rows; nil when they are the persons.
	anchors *block.Runs
	numbers []numbers
	texts   []texts
}

// Blocks is the number of blocks.
func (r *Run) Blocks() int { return len(r.blocks) }

// Persons gives the smallest and the largest person of a block.
func (r *Run) Persons(n int) (low, high uint64) {
	values := r.blocks[n].persons.Values
	return values[0], values[len(values)-1]
}

// Anchors of a block with their persons. Both belong to the run.
func (r *Run) Anchors(n int) (persons, anchors *block.Runs) {
	b := &r.blocks[n]
	if b.anchors == nil {
		return &b.persons, &b.persons
	}
	return &b.persons, b.anchors
}

// Texts is the largest number of different texts in a column that has few.
func (r *Run) Texts() int {
	most := 0
	for _, d := range r.dicts {
		most = max(most, len(d))
	}
	return most
}

func (r *Run) column(name string) int {
	return slices.IndexFunc(r.columns, func(c Column) bool { return c.Name == name })
}

// sizeOf the memory of a block, about.
func (b *packedBlock) sizeOf() int64 {
	n := 12 * cap(b.persons.Values)
	if b.anchors != nil {
		n += 12 * cap(b.anchors.Values)
	}
	for i := range b.numbers {
		n += b.numbers[i].bytes() + 48
	}
	for i := range b.texts {
		n += b.texts[i].bytes() + 32
	}
	return int64(n)
}
