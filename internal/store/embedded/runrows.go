// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/packed"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/sorted"
)

// runRows gives the rows of a run in memory that the plan asks for, without those that moved to other persons.
type runRows struct {
	plan    *scanPlan
	run     *rowRun
	moved   *moved
	reader  *packed.Reader
	filter  filter
	block   int
	rows    []int32
	counter *counter
	// bytes is where those that were unpacked are counted.
	bytes *int64
	// kept are the rows of the block that were chosen; all of them when nil. seqs and indexes are those of the block, once unpacked.
	kept          []int32
	placesOf      int
	seqs, indexes sorted.Column
}

// openRun opens a run for a scan that wants some columns.
func openRun(plan *scanPlan, wants []sorted.Want, run *rowRun, m *moved, bytes *int64) (*runRows, error) {
	reader, err := packed.NewReader(run.Run, wants)
	if err != nil {
		return nil, err
	}
	if !plan.pairs {
		reader.Convert = map[string]func(string) string{store.ColumnIdentities: pairsJSON}
	}
	return &runRows{
		plan: plan, run: run, moved: m, reader: reader, filter: plan.filterFor(run.minTime, run.maxTime, run.maxSeq), placesOf: -1, bytes: bytes,
	}, nil
}

func (r *runRows) close() error { return nil }

func (r *runRows) next() (*sorted.Block, error) {
	for ; r.block < r.run.Blocks(); r.block++ {
		if low, high := r.run.Persons(r.block); high < r.plan.persons.from || low > r.plan.persons.to {
			continue
		}
		before := r.reader.Bytes
		b, err := r.reader.Read(r.block)
		if err != nil {
			return nil, err
		}
		*r.bytes += r.reader.Bytes - before
		r.choose(b)
		r.block++
		return b, r.plan.err
	}
	r.reader, r.rows, r.kept, r.seqs, r.indexes = nil, nil, nil, sorted.Column{}, sorted.Column{}
	return nil, nil
}

// firstPerson that the run may have for the plan.
func (r *runRows) firstPerson() (uint64, bool) {
	for i := range r.run.Blocks() {
		if low, high := r.run.Persons(i); high >= r.plan.persons.from && low <= r.plan.persons.to {
			return max(low, r.plan.persons.from), true
		}
	}
	return 0, false
}

// choose leaves the rows that the scan gives.
func (r *runRows) choose(b *sorted.Block) {
	r.kept = nil
	first, end := b.Persons.Between(r.plan.persons.from, r.plan.persons.to)
	moved := r.moved.any(&b.Persons)
	plain := !moved && !r.filter.mayDrop(b)
	if plain && r.counter == nil && first == 0 && end == b.Rows {
		return
	}
	if plain && r.counter != nil {
		r.rows = r.counter.choose(b, anyTime, first, end, nil, r.rows[:0])
	} else {
		r.rows = r.rows[:0]
		if moved {
			persons, anchors := r.run.Anchors(r.block)
			r.rows = r.moved.remaining(first, end, persons, anchors, r.rows)
		} else {
			r.rows = appendRange(r.rows, int32(first), int32(end))
		}
		if r.filter.bySeq {
			r.places(r.block)
		}
		r.rows = r.filter.keep(b, r.seqs.Longs, r.rows)
		if r.counter != nil {
			r.rows = r.counter.choose(b, anyTime, 0, 0, r.rows, r.rows[:0])
		}
	}
	b.Keep(r.rows)
	r.kept = r.rows
}

// places unpacks seqs and indexes of a block. An error stays in the plan.
func (r *runRows) places(block int) {
	if r.placesOf == block {
		return
	}
	r.placesOf = block
	err := errors.Join(r.reader.Column(block, store.ColumnSeq, &r.seqs), r.reader.Column(block, store.ColumnIndex, &r.indexes))
	r.plan.err = errors.Join(r.plan.err, err)
}

// place is asked for seldom: when a person has events of one instant in two places.
func (r *runRows) place(row int) (int64, int32) {
	r.places(r.block - 1)
	if r.plan.err != nil {
		return 0, 0
	}
	if r.kept != nil {
		row = int(r.kept[row])
	}
	return r.seqs.Longs[row], r.indexes.Ints[row]
}

// collectMovedOf adds the rows of a run that moved to persons of the scan.
func collectMovedOf(plan *scanPlan, run *rowRun, m *moved, view *identity.View, fresh *freshRows, bytes *int64) error {
	r, err := openRun(plan, plan.freshWants, run, nil, bytes)
	if err != nil {
		return err
	}
	var rows []int32
	var persons []uint64
	for i := range run.Blocks() {
		blockPersons, anchors := run.Anchors(i)
		if !m.any(blockPersons) {
			continue
		}
		b, err := r.reader.Read(i)
		if err != nil {
			return err
		}
		rows, persons = m.rowsOf(b, anchors, view, plan.persons, rows[:0], persons[:0])
		rows, persons = keepBoth(rows, persons, r.filter.keep(b, b.Columns[plan.freshSeq].Longs, slices.Clone(rows)))
		fresh.addBlock(b, rows, persons)
	}
	*bytes += r.reader.Bytes
	return nil
}
