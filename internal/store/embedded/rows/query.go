// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Query is what a scan reads from each source of rows: the columns, and which of them order and filter rows. It must not be used by several goroutines at once.
type Query struct {
	// Wants are the columns to read, except the person: first those of the response, in its order, then those that are only used for filters.
	Wants []block.Want
	// SortWants are those of rows that are sorted again: the same, and always seq and index.
	SortWants []block.Want
	// Persons of the shard.
	Persons block.Range
	// Stored is set if identities are requested in their form in memory.
	Stored bool
	// Bytes of columns that were read so far.
	Bytes int64

	// Indexes of columns in Wants; -1 for a column that is not read. Those of seq and index of rows that are sorted again are in SortWants.
	time, source, class int
	sortSeq, sortIndex  int
	// sights caches classes by their texts.
	sights  map[string]*event.Class
	request store.ScanRequest
	// asOf is the latest commit to return, and before the time of the first events to omit.
	asOf, before int64
	// err is the first error of reading a place, which a comparison cannot return.
	err error
}

// NewQuery returns the query for a request with the schema of its response, up to a commit.
func NewQuery(schema *arrow.Schema, r store.ScanRequest, asOf int64) (*Query, error) {
	q := &Query{request: r, asOf: asOf, before: cmp.Or(r.To, math.MaxInt64), source: -1, class: -1, sights: map[string]*event.Class{}}
	q.Persons = block.Ranges(max(r.Shards, 1))[r.Shard]
	for i, f := range schema.Fields()[1:] {
		kind, err := kindOf(f.Type)
		if err != nil {
			return nil, err
		}
		q.Wants = append(q.Wants, block.Want{Name: f.Name, Kind: kind})
		if f.Name == store.ColumnClass {
			q.class = i
		}
	}
	q.time = q.want(store.ColumnTime, block.Long)
	if r.Counting != nil {
		q.class = q.want(store.ColumnClass, block.Text)
	}
	if len(r.Sources) > 0 && q.class < 0 {
		q.source = q.want(store.ColumnSource, block.Text)
	}
	q.addSortWants()
	return q, nil
}

// Whole returns a query for all rows with some columns, which must include time, seq and index. Identities are in their form in memory.
func Whole(wants []block.Want) *Query {
	place := func(name string) int {
		return slices.IndexFunc(wants, func(w block.Want) bool { return w.Name == name })
	}
	return &Query{
		Wants: wants, SortWants: wants, Persons: block.Everybody, Stored: true,
		time: place(store.ColumnTime), source: -1, class: place(store.ColumnClass),
		sortSeq: place(store.ColumnSeq), sortIndex: place(store.ColumnIndex),
		sights: map[string]*event.Class{}, request: store.ScanRequest{From: math.MinInt64}, asOf: math.MaxInt64, before: math.MaxInt64,
	}
}

// Between limits the rows to from <= time < before, in microseconds.
func (q *Query) Between(from, before int64) { q.request.From, q.before = from, before }

func (q *Query) addSortWants() {
	wants := q.Wants
	q.sortSeq = q.want(store.ColumnSeq, block.Long)
	q.sortIndex = q.want(store.ColumnIndex, block.Int)
	q.SortWants, q.Wants = q.Wants, slices.Clip(wants)
}

// SortedPlace returns seq and index of a row of a block with the columns of rows that are sorted again.
func (q *Query) SortedPlace(b *block.Block, row int) (seq int64, index int32) {
	return b.Columns[q.sortSeq].Longs[row], b.Columns[q.sortIndex].Ints[row]
}

// SortedBy returns the indexes of time, seq and index among the columns of rows that are sorted again.
func (q *Query) SortedBy() (time, seq, index int) { return q.time, q.sortSeq, q.sortIndex }

// want returns the index of a column, and adds it if necessary.
func (q *Query) want(name string, kind block.Kind) int {
	if i := q.Place(name); i >= 0 {
		return i
	}
	q.Wants = append(q.Wants, block.Want{Name: name, Kind: kind})
	return len(q.Wants) - 1
}

// Place returns the index of a column in Wants, or -1.
func (q *Query) Place(name string) int {
	return slices.IndexFunc(q.Wants, func(w block.Want) bool { return w.Name == name })
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

// Useful reports whether a place with rows within bounds can have rows for the query.
func (q *Query) Useful(b block.Bounds) bool {
	return b.MaxTime >= q.request.From && b.MinTime < q.before && b.MinSeq <= q.asOf
}

// Within reports whether the query needs only some columns, including those of rows that are sorted again.
func (q *Query) Within(columns []block.Want) bool {
	return !slices.ContainsFunc(q.SortWants, func(w block.Want) bool { return !slices.Contains(columns, w) })
}

// maxSights is the number of classes that a scan caches.
const maxSights = 1 << 16

// sight returns the class of a text. An invalid text is an error of the scan.
func (q *Query) sight(text string) *event.Class {
	if s := q.sights[text]; s != nil {
		return s
	}
	class, err := event.ParseClass(text)
	if err != nil {
		q.err = errors.Join(q.err, err)
	}
	if len(q.sights) >= maxSights {
		clear(q.sights)
	}
	q.sights[text] = &class
	return &class
}
