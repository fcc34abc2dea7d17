// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// stripping removes identities from the rows of a source.
type stripping struct {
	rows.Source
	strip map[event.Identity]bool
}

// filtered returns a source without the events and identities that the choice removes.
func (g *gathering) filtered(s rows.Source) rows.Source {
	if g.choice.dropped != nil {
		s = &dropping{Source: s, query: g.query, dropped: g.choice.dropped, only: g.choice.only}
	}
	if g.choice.missing != nil {
		s = &missing{Source: s, query: g.query, has: g.choice.missing}
	}
	if len(g.choice.strip) == 0 {
		return s
	}
	return &stripping{Source: s, strip: g.choice.strip}
}

var identitiesPlace = slices.IndexFunc(parquet.Wants, func(w block.Want) bool { return w.Name == store.ColumnIdentities })

func (s *stripping) Next() (*block.Block, error) {
	b, err := s.Source.Next()
	if err != nil || b == nil {
		return nil, err
	}
	c := &b.Columns[identitiesPlace]
	for i, packed := range c.Dict {
		if c.Dict[i], err = s.without(packed); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// without returns packed identities without those that are removed.
func (s *stripping) without(packed string) (string, error) {
	var kept []event.Identity
	found := false
	err := event.EachIdentity(packed, func(typ, value string) {
		id := event.Identity{Type: typ, Value: value}
		if s.strip[id] {
			found = true
		} else {
			kept = append(kept, id)
		}
	})
	if err != nil || !found {
		return packed, err
	}
	return event.PackIdentities(kept), nil
}

// missing leaves out rows by their index.
type missing struct {
	rows.Source
	query *rows.Query
	has   func(index int32) bool
	block *block.Block
	rows  []int32
}

var indexPlace = slices.IndexFunc(parquet.Wants, func(w block.Want) bool { return w.Name == store.ColumnIndex })

func (s *missing) Next() (*block.Block, error) {
	b, err := s.Source.Next()
	if s.block = b; err != nil || b == nil {
		return nil, err
	}
	s.rows = s.rows[:0]
	for row, index := range b.Columns[indexPlace].Ints {
		if !s.has(index) {
			s.rows = append(s.rows, int32(row))
		}
	}
	if len(s.rows) < b.Rows {
		b.Keep(s.rows)
	}
	return b, nil
}

// Place reads the columns of the block, because the source counts the rows before any was left out.
func (s *missing) Place(row int) (int64, int32) { return s.query.SortedPlace(s.block, row) }
