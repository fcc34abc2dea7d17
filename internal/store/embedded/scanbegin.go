// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// prepare checks the files that the scan will read: damage is told before the first row.
func (sc *scan) prepare(schema *arrow.Schema, r store.ScanRequest) (err error) {
	before := int64(0)
	if sc.query != nil {
		before = sc.query.Bytes
	}
	if sc.query, err = rows.NewQuery(schema, r, sc.snapshot.Seq); err != nil {
		return err
	}
	sc.schema, sc.request, sc.query.Bytes = schema, r, before
	sc.batch = newScanBatch(schema)
	sc.snapshot.parts = slices.DeleteFunc(slices.Clone(sc.snapshot.parts), func(p *part.Part) bool { return !sc.query.Useful(p.Bounds()) })
	for _, p := range sc.snapshot.parts {
		if err := p.Verify(); err != nil {
			return err
		}
	}
	return nil
}

// begin opens the files, finds the rows that do not stand where their person is, and goes to the first row of each.
func (sc *scan) begin() error {
	g := &gathering{scan: sc, moved: rows.NewSorter(sc.query)}
	for _, p := range sc.snapshot.parts {
		if err := g.addPart(p); err != nil {
			return err
		}
	}
	for _, r := range sc.snapshot.runs {
		if err := g.addRun(r, r.MovedAt(sc.snapshot.view)); err != nil {
			return err
		}
	}
	if sc.request.Packed && g.texts+g.moved.Texts() > maxDictionary {
		return sc.beginPlain()
	}
	if c := sc.request.Counting; c != nil && g.longest+g.moved.Longest() <= c.Whole {
		sc.counter = rows.NewCounter(sc.query)
	}
	return g.open()
}

// beginPlain begins with the plain form, because a dictionary would be too large.
func (sc *scan) beginPlain() error {
	r := sc.request.Plain()
	schema, err := r.Schema()
	if err == nil {
		err = sc.prepare(schema, r)
	}
	if err != nil {
		return err
	}
	return sc.begin()
}
