// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// source returns the rows of a run that a query selects.
type source struct {
	rows.Select
	query  *rows.Query
	run    *Run
	reader *Reader
	next   int
}

// Open opens a run for a query, without the rows that moved. A counter, which can be nil, takes those that are only counted.
func (r *Run) Open(q *rows.Query, gone *rows.Moved, c *rows.Counter) (rows.Source, error) {
	reader, err := r.readerFor(q, q.Wants)
	if err != nil {
		return nil, err
	}
	s := &source{query: q, run: r, reader: reader}
	s.Select = rows.NewSelect(q, s, r.Bounds, gone, c)
	return s, nil
}

func (r *Run) readerFor(q *rows.Query, wants []block.Want) (*Reader, error) {
	reader, err := NewReader(r, wants)
	if err == nil && !q.Stored {
		reader.Convert = map[string]func(string) string{store.ColumnIdentities: identitiesJSON}
	}
	return reader, err
}

func (s *source) Next() (*block.Block, error) {
	for ; s.next < s.run.Blocks(); s.next++ {
		if low, high := s.run.Persons(s.next); high < s.query.Persons.From || low > s.query.Persons.To {
			continue
		}
		before := s.reader.Bytes
		b, err := s.reader.Read(s.next)
		if err != nil {
			return nil, err
		}
		s.query.Bytes += s.reader.Bytes - before
		err = s.From(b, s.next)
		s.next++
		return b, err
	}
	s.Forget()
	s.reader = nil
	return nil, nil
}

func (s *source) FirstPerson() (uint64, bool) {
	for i := range s.run.Blocks() {
		if low, high := s.run.Persons(i); high >= s.query.Persons.From && low <= s.query.Persons.To {
			return max(low, s.query.Persons.From), true
		}
	}
	return 0, false
}

func (s *source) Close() error { return nil }

func (s *source) Anchors(n int, _ *block.Block) (persons, anchors *block.Runs, err error) {
	persons, anchors = s.run.Anchors(n)
	return persons, anchors, nil
}

func (s *source) Places(n int, seqs, indexes *block.Column) error {
	return errors.Join(s.reader.Column(n, store.ColumnSeq, seqs), s.reader.Column(n, store.ColumnIndex, indexes))
}

// Collect passes the rows of a run that moved to persons of the query to a sink.
func (r *Run) Collect(q *rows.Query, gone *rows.Moved, view *identity.View, to rows.Sink) error {
	reader, err := r.readerFor(q, q.SortWants)
	if err != nil {
		return err
	}
	c := rows.NewCollector(q, to, r.Bounds, gone, view)
	for i := range r.Blocks() {
		persons, anchors := r.Anchors(i)
		if !gone.Any(persons) {
			continue
		}
		b, err := reader.Read(i)
		if err != nil {
			return err
		}
		if err := c.Add(b, anchors); err != nil {
			return err
		}
	}
	q.Bytes += reader.Bytes
	return nil
}
