// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rows has rows in the order of a scan: by person, time, commit and index. It chooses, counts, sorts and merges them, a block at a time.
// Where the rows come from it does not know: whoever has some is a Source.
package rows

import "github.com/journeyman-dev/journeyman/internal/store/embedded/block"

// Source gives rows in the order of a scan, a block at a time.
type Source interface {
	// Next gives some rows, nil at the end. A block is valid until the next call.
	Next() (*block.Block, error)
	// Place of a row of the block that Next gave: its commit and index. It is asked for where a person has events of one instant in two sources.
	Place(row int) (seq int64, index int32)
	// FirstPerson is a bound for the smallest person, found without reading a row; false when there are no rows.
	FirstPerson() (person uint64, ok bool)
	Close() error
}

// Stretch is rows of a block, First <= row < End, that come before those of all other sources. The first is in the run of persons Run.
type Stretch struct {
	Block           *block.Block
	Run, First, End int
	// Last says that the block is not valid any more after the next call.
	Last bool
}

// Merger makes one order of several sources.
type Merger struct {
	query *Query
	heap  heap
	// taken is the end of the rows that were given of the first cursor's block.
	taken int
}

// NewMerger of sources, which stay the caller's to close.
func NewMerger(q *Query, from []Source) (*Merger, error) {
	m := &Merger{query: q}
	for _, source := range from {
		if person, ok := source.FirstPerson(); ok {
			m.heap = append(m.heap, &cursor{query: q, from: source, time: beforeAll, person: person})
		}
	}
	m.heap.make()
	return m, q.err
}

// Next returns the next rows, at most so many; without a block at the end.
func (m *Merger) Next(most int) (Stretch, error) {
	if m.taken > 0 {
		if err := m.advance(m.taken); err != nil {
			return Stretch{}, err
		}
		m.taken = 0
	}
	for len(m.heap) > 0 && m.heap[0].block == nil {
		if err := m.advance(0); err != nil {
			return Stretch{}, err
		}
	}
	if len(m.heap) == 0 {
		return Stretch{}, m.query.err
	}
	first := m.heap[0]
	end := first.block.Rows
	if second := m.heap.second(); second != nil {
		end = first.before(second)
	}
	m.taken = first.row + min(most, end-first.row)
	return Stretch{Block: first.block, Run: first.run, First: first.row, End: m.taken, Last: m.taken == first.block.Rows}, m.query.err
}

// advance takes the first cursor on to a row.
func (m *Merger) advance(row int) error {
	first := m.heap[0]
	if first.block != nil && row < first.block.Rows {
		first.to(row)
		m.heap.fix()
		return nil
	}
	more, err := first.load()
	if err != nil {
		return err
	}
	if !more {
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
	}
	m.heap.fix()
	return nil
}
