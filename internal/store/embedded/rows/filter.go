// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Filter selects the rows of a block. It filters a list in place.
type Filter struct {
	query *Query
	// byTime, bySeq and bySource are set for conditions that some rows can fail.
	byTime, bySeq, bySource bool
	allowed                 []bool
}

// Filter returns the filter for rows within bounds. Conditions that hold for all of them need no check of each.
func (q *Query) Filter(b block.Bounds) Filter {
	r := &q.request
	return Filter{
		query: q, byTime: b.MinTime < r.From || b.MaxTime >= q.before, bySeq: b.MaxSeq > q.asOf, bySource: len(r.Sources) > 0,
	}
}

// keep filters rows. seqs are those of the rows, which are only needed with bySeq.
func (f *Filter) keep(b *block.Block, seqs []int64, rows []int32) []int32 {
	if f.byTime {
		rows = f.keepTimes(b.Columns[f.query.time].Longs, rows)
	}
	if f.bySeq {
		kept := rows[:0]
		for _, i := range rows {
			if seqs[i] <= f.query.asOf {
				kept = append(kept, i)
			}
		}
		rows = kept
	}
	if f.bySource {
		rows = f.keepSources(b, rows)
	}
	return rows
}

func (f *Filter) keepTimes(times []int64, rows []int32) []int32 {
	from, before := f.query.request.From, f.query.before
	kept := rows[:0]
	for _, i := range rows {
		if times[i] >= from && times[i] < before {
			kept = append(kept, i)
		}
	}
	return kept
}

// keepSources keeps the rows of the requested sources, by the class if there is one.
func (f *Filter) keepSources(b *block.Block, rows []int32) []int32 {
	c, all := f.sources(b)
	if all {
		return rows
	}
	kept := rows[:0]
	for _, i := range rows {
		if f.allowed[c.Codes[i]] {
			kept = append(kept, i)
		}
	}
	return kept
}

// sources returns for each text of a column whether its source was requested, and whether all were.
func (f *Filter) sources(b *block.Block) (column *block.Column, all bool) {
	f.allowed, all = f.allowed[:0], true
	place := f.query.source
	if f.query.class >= 0 {
		place = f.query.class
	}
	column = &b.Columns[place]
	for _, text := range column.Dict {
		if f.query.class >= 0 {
			text = f.query.sight(text).Source
		}
		ok := slices.Contains(f.query.request.Sources, text)
		f.allowed, all = append(f.allowed, ok), all && ok
	}
	return column, all
}

// mayDrop reports whether any row of a block can fail.
func (f *Filter) mayDrop(b *block.Block) bool {
	if f.byTime || f.bySeq {
		return true
	}
	if !f.bySource {
		return false
	}
	_, all := f.sources(b)
	return !all
}
