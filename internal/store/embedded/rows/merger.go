// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rows processes rows in the order of a scan: by person, time, commit and index. It selects, counts, sorts and merges them, a block at a
// time. It does not depend on where the rows come from: everything that returns rows is a Source.
package rows

import "github.com/journeyman-dev/journeyman/internal/store/embedded/block"

// Source returns rows in the order of a scan, a block at a time.
type Source interface {
	// Next returns some rows, or nil at the end. A block is valid until the next call.
	Next() (*block.Block, error)
	// Place returns the commit and index of a row of the block that Next returned. It is only needed if a person has events at one instant in two sources.
	Place(row int) (seq int64, index int32)
	// FirstPerson returns a lower bound for the persons, without reading a row. It returns false if there are no rows.
	FirstPerson() (person uint64, ok bool)
	Close() error
}

// Stretch is rows of a block, First <= row < End, that come before those of all other sources. Run is the run of persons that contains the first row.
type Stretch struct {
	Block           *block.Block
	Run, First, End int
	// Last is set if the block is not valid after the next call.
	Last bool
}

// Merger merges several sources.
type Merger struct {
	query *Query
	heap  heap
	// taken is the end of the rows of the first cursor's block that were returned.
	taken int
}

// NewMerger returns a merger of sources, which the caller closes.
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

// Next returns at most most of the next rows, or no block at the end.
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

// advance moves the first cursor to a row.
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
