// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/batch"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// prepare checks the files that the scan will read, so that damage is reported before the first row.
func (s *Scan) prepare(schema *arrow.Schema, r store.ScanRequest) (err error) {
	before := int64(0)
	if s.query != nil {
		before = s.query.Bytes
	}
	if s.query, err = rows.NewQuery(schema, r, s.snapshot.Seq); err != nil {
		return err
	}
	s.schema, s.request, s.query.Bytes = schema, r, before
	s.batch = batch.New(schema)
	s.snapshot.Parts = slices.DeleteFunc(slices.Clone(s.snapshot.Parts), func(p *part.Part) bool { return !s.query.Useful(p.Bounds()) })
	for _, p := range s.snapshot.Parts {
		if err := p.Verify(); err != nil {
			return err
		}
	}
	return nil
}

// begin opens the files, finds the rows that are not stored with their person, and moves to the first row of each.
func (s *Scan) begin() (err error) {
	g := &gathering{scan: s}
	s.moved = newMoved(s)
	for _, p := range s.snapshot.Parts {
		if err := g.addPart(p); err != nil {
			return err
		}
	}
	for _, r := range s.snapshot.Runs {
		if err := g.addRun(r, r.MovedAt(s.snapshot.View)); err != nil {
			return err
		}
	}
	if g.sorted, err = s.moved.runs(); err != nil {
		return err
	}
	if s.request.Packed && g.texts+s.moved.texts() > batch.MaxDictionary {
		return errors.Join(s.moved.close(), s.beginPlain())
	}
	if c := s.request.Counting; c != nil && g.longest+s.moved.longest() <= c.Whole {
		s.counter = rows.NewCounter(s.query)
	}
	return g.open()
}

// beginPlain begins with the plain form, because a dictionary would be too large.
func (s *Scan) beginPlain() error {
	r := s.request.Plain()
	schema, err := r.Schema()
	if err == nil {
		err = s.prepare(schema, r)
	}
	if err != nil {
		return err
	}
	return s.begin()
}
