// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/packed"
)

// runRows gives the rows of a run in memory that the plan asks for, without those that moved to other persons.
type runRows struct {
	choice
	run    *rowRun
	reader *packed.Reader
	block  int
	// bytes is where those that were unpacked are counted.
	bytes *int64
}

// openRun opens a run for a scan that wants some columns.
func openRun(plan *scanPlan, wants []block.Want, run *rowRun, m *moved, bytes *int64) (*runRows, error) {
	reader, err := packed.NewReader(run.Run, wants)
	if err != nil {
		return nil, err
	}
	if !plan.pairs {
		reader.Convert = map[string]func(string) string{store.ColumnIdentities: pairsJSON}
	}
	r := &runRows{run: run, reader: reader, bytes: bytes, choice: choice{
		plan: plan, persons: plan.persons, moved: m, filter: plan.filterFor(run.MinTime, run.MaxTime, run.MaxSeq),
		bounds: store.Span{From: run.MinTime, To: run.MaxTime},
	}}
	r.of = r
	return r, nil
}

func (r *runRows) close() error { return nil }

func (r *runRows) next() (*block.Block, error) {
	for ; r.block < r.run.Blocks(); r.block++ {
		if low, high := r.run.Persons(r.block); high < r.plan.persons.From || low > r.plan.persons.To {
			continue
		}
		before := r.reader.Bytes
		b, err := r.reader.Read(r.block)
		if err != nil {
			return nil, err
		}
		*r.bytes += r.reader.Bytes - before
		err = r.choose(b, r.block)
		r.block++
		return b, err
	}
	r.forget()
	r.reader = nil
	return nil, nil
}

// firstPerson that the run may have for the plan.
func (r *runRows) firstPerson() (uint64, bool) {
	for i := range r.run.Blocks() {
		if low, high := r.run.Persons(i); high >= r.plan.persons.From && low <= r.plan.persons.To {
			return max(low, r.plan.persons.From), true
		}
	}
	return 0, false
}

func (r *runRows) anchors(block int, _ *block.Block) (persons, anchors *block.Runs, err error) {
	persons, anchors = r.run.Anchors(block)
	return persons, anchors, nil
}

func (r *runRows) readPlaces(block int, seqs, indexes *block.Column) error {
	return errors.Join(r.reader.Column(block, store.ColumnSeq, seqs), r.reader.Column(block, store.ColumnIndex, indexes))
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
