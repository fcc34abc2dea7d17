// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Moved are the rows of one place that belong to other persons at a version of the identity table than there. It never changes; nil is for none.
type Moved struct {
	// Version of the identity table.
	Version int64
	// Anchors of the rows, with the person that they have in the place.
	Anchors map[uint64]uint64
	// Rows that they have there.
	Rows int64

	persons []uint64
}

// NewMoved takes over a map of anchors with the person that they have in the place.
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

// Any reports whether some of the persons of a block may have such rows.
func (m *Moved) Any(persons *block.Runs) bool {
	return len(persons.Values) > 0 && m.Between(persons.Values[0], persons.Values[len(persons.Values)-1])
}

// Between reports whether a person of the range may have such rows.
func (m *Moved) Between(from, to uint64) bool {
	if m.None() {
		return false
	}
	i, _ := slices.BinarySearch(m.persons, from)
	return i < len(m.persons) && m.persons[i] <= to
}

// remaining appends the rows from first on and before end whose anchors did not move. Runs of one person and one anchor are checked once.
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

// of returns the rows of a block that moved to persons of a range, with these.
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

// Sink takes rows of a block that has the columns of rows that are sorted again, with the persons that they have now. Nothing of the block is kept.
type Sink interface {
	Add(b *block.Block, rows []int32, persons []uint64) error
}

// Collector takes the rows of one place that moved to persons of a query, and gives them to a sink.
type Collector struct {
	query   *Query
	to      Sink
	moved   *Moved
	view    *identity.View
	filter  Filter
	rows    []int32
	persons []uint64
}

// NewCollector for a place whose rows lie in bounds. Its blocks have the columns that the query has for sorting.
func NewCollector(q *Query, to Sink, b block.Bounds, m *Moved, view *identity.View) *Collector {
	return &Collector{query: q, to: to, moved: m, view: view, filter: q.Filter(b)}
}

// Add the rows of a block that moved, by the anchors of all of its rows.
func (c *Collector) Add(b *block.Block, anchors *block.Runs) error {
	c.rows, c.persons = c.moved.of(&b.Persons, anchors, c.view, c.query.Persons, c.rows[:0], c.persons[:0])
	if len(c.rows) == 0 {
		return nil
	}
	kept := c.filter.keep(b, b.Columns[c.query.sortSeq].Longs, slices.Clone(c.rows))
	c.rows, c.persons = keepBoth(c.rows, c.persons, kept)
	return c.to.Add(b, c.rows, c.persons)
}

// keepBoth leaves the rows that are in the ascending list, and their persons.
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
