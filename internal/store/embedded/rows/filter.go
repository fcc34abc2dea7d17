// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Filter decides which rows of a block stay; the rows come from a list and go to its front.
type Filter struct {
	query *Query
	// byTime, bySeq and bySource tell which conditions some rows may fail.
	byTime, bySeq, bySource bool
	allowed                 []bool
}

// Filter for rows that lie in bounds: what holds for all of them needs no look at each.
func (q *Query) Filter(b block.Bounds) Filter {
	r := &q.request
	return Filter{
		query: q, byTime: b.MinTime < r.From || r.To != 0 && b.MaxTime >= r.To, bySeq: b.MaxSeq > q.asOf, bySource: len(r.Sources) > 0,
	}
}

// keep takes the seqs of the rows, which are read when bySeq says that they matter.
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
	from, to := f.query.request.From, f.query.request.To
	if to == 0 {
		to = 1<<63 - 1
	}
	kept := rows[:0]
	for _, i := range rows {
		if times[i] >= from && times[i] < to {
			kept = append(kept, i)
		}
	}
	return kept
}

// keepSources leaves the rows of the sources that are asked for, by the class if there is one.
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

// sources reports each text of a column whether its source is asked for, and whether all are.
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

// mayDrop reports whether any row of a block may fail.
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
