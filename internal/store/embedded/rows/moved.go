// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Moved is the set of rows of one place (a file or run) that, at a version of the identity table, belong to other persons than in that place. It is
// immutable; nil means none.
type Moved struct {
	// Version of the identity table.
	Version int64
	// Anchors of the rows, with their person in the place.
	Anchors map[uint64]uint64
	// Rows is the number of these rows.
	Rows int64

	persons []uint64
}

// NewMoved takes ownership of a map of anchors to their persons in the place.
func NewMoved(version int64, anchors map[uint64]uint64, rows int64) *Moved {
	m := &Moved{Version: version, Anchors: anchors, Rows: rows, persons: make([]uint64, 0, len(anchors))}
	for _, person := range anchors {
		m.persons = append(m.persons, person)
	}
	slices.Sort(m.persons)
	m.persons = slices.Compact(m.persons)
	return m
}

// None reports whether no rows moved.
func (m *Moved) None() bool { return m == nil || len(m.persons) == 0 }

// Any reports whether some of the persons of a block can have such rows.
func (m *Moved) Any(persons *block.Runs) bool {
	return len(persons.Values) > 0 && m.Between(persons.Values[0], persons.Values[len(persons.Values)-1])
}

// Between reports whether a person in the range can have such rows.
func (m *Moved) Between(from, to uint64) bool {
	if m.None() {
		return false
	}
	i, _ := slices.BinarySearch(m.persons, from)
	return i < len(m.persons) && m.persons[i] <= to
}

// remaining appends the rows in first <= row < end whose anchors did not move. It checks runs with one person and one anchor once.
func (m *Moved) remaining(first, end int, persons, anchors *block.Runs, rows []int32) []int32 {
	rows = slices.Grow(rows, end-first)
	anchor, from := 0, int32(first)
	at, _ := slices.BinarySearch(m.persons, persons.Values[0])
	run, _ := slices.BinarySearch(persons.Ends, from+1)
	for ; run < len(persons.Ends) && from < int32(end); run++ {
		stop := min(persons.Ends[run], int32(end))
		for at < len(m.persons) && m.persons[at] < persons.Values[run] {
			at++
		}
		if at == len(m.persons) || m.persons[at] != persons.Values[run] {
			rows = appendRange(rows, from, stop)
			from = stop
			continue
		}
		for from < stop {
			for anchors.Ends[anchor] <= from {
				anchor++
			}
			part := min(anchors.Ends[anchor], stop)
			if _, gone := m.Anchors[anchors.Values[anchor]]; !gone {
				rows = appendRange(rows, from, part)
			}
			from = part
		}
	}
	return rows
}

func appendRange(rows []int32, from, end int32) []int32 {
	for ; from < end; from++ {
		rows = append(rows, from)
	}
	return rows
}

// of returns the rows of a block that moved to persons in a range, with these persons.
func (m *Moved) of(
	persons, anchors *block.Runs, view *identity.View, to block.Range, rows []int32, now []uint64,
) ([]int32, []uint64) {
	at := int32(0)
	block.EachPair(persons, anchors, func(_, anchor uint64, end int32) {
		first := at
		at = end
		if _, gone := m.Anchors[anchor]; !gone {
			return
		}
		person := view.PersonOf(event.Anchor(anchor))
		if person < to.From || person > to.To {
			return
		}
		for ; first < end; first++ {
			rows, now = append(rows, first), append(now, person)
		}
	})
	return rows, now
}

// Sink receives rows with their current persons, in a block with the columns of rows that are sorted again. It keeps nothing of the block.
type Sink interface {
	Add(b *block.Block, rows []int32, persons []uint64) error
}

// Collector collects the rows of one place that moved to persons of a query, and passes them to a sink.
type Collector struct {
	query   *Query
	to      Sink
	moved   *Moved
	view    *identity.View
	filter  Filter
	rows    []int32
	persons []uint64
}

// NewCollector returns a collector for a place with rows within bounds. Its blocks have the query's columns for sorting.
func NewCollector(q *Query, to Sink, b block.Bounds, m *Moved, view *identity.View) *Collector {
	return &Collector{query: q, to: to, moved: m, view: view, filter: q.Filter(b)}
}

// Add adds the rows of a block that moved, given the anchors of all its rows.
func (c *Collector) Add(b *block.Block, anchors *block.Runs) error {
	c.rows, c.persons = c.moved.of(&b.Persons, anchors, c.view, c.query.Persons, c.rows[:0], c.persons[:0])
	if len(c.rows) == 0 {
		return nil
	}
	kept := c.filter.keep(b, b.Columns[c.query.sortSeq].Longs, slices.Clone(c.rows))
	c.rows, c.persons = keepBoth(c.rows, c.persons, kept)
	return c.to.Add(b, c.rows, c.persons)
}

// keepBoth keeps the rows in the ascending list, and their persons.
func keepBoth(rows []int32, persons []uint64, kept []int32) ([]int32, []uint64) {
	n := 0
	for i, row := range rows {
		if n < len(kept) && kept[n] == row {
			rows[n], persons[n] = row, persons[i]
			n++
		}
	}
	return rows[:n], persons[:n]
}
