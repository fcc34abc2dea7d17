// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// scanPlan is what a scan reads of each source of rows: the columns in memory, and which of them order and filter rows.
type scanPlan struct {
	schema *arrow.Schema
	// wants are the columns to read, but for the person: those of the answer first, in its order, then those that only filter.
	wants []block.Want
	// freshWants are those of rows that are sorted anew: the same, and seq and index in any case.
	freshWants []block.Want
	// places of columns in wants; -1 for one that is not read. Those of seq and index of fresh rows are in freshWants.
	time, seq, index, source, class int
	freshSeq, freshIndex            int
	// sights are the classes that were seen, by their texts.
	sights map[string]*store.Class
	// persons of the shard.
	persons block.Range
	request store.ScanRequest
	// pairs says that identities are wanted as pairsOf gives them.
	pairs bool
	// asOf is the newest commit to give.
	asOf int64
	// err is the first error of reading a place, which a comparison cannot give.
	err error
}

func newScanPlan(schema *arrow.Schema, r store.ScanRequest, asOf int64) (*scanPlan, error) {
	p := &scanPlan{schema: schema, request: r, asOf: asOf, seq: -1, index: -1, source: -1, class: -1, sights: map[string]*store.Class{}}
	p.persons = block.Ranges(max(r.Shards, 1))[r.Shard]
	for i, f := range schema.Fields()[1:] {
		kind, err := kindOf(f.Type)
		if err != nil {
			return nil, err
		}
		p.wants = append(p.wants, block.Want{Name: f.Name, Kind: kind})
		switch f.Name {
		case store.ColumnSeq:
			p.seq = i
		case store.ColumnIndex:
			p.index = i
		case store.ColumnClass:
			p.class = i
		}
	}
	p.time = p.want(store.ColumnTime, block.Long)
	if r.Counting != nil {
		p.class = p.want(store.ColumnClass, block.Text)
	}
	if len(r.Sources) > 0 && p.class < 0 {
		p.source = p.want(store.ColumnSource, block.Text)
	}
	p.addFreshWants()
	return p, nil
}

func (p *scanPlan) addFreshWants() {
	wants := p.wants
	p.freshSeq = p.want(store.ColumnSeq, block.Long)
	p.freshIndex = p.want(store.ColumnIndex, block.Int)
	p.freshWants, p.wants = p.wants, slices.Clip(wants)
}

// want gives the place of a column that is read, adding it when it is not.
func (p *scanPlan) want(name string, kind block.Kind) int {
	if i := slices.IndexFunc(p.wants, func(w block.Want) bool { return w.Name == name }); i >= 0 {
		return i
	}
	p.wants = append(p.wants, block.Want{Name: name, Kind: kind})
	return len(p.wants) - 1
}

func kindOf(t arrow.DataType) (block.Kind, error) {
	switch t.ID() {
	case arrow.INT64:
		return block.Long, nil
	case arrow.INT32:
		return block.Int, nil
	case arrow.UINT8:
		return block.Byte, nil
	case arrow.STRING, arrow.DICTIONARY:
		return block.Text, nil
	}
	return 0, fmt.Errorf("a scan has no columns of type %s", t)
}

// useful tells whether a file may have rows for the request.
func (p *scanPlan) useful(f *fileMeta) bool {
	r := &p.request
	return f.MaxTime >= r.From && (r.To == 0 || f.MinTime < r.To) && f.MinSeq <= p.asOf && f.Rows > 0
}

// filter decides which rows of a block stay; the rows come from a list and go to its front.
type filter struct {
	plan *scanPlan
	// byTime, bySeq and bySource tell which conditions some rows may fail.
	byTime, bySeq, bySource bool
	allowed                 []bool
}

// filterFor a file: what holds for all of it needs no look at its rows.
func (p *scanPlan) filterFor(minTime, maxTime, maxSeq int64) filter {
	r := &p.request
	return filter{
		plan: p, byTime: minTime < r.From || r.To != 0 && maxTime >= r.To, bySeq: maxSeq > p.asOf, bySource: len(r.Sources) > 0,
	}
}

// keep takes the seqs of the rows, which are read when bySeq says that they matter.
func (f *filter) keep(b *block.Block, seqs []int64, rows []int32) []int32 {
	if f.byTime {
		rows = f.keepTimes(b.Columns[f.plan.time].Longs, rows)
	}
	if f.bySeq {
		kept := rows[:0]
		for _, i := range rows {
			if seqs[i] <= f.plan.asOf {
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

func (f *filter) keepTimes(times []int64, rows []int32) []int32 {
	from, to := f.plan.request.From, f.plan.request.To
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

// keepSources leaves the rows of the sources that are asked for, by the class where there is one.
func (f *filter) keepSources(b *block.Block, rows []int32) []int32 {
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

// sources tells of each text of a column whether its source is asked for, and whether all are.
func (f *filter) sources(b *block.Block) (column *block.Column, all bool) {
	f.allowed, all = f.allowed[:0], true
	place := f.plan.source
	if f.plan.class >= 0 {
		place = f.plan.class
	}
	column = &b.Columns[place]
	for _, text := range column.Dict {
		if f.plan.class >= 0 {
			text = f.plan.sight(text).Source
		}
		ok := slices.Contains(f.plan.request.Sources, text)
		f.allowed, all = append(f.allowed, ok), all && ok
	}
	return column, all
}

// mayDrop tells whether any row of a block may fail.
func (f *filter) mayDrop(b *block.Block) bool {
	if f.byTime || f.bySeq {
		return true
	}
	if !f.bySource {
		return false
	}
	_, all := f.sources(b)
	return !all
}

// maxSights bounds the classes that a scan remembers.
const maxSights = 1 << 16

// sight gives the class that a text stands for. A text that is none is an error of the scan.
func (p *scanPlan) sight(text string) *store.Class {
	if s := p.sights[text]; s != nil {
		return s
	}
	class, err := store.ParseClass(text)
	if err != nil {
		p.err = errors.Join(p.err, err)
	}
	if len(p.sights) >= maxSights {
		clear(p.sights)
	}
	p.sights[text] = &class
	return &class
}
