// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package run holds sorted rows in compact memory: numbers as distances with as few bytes as they need, texts with few distinct values as codes, and
// all other texts compressed. Rows are in blocks, which are unpacked separately and column by column, into the same form as the rows of sorted files.
package run

import (
	"slices"
	"sync/atomic"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

const (
	// blockRows is the number of rows that are packed together, and unpacked at once: a flush has a block of each of many runs in memory.
	blockRows = 2048
	// blockText limits the size of a block's texts. It is checked at least every settleRows added rows.
	blockText  = 1 << 20
	settleRows = 512
)

// Column of a run.
type Column struct {
	Name string
	Kind block.Kind
	// Few is set if a column has few distinct texts.
	Few bool
}

// Run is some rows in the order of person, time and place, by the persons of a version of the identity table. It is immutable.
type Run struct {
	block.Bounds
	// Version of the identity table.
	Version int64
	// moved rows at the version that was last requested
	moved   atomic.Pointer[rows.Moved]
	columns []Column
	// dicts are the texts of columns with few distinct ones.
	dicts  [][]string
	chunks []chunk
	// Rows is the total number, and Longest the largest number of one person.
	Rows, Longest int64
	// Bytes is the approximate size.
	Bytes int64
}

// chunk is a packed block.
type chunk struct {
	rows    int
	persons block.Runs
	// anchors of the rows; nil if they equal the persons.
	anchors *block.Runs
	numbers []numbers
	texts   []texts
}

// Blocks returns the number of blocks.
func (r *Run) Blocks() int { return len(r.chunks) }

// Persons returns the smallest and the largest person of a block.
func (r *Run) Persons(n int) (low, high uint64) {
	values := r.chunks[n].persons.Values
	return values[0], values[len(values)-1]
}

// Anchors returns the anchors of a block and their persons. Both must not be changed.
func (r *Run) Anchors(n int) (persons, anchors *block.Runs) {
	b := &r.chunks[n]
	if b.anchors == nil {
		return &b.persons, &b.persons
	}
	return &b.persons, b.anchors
}

// Texts returns the largest number of distinct texts in a column with few of them.
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

// sizeOf returns the approximate memory of a chunk.
func (b *chunk) sizeOf() int64 {
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

// MovedAt returns the rows of the run whose person at a version differs from that in the run, or nil. It caches the latest result, because the shards
// of an analysis need the same.
func (r *Run) MovedAt(view *identity.View) *rows.Moved {
	if r.Version == view.Version() {
		return nil
	}
	if known := r.moved.Load(); known != nil && known.Version == view.Version() {
		return known
	}
	found, n := map[uint64]uint64{}, int64(0)
	for i := range r.Blocks() {
		persons, anchors := r.Anchors(i)
		before := int32(0)
		block.EachPair(persons, anchors, func(person, anchor uint64, end int32) {
			if view.PersonOf(event.Anchor(anchor)) != person {
				found[anchor] = person
				n += int64(end - before)
			}
			before = end
		})
	}
	next := rows.NewMoved(view.Version(), found, n)
	r.moved.Store(next)
	return next
}
