// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"math"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/packed"
)

const (
	// maxTidyRows of the tail are in one run: while runs are made one, both the old and the new are in memory.
	maxTidyRows = 1 << 20
	// minTidy and maxTidy runs become one at a time.
	minTidy, maxTidy = 4, 16
)

// tidyTail makes few runs of many in the tail, so that scans have few to merge. It is done when a scan comes, and not as events come in: a
// store that nobody asks sorts them once, into files. Each row is merged again only when as many others are.
func (s *Store) tidyTail() error {
	s.tidying.Lock()
	defer s.tidying.Unlock()
	for {
		s.mu.Lock()
		s.tail.seal(s.people)
		group := s.tail.untidy()
		s.mu.Unlock()
		if len(group) == 0 {
			return nil
		}
		view, err := s.people.View(0)
		if err != nil {
			return err
		}
		merged, err := mergeRuns(tailColumns, group, view)
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.tail.replace(group, merged)
		s.mu.Unlock()
	}
}

// untidy gives runs that are worth being made one: many, none of which is much larger than all smaller ones together.
func (t *tail) untidy() []*rowRun {
	var before, after []*rowRun
	for _, r := range t.runs {
		if r.MaxSeq <= t.cut {
			before = append(before, r)
		} else {
			after = append(after, r)
		}
	}
	if group := untidy(before); group != nil {
		return group
	}
	return untidy(after)
}

func untidy(runs []*rowRun) []*rowRun {
	slices.SortStableFunc(runs, func(a, b *rowRun) int { return cmp.Compare(a.Rows, b.Rows) })
	for first := range runs {
		rows, end := int64(0), first
		for ; end < len(runs) && end-first < maxTidy; end++ {
			if n := runs[end].Rows; rows+n > maxTidyRows || end > first && n > 2*rows {
				break
			}
			rows += runs[end].Rows
		}
		if end-first >= minTidy {
			return runs[first:end]
		}
	}
	return nil
}

// newWholePlan asks for all rows with some columns, of which seq and index are two.
func newWholePlan(wants []block.Want) *scanPlan {
	p := &scanPlan{
		wants: wants, freshWants: wants, source: -1, pairs: true, asOf: math.MaxInt64, sights: map[string]*store.Class{},
		persons: block.Everybody, request: store.ScanRequest{From: math.MinInt64},
	}
	place := func(name string) int {
		return slices.IndexFunc(wants, func(w block.Want) bool { return w.Name == name })
	}
	p.time, p.seq, p.index, p.class = place(store.ColumnTime), place(store.ColumnSeq), place(store.ColumnIndex), place(store.ColumnClass)
	p.freshSeq, p.freshIndex = p.seq, p.index
	return p
}

// mergeRuns makes one run of several that have the columns, by the persons of a version of the identity table.
func mergeRuns(columns []packed.Column, runs []*rowRun, view *identity.View) (*rowRun, error) {
	plan, bytes := newWholePlan(wantsOf(columns)), int64(0)
	out := &rowRun{Bounds: block.NoBounds(), version: view.Version()}
	fresh := newFreshRows(plan)
	open := []blocks{fresh}
	for _, r := range runs {
		out.With(&r.Bounds)
		p := r.placedAt(view)
		if p.moved != nil {
			if err := collectMovedOf(plan, r, p.moved, view, fresh, &bytes); err != nil {
				return nil, err
			}
		}
		rows, err := openRun(plan, plan.wants, r, p.moved, &bytes)
		if err != nil {
			return nil, err
		}
		open = append(open, rows)
	}
	b := packed.NewBuilder(columns, anchorColumn)
	err := mergeBlocks(plan, open, b)
	out.Run = b.Run()
	return out, err
}

// mergeBlocks adds the rows of all blocks in their order: stretches of the block at which a cursor stands, from its row to an end.
func mergeBlocks(plan *scanPlan, open []blocks, to *packed.Builder) error {
	h, err := heapOf(plan, open)
	for err == nil && len(h) > 0 {
		first := h[0]
		if first.block == nil {
			h, err = h.advance(0)
			continue
		}
		end := first.block.Rows
		if second := h.second(); second != nil {
			end = first.before(second)
		}
		if to.Add(first.block, first.run, first.row, end); end == first.block.Rows {
			to.Settle() // The block changes.
		}
		h, err = h.advance(end)
	}
	if err != nil {
		return err
	}
	return plan.err
}

// heapOf cursors at the first rows, or before them.
func heapOf(plan *scanPlan, open []blocks) (heap, error) {
	var h heap
	for _, rows := range open {
		c := &cursor{plan: plan, rows: rows, time: beforeAll}
		more := false
		var err error
		if late, ok := rows.(lateBlocks); ok {
			c.person, more = late.firstPerson()
		} else {
			more, err = c.load()
		}
		if err != nil {
			return nil, err
		}
		if more {
			h = append(h, c)
		}
	}
	h.make()
	return h, nil
}

// advance takes the first cursor on to a row.
func (h heap) advance(row int) (heap, error) {
	first := h[0]
	if first.block != nil && row < first.block.Rows {
		first.to(row)
	} else if more, err := first.load(); err != nil {
		return h, err
	} else if !more {
		last := len(h) - 1
		h[0] = h[last]
		h = h[:last]
	}
	h.fix()
	return h, nil
}
