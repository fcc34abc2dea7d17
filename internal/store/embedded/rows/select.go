// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Stored is rows in the order of a scan, in numbered blocks.
type Stored interface {
	// Anchors returns the anchors of a block's rows, and their persons, before any row was omitted. They are valid until the next call.
	Anchors(n int, b *block.Block) (persons, anchors *block.Runs, err error)
	// Places reads the seqs and indexes of a block.
	Places(n int, seqs, indexes *block.Column) error
}

// Select keeps those rows of each block of one place that a scan returns, and knows their commits and indexes.
type Select struct {
	query *Query
	of    Stored
	// gone are the rows that belong to other persons now.
	gone   *Moved
	filter Filter
	// counter takes the rows that are counted instead of returned; nil if all are returned. The times of all rows are within bounds.
	counter *Counter
	bounds  event.Span

	// current is the latest selected block, and placesOf the one whose places were read, from 1 on.
	current, placesOf int
	rows              []int32
	// kept are the rows that the block still has; nil for all. seqs and indexes are those of the whole block, once read.
	kept          []int32
	seqs, indexes block.Column
}

// NewSelect returns the selection for the rows of a place, which are within bounds, without those that moved. A counter, which can be nil, counts
// those that are not returned.
func NewSelect(q *Query, of Stored, b block.Bounds, gone *Moved, c *Counter) Select {
	return Select{query: q, of: of, gone: gone, filter: q.Filter(b), counter: c, bounds: event.Span{From: b.MinTime, To: b.MaxTime}}
}

// From keeps those rows of a numbered block that the scan returns.
func (s *Select) From(b *block.Block, n int) error {
	s.current, s.kept = n, nil
	first, end := b.Persons.Between(s.query.Persons.From, s.query.Persons.To)
	moved := s.gone.Any(&b.Persons)
	plain := !moved && !s.filter.mayDrop(b)
	if plain && s.counter == nil && first == 0 && end == b.Rows {
		return nil
	}
	s.rows = s.rows[:0]
	if plain && s.counter != nil {
		s.rows = s.counter.choose(b, s.bounds, first, end, nil, s.rows)
	} else if err := s.list(b, moved, first, end); err != nil {
		return err
	}
	b.Keep(s.rows)
	s.kept = s.rows
	return s.query.err
}

// list lists the rows of first <= row < end that are kept.
func (s *Select) list(b *block.Block, moved bool, first, end int) error {
	if moved {
		persons, anchors, err := s.of.Anchors(s.current, b)
		if err != nil {
			return err
		}
		s.rows = s.gone.remaining(first, end, persons, anchors, s.rows)
	} else {
		s.rows = appendRange(s.rows, int32(first), int32(end))
	}
	if s.filter.bySeq {
		if s.readPlaces(); s.query.err != nil {
			return s.query.err
		}
	}
	s.rows = s.filter.keep(b, s.seqs.Longs, s.rows)
	if s.counter != nil {
		s.rows = s.counter.choose(b, s.bounds, 0, 0, s.rows, s.rows[:0])
	}
	return nil
}

// readPlaces reads seqs and indexes of the block. An error is stored in the query.
func (s *Select) readPlaces() {
	if s.placesOf != s.current+1 {
		s.placesOf = s.current + 1
		s.query.err = errors.Join(s.query.err, s.of.Places(s.current, &s.seqs, &s.indexes))
	}
}

// Place returns commit and index of a row that was kept.
func (s *Select) Place(row int) (int64, int32) {
	s.readPlaces()
	if s.query.err != nil {
		return 0, 0
	}
	if s.kept != nil {
		row = int(s.kept[row])
	}
	return s.seqs.Longs[row], s.indexes.Ints[row]
}

// Forget releases the memory of the current block.
func (s *Select) Forget() {
	s.rows, s.kept, s.seqs, s.indexes = nil, nil, block.Column{}, block.Column{}
}
