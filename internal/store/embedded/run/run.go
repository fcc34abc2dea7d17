// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package run has runs: sorted rows in little memory, numbers as distances in as few bytes as they need, texts of which there are few as codes,
// all other texts compressed. Rows are in blocks, each of which is unpacked by itself and column by column, into the form that rows of sorted
// files have in memory, too.
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
	// blockRows is how many rows are packed together, and unpacked at once: a flush has a block of each of many runs.
	blockRows = 2048
	// blockText bounds the bytes of a block's texts. It is checked each time that settleRows were added at most.
	blockText  = 1 << 20
	settleRows = 512
)

// Column of a run.
type Column struct {
	Name string
	Kind block.Kind
	// Few says of texts that many rows have the same one.
	Few bool
}

// Run is some rows in the order of person, time and place, by the persons of a version of the identity table. It never changes.
type Run struct {
	block.Bounds
	// Version of the identity table.
	Version int64
	// moved at the version that was asked for last.
	moved   atomic.Pointer[rows.Moved]
	columns []Column
	// dicts are the texts of columns that have few.
	dicts  [][]string
	chunks []chunk
	// Rows in all, and the most that one person has.
	Rows, Longest int64
	// Bytes that it takes, about.
	Bytes int64
}

// chunk is a block as it is packed.
type chunk struct {
	rows    int
	persons block.Runs
	// anchors of the rows; nil when they are the persons.
	anchors *block.Runs
	numbers []numbers
	texts   []texts
}

// Blocks is the number of blocks.
func (r *Run) Blocks() int { return len(r.chunks) }

// Persons returns the smallest and the largest person of a block.
func (r *Run) Persons(n int) (low, high uint64) {
	values := r.chunks[n].persons.Values
	return values[0], values[len(values)-1]
}

// Anchors of a block with their persons. Both belong to the run.
func (r *Run) Anchors(n int) (persons, anchors *block.Runs) {
	b := &r.chunks[n]
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

// sizeOf the memory of a chunk, about.
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

// MovedAt returns the rows of the run whose person at a version is another one than in the run; nil for none. The newest answer is kept: the
// shards of an analysis ask for the same.
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
