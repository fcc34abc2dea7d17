// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// prepare checks the files that the scan will read: damage is told before the first row.
func (sc *scan) prepare(schema *arrow.Schema, r store.ScanRequest) (err error) {
	if sc.plan, err = newScanPlan(schema, r, sc.snapshot.Seq); err != nil {
		return err
	}
	sc.batch = newScanBatch(schema)
	sc.snapshot.files = slices.DeleteFunc(slices.Clone(sc.snapshot.files), func(f fileMeta) bool { return !sc.plan.useful(&f) })
	return sc.store.verify(sc.snapshot.files)
}

// begin opens the files, finds the rows that do not stand where their person is, and goes to the first row of each.
func (sc *scan) begin() error {
	fresh := newFreshRows(sc.plan)
	movedIn := make([]*moved, len(sc.snapshot.files))
	longest := int64(0)
	for i, f := range sc.snapshot.files {
		p, err := sc.store.placedAt(f, sc.snapshot.view)
		if err != nil {
			return err
		}
		if movedIn[i] = p.moved; p.moved != nil {
			if err := sc.store.collectMoved(sc.plan, f, p, sc.snapshot.view, fresh, &sc.stats.Bytes); err != nil {
				return err
			}
		}
		if sc.plan.request.Counting != nil {
			run, err := sc.store.longestRun(f)
			if err != nil {
				return err
			}
			longest += run
		}
	}
	movedOf := make([]*moved, len(sc.snapshot.runs))
	texts := 0
	for i, run := range sc.snapshot.runs {
		movedOf[i] = run.placedAt(sc.snapshot.view).moved
		if movedOf[i] != nil {
			if err := collectMovedOf(sc.plan, run, movedOf[i], sc.snapshot.view, fresh, &sc.stats.Bytes); err != nil {
				return err
			}
		}
		longest += run.Longest
		texts += run.Texts()
	}
	if sc.plan.request.Packed && texts+fresh.texts() > maxDictionary {
		return sc.beginPlain()
	}
	if c := sc.plan.request.Counting; c != nil && longest+fresh.longest() <= c.Whole {
		sc.counter = newCounter(sc.plan)
	}
	for i, f := range sc.snapshot.files {
		rows, err := sc.store.openFile(sc.plan, sc.plan.wants, f, movedIn[i], sc.plan.persons, &sc.stats.Bytes)
		if err != nil {
			return err
		}
		rows.counter = sc.counter
		sc.open = append(sc.open, rows)
	}
	for i, run := range sc.snapshot.runs {
		rows, err := openRun(sc.plan, sc.plan.wants, run, movedOf[i], &sc.stats.Bytes)
		if err != nil {
			return err
		}
		rows.counter = sc.counter
		sc.open = append(sc.open, rows)
	}
	fresh.counter = sc.counter
	sc.open = append(sc.open, fresh)
	return sc.beginHeap()
}

// beginPlain begins with the plain form, because a dictionary would be too large.
func (sc *scan) beginPlain() error {
	r := sc.plan.request.Plain()
	schema, err := r.Schema()
	if err == nil {
		err = sc.prepare(schema, r)
	}
	if err != nil {
		return err
	}
	return sc.begin()
}

func (sc *scan) beginHeap() error {
	for _, rows := range sc.open {
		c := &cursor{plan: sc.plan, rows: rows}
		more, err := c.load()
		if err != nil {
			return err
		}
		if more {
			sc.heap = append(sc.heap, c)
		}
	}
	sc.heap.make()
	return sc.plan.err
}
