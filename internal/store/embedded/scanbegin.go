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
	g := &gathering{scan: sc, fresh: newFreshRows(sc.plan)}
	for _, f := range sc.snapshot.files {
		if err := g.addFile(f); err != nil {
			return err
		}
	}
	for _, run := range sc.snapshot.runs {
		if err := g.addRun(run, run.placedAt(sc.snapshot.view).moved); err != nil {
			return err
		}
	}
	if sc.plan.request.Packed && g.texts+g.fresh.texts() > maxDictionary {
		return sc.beginPlain()
	}
	if c := sc.plan.request.Counting; c != nil && g.longest+g.fresh.longest() <= c.Whole {
		sc.counter = newCounter(sc.plan)
	}
	return g.open()
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
	var err error
	if sc.heap, err = heapOf(sc.plan, sc.open); err != nil {
		return err
	}
	return sc.plan.err
}
