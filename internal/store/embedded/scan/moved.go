// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// moved collects the rows that are not stored with their person. A few are sorted in memory. More are sorted within the limits of the pool, and
// spilled to the volume.
type moved struct {
	ctx   context.Context //nolint:containedctx // it is that of the one scan that collects
	sorts *extsort.Pool
	query *rows.Query
	few   *rows.Sorter
	many  *extsort.Sorter

	// all are the indexes of a block's rows, and keys the persons as texts.
	all  []int32
	keys []string
}

// fewShare is the share of a sort's memory in the pool, one in fewShare, up to which a scan sorts rows itself.
const fewShare = 8

func newMoved(s *Scan) *moved {
	return &moved{ctx: s.ctx, sorts: s.sorts, query: s.query, few: rows.NewSorter(s.query)}
}

// Add adds rows of a block, with their current persons.
func (m *moved) Add(b *block.Block, list []int32, persons []uint64) error {
	if m.many != nil {
		return m.sort(b, list, persons)
	}
	if err := m.few.Add(b, list, persons); err != nil {
		return err
	}
	if m.few.Bytes() < m.sorts.Share()/fewShare {
		return m.ctx.Err()
	}
	return m.begin()
}

// begin starts sorting with the pool, beginning with what was collected before.
func (m *moved) begin() (err error) {
	if m.many, err = m.sorts.Sorter(m.ctx, layoutOf(m.query)); err != nil {
		return err
	}
	b := m.few.Sort()
	var persons []uint64
	for i, end := range b.Persons.Ends {
		for len(persons) < int(end) {
			m.all, persons = append(m.all, int32(len(persons))), append(persons, b.Persons.Values[i])
		}
	}
	return m.sort(b, m.all, persons)
}

// sort passes rows of a block to the pool's sorter.
func (m *moved) sort(b *block.Block, list []int32, persons []uint64) error {
	m.keys = m.keys[:0]
	for i, person := range persons {
		if i > 0 && person == persons[i-1] {
			m.keys = append(m.keys, m.keys[i-1])
			continue
		}
		m.keys = append(m.keys, keyOf(person))
	}
	return m.many.Add(b, list, m.keys)
}

// layoutOf returns the layout of rows that are sorted by person.
func layoutOf(q *rows.Query) extsort.Layout {
	var l extsort.Layout
	for i, w := range q.SortWants {
		l.Columns = append(l.Columns, extsort.Column{Name: w.Name, Kind: w.Kind, From: i, Few: rows.Few(w.Name)})
	}
	l.Time, l.Seq, l.Index = q.SortedBy()
	return l
}

// keyOf returns a text for a person that sorts like the person.
func keyOf(person uint64) string {
	return string(binary.BigEndian.AppendUint64(nil, person))
}

func personOf(key string) (uint64, error) {
	if len(key) != 8 {
		return 0, fmt.Errorf("a sort gave a person of %d bytes", len(key))
	}
	return binary.BigEndian.Uint64([]byte(key)), nil
}

// runs ends the collection, and returns what the pool has sorted.
func (m *moved) runs() (runs []extsort.Run, err error) {
	if m.many != nil {
		runs, err = m.many.Runs()
	}
	return runs, err
}

// longest returns an upper bound for the rows of one person, and texts for the distinct texts of a column with few of them, once all rows are sorted.
func (m *moved) longest() int64 {
	if m.many != nil {
		return m.many.Longest()
	}
	return m.few.Longest()
}

func (m *moved) texts() int {
	if m.many != nil {
		return m.many.Texts()
	}
	return m.few.Texts()
}

// sources returns the sources of the rows. A counter, which can be nil, takes those that are only counted.
func (m *moved) sources(runs []extsort.Run, c *rows.Counter) []rows.Source {
	if m.many == nil {
		m.few.Count(c)
		return []rows.Source{m.few}
	}
	var list []rows.Source
	for _, r := range runs {
		list = append(list, &movedRun{query: m.query, counter: c, run: r})
	}
	return list
}

// close closes the sort. It can be called again.
func (m *moved) close() error {
	if m == nil || m.many == nil {
		return nil
	}
	return m.many.Close()
}

// movedRun is a source of rows that the pool has sorted.
type movedRun struct {
	query   *rows.Query
	counter *rows.Counter
	run     extsort.Run
	block   *block.Block
}

func (r *movedRun) Next() (*block.Block, error) {
	b, keys, err := r.run.Next()
	if r.block = b; b == nil || err != nil {
		return nil, err
	}
	for i, key := range keys {
		if b.Persons.Values[i], err = personOf(key); err != nil {
			return nil, err
		}
	}
	if r.counter != nil {
		r.counter.Take(b)
	}
	return b, nil
}

func (r *movedRun) Place(row int) (int64, int32) { return r.query.SortedPlace(r.block, row) }

// FirstPerson of a run that was not read yet is the first person of all.
func (r *movedRun) FirstPerson() (uint64, bool) { return r.query.Persons.From, true }

// Close implements Source. The sort is closed as a whole.
func (r *movedRun) Close() error { return nil }
