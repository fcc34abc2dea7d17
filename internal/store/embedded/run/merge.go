// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"math"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// Merge merges several runs with these columns into one, by the persons of a version of the identity table.
func Merge(columns []Column, runs []*Run, view *identity.View) (*Run, error) {
	q, bounds := rows.Whole(WantsOf(columns)), block.NoBounds()
	moved := rows.NewSorter(q)
	from := []rows.Source{moved}
	for _, r := range runs {
		bounds.With(&r.Bounds)
		gone := r.MovedAt(view)
		if !gone.None() {
			if err := r.Collect(q, gone, view, moved); err != nil {
				return nil, err
			}
		}
		source, err := r.Open(q, gone, nil)
		if err != nil {
			return nil, err
		}
		from = append(from, source)
	}
	m, err := rows.NewMerger(q, from)
	if err != nil {
		return nil, err
	}
	b := NewBuilder(columns)
	for {
		s, err := m.Next(math.MaxInt)
		if err != nil {
			return nil, err
		}
		if s.Block == nil {
			return b.Run(bounds, view.Version()), nil
		}
		if b.Add(s.Block, s.Run, s.First, s.End); s.Last {
			b.Settle()
		}
	}
}

// Sorted returns a run of the rows in a sorter, whose query has these columns. With asIs, texts are not compressed, because they are soon read again,
// or dropped.
func Sorted(columns []Column, s *rows.Sorter, bounds block.Bounds, version int64, asIs bool) *Run {
	b := NewBuilder(columns)
	b.AsIs = asIs
	sorted, run := s.Sort(), 0
	for first := 0; first < sorted.Rows; first += settleRows {
		for int(sorted.Persons.Ends[run]) <= first {
			run++
		}
		b.Add(sorted, run, first, min(first+settleRows, sorted.Rows))
		b.Settle()
	}
	return b.Run(bounds, version)
}
