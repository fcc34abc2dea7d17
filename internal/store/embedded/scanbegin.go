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
	for _, f := range sc.snapshot.files {
		p, err := sc.store.placedAt(f, sc.snapshot.view)
		if err != nil {
			return err
		}
		if p.moved != nil {
			if err := sc.store.collectMoved(sc.plan, f, p, sc.snapshot.view, fresh, &sc.stats.Bytes); err != nil {
				return err
			}
		}
		rows, err := sc.store.openFile(sc.plan, f, p.moved, sc.plan.persons, &sc.stats.Bytes)
		if err != nil {
			return err
		}
		sc.open = append(sc.open, rows)
	}
	var lent []int32
	for i := range sc.snapshot.chunks {
		c := &sc.snapshot.chunks[i]
		lent = fresh.addChunk(c, c.personsAt(sc.snapshot.view), lent)
	}
	sc.open = append(sc.open, fresh)
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
	return nil
}
