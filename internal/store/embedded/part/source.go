// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package part

import (
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// source returns the rows of a part that a query selects.
type source struct {
	rows.Select
	query *rows.Query
	file  *file
	group int
}

// Open opens a part for a query, without the rows that moved. A counter, which can be nil, takes those that are only counted.
func (p *Part) Open(q *rows.Query, gone *rows.Moved, c *rows.Counter) (rows.Source, error) {
	f, err := p.open(q.Wants)
	if err != nil {
		return nil, err
	}
	f.reader.Packed = q.Stored
	s := &source{query: q, file: f}
	s.Select = rows.NewSelect(q, s, p.Bounds(), gone, c)
	return s, nil
}

func (s *source) Close() error { return s.file.open.Close() }

func (s *source) Next() (*block.Block, error) {
	groups, reader := s.file.layout.Groups, s.file.reader
	for ; s.group < len(groups); s.group++ {
		if g := &groups[s.group]; g.MaxPerson < s.query.Persons.From || g.MinPerson > s.query.Persons.To {
			continue
		}
		before := reader.Bytes
		b, err := reader.Read(s.group)
		if err != nil {
			return nil, err
		}
		err = s.From(b, s.group)
		s.query.Bytes += reader.Bytes - before
		if err != nil {
			return nil, err
		}
		s.group++
		return b, nil
	}
	// A scan can have many files, of which it reads few at a time.
	s.Forget()
	s.file.reader = nil
	return nil, nil
}

func (s *source) FirstPerson() (uint64, bool) {
	for _, g := range s.file.layout.Groups {
		if g.MaxPerson >= s.query.Persons.From && g.MinPerson <= s.query.Persons.To {
			return max(g.MinPerson, s.query.Persons.From), true
		}
	}
	return 0, false
}

func (s *source) Anchors(group int, b *block.Block) (persons, anchors *block.Runs, err error) {
	anchors, err = s.file.reader.Anchors(group)
	return &b.Persons, anchors, err
}

func (s *source) Places(group int, seqs, indexes *block.Column) error {
	if err := s.file.reader.Column(group, block.Want{Name: store.ColumnSeq, Kind: block.Long}, seqs); err != nil {
		return err
	}
	return s.file.reader.Column(group, block.Want{Name: store.ColumnIndex, Kind: block.Int}, indexes)
}

// Collect passes the rows of the part that moved to persons of the query to a sink.
func (p *Part) Collect(q *rows.Query, gone *rows.Moved, view *identity.View, to rows.Sink) error {
	return p.CollectEach(q, gone, view, to, func() error { return nil })
}

// CollectEach is Collect that calls after for each row group.
func (p *Part) CollectEach(q *rows.Query, gone *rows.Moved, view *identity.View, to rows.Sink, after func() error) error {
	c := rows.NewCollector(q, to, p.Bounds(), gone, view)
	f, err := p.open(q.SortWants)
	if err != nil {
		return err
	}
	defer f.close()
	f.reader.Packed = q.Stored
	for group, g := range f.layout.Groups {
		if !gone.Between(g.MinPerson, g.MaxPerson) {
			continue
		}
		b, err := f.reader.Read(group)
		if err != nil {
			return err
		}
		anchors, err := f.reader.Anchors(group)
		if err != nil {
			return err
		}
		if err := c.Add(b, anchors); err != nil {
			return err
		}
		if err := after(); err != nil {
			return err
		}
	}
	q.Bytes += f.reader.Bytes
	return nil
}

// Each calls f for each row group, with some columns and the anchors of its rows. Identities are in the form of event.PackIdentities.
func (p *Part) Each(wants []block.Want, f func(b *block.Block, anchors *block.Runs) error) error {
	open, err := p.open(wants)
	if err != nil {
		return err
	}
	defer open.close()
	open.reader.Packed = true
	for group := range open.layout.Groups {
		b, err := open.reader.Read(group)
		if err != nil {
			return err
		}
		anchors, err := open.reader.Anchors(group)
		if err == nil {
			err = f(b, anchors)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Memory returns the approximate maximum memory of a source of all columns: its largest row group, decompressed.
func (p *Part) Memory() (int64, error) {
	f, err := p.open(nil)
	if err != nil {
		return 0, err
	}
	defer f.close()
	most := int64(0)
	for _, g := range f.layout.Groups {
		most = max(most, g.Bytes+int64(g.Rows)*rowBytes)
	}
	return most, nil
}

// rowBytes is the memory of the numbers of a row, and of the positions of its texts.
const rowBytes = 300

// EachChosen calls f for each row group of which choose selects it by some columns, with these and the other columns. Identities are in the form of
// event.PackIdentities. Columns are valid until f returns.
func (p *Part) EachChosen(first []block.Want, choose func(*block.Block) bool, rest []block.Want, f func(b *block.Block, rest []block.Column) error) error {
	open, err := p.open(first)
	if err != nil {
		return err
	}
	defer open.close()
	open.reader.Packed = true
	columns := make([]block.Column, len(rest))
	for group := range open.layout.Groups {
		b, err := open.reader.Read(group)
		if err != nil {
			return err
		}
		if !choose(b) {
			continue
		}
		for i, w := range rest {
			columns[i].Kind = w.Kind
			if err := open.reader.Column(group, w, &columns[i]); err != nil {
				return err
			}
		}
		if err := f(b, columns); err != nil {
			return err
		}
	}
	return nil
}
