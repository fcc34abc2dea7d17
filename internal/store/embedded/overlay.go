// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"maps"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// overlay holds the rows of a sorted file that belonged to other persons at a version than in the file, in their order, so that scans
// merge them instead of looking for them and sorting them each time. It has the columns that analyses need most, in memory, until the file
// is written again.
type overlay struct {
	of  *rows.Moved
	run *run.Run

	// at is what was found out last for a version.
	at *fileParts
}

// fileParts says how the rows of a file are read at a version of the identity table.
type fileParts struct {
	version int64
	// gone are left out of the rows of the file; nil when none are. Of these, apart are in the file alone, and have to be collected.
	gone, apart *rows.Moved
	// run has the others, but for those that moved again, which are collected from there; nil when there is no overlay.
	run      *run.Run
	runMoved *rows.Moved
}

const (
	// overlayRows are worth an overlay; fewer are collected in each scan.
	overlayRows = 16 << 10
	// overlayPart rows are collected, sorted and packed at a time while an overlay is made.
	overlayPart = 128 << 10
	// overlayMerge runs become one at a time.
	overlayMerge = 16
	// overlayShare of the engine's memory is taken by overlays at most.
	overlayShare = 4
	// overlayRowBytes is what a row takes there, about.
	overlayRowBytes = 32
)

// overlayColumns are those of a run of events but for texts of which hardly any two are alike.
var overlayColumns = slices.DeleteFunc(slices.Clone(run.Columns), func(c run.Column) bool {
	return c.Kind == block.Text && !c.Few
})

var overlayWants = run.WantsOf(overlayColumns)

// partsOf a file for a query at a version.
func (s *Store) partsOf(q *rows.Query, f fileMeta, view *identity.View) (*fileParts, error) {
	p, err := s.placedAt(f, view)
	if err != nil || p.None() {
		return &fileParts{}, err
	}
	if !q.Within(overlayWants) {
		return &fileParts{gone: p, apart: p}, nil
	}
	s.overlaying.Lock()
	defer s.overlaying.Unlock()
	o, err := s.freshOverlay(f, p, view)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return &fileParts{gone: p, apart: p}, nil
	}
	if o.at == nil || o.at.version != view.Version() {
		o.at = o.partsAt(p, view)
	}
	return o.at, nil
}

func (s *Store) overlayOf(f fileMeta) *overlay {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.overlays[f.Name]
}

// partsAt a version at which p tells what has moved.
func (o *overlay) partsAt(p *rows.Moved, view *identity.View) *fileParts {
	parts := &fileParts{version: view.Version(), gone: o.of, run: o.run, runMoved: o.run.MovedAt(view)}
	more := map[uint64]uint64{}
	for anchor, person := range p.Anchors {
		if _, known := o.of.Anchors[anchor]; !known {
			more[anchor] = person
		}
	}
	if len(more) > 0 {
		parts.apart = rows.NewMoved(view.Version(), more, 0)
		all := maps.Clone(o.of.Anchors)
		maps.Copy(all, more)
		parts.gone = rows.NewMoved(view.Version(), all, 0)
	}
	return parts
}

// freshOverlay gives the overlay of a file; a new one when there is none, or too much has moved since; nil when it is not worth one.
func (s *Store) freshOverlay(f fileMeta, p *rows.Moved, view *identity.View) (*overlay, error) {
	o := s.overlayOf(f)
	if o != nil && (o.of.Version >= p.Version || p.Rows-o.run.Rows <= max(s.minOverlay, o.run.Rows/4) && !o.restless(view)) {
		return o, nil
	}
	if p.Rows < s.minOverlay || !s.overlayRoom(f, p.Rows) {
		return nil, nil
	}
	made, err := s.makeOverlay(f, p, view)
	if err != nil || made == nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o = &overlay{of: p, run: made}
	if slices.ContainsFunc(s.manifest.Files, func(g fileMeta) bool { return g.Name == f.Name }) {
		s.overlays[f.Name] = o
	}
	return o, nil
}

// overlayRoom tells whether the overlays may take so many rows more.
func (s *Store) overlayRoom(f fileMeta, more int64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	bytes := more * overlayRowBytes
	for name, o := range s.overlays {
		if name != f.Name {
			bytes += o.run.Bytes
		}
	}
	return bytes <= s.options.MemoryLimit/overlayShare
}

// restless tells that many of the rows in the overlay have moved again.
func (o *overlay) restless(view *identity.View) bool {
	again := o.run.MovedAt(view)
	return !again.None() && len(again.Anchors) > len(o.of.Anchors)/4
}

// makeOverlay reads the rows of a file that moved, part after part.
func (s *Store) makeOverlay(f fileMeta, p *rows.Moved, view *identity.View) (*run.Run, error) {
	q, bounds := rows.Whole(overlayWants), boundsOfFile(&f)
	var runs []*run.Run
	sorter := rows.NewSorter(q)
	put := func(least int) {
		if sorter.Rows() >= least {
			runs = append(runs, run.Sorted(overlayColumns, sorter, bounds, view.Version(), false))
		}
	}
	err := s.collect(q, f, p, rows.NewCollector(sorter, bounds, p, view), func() { put(overlayPart) })
	if err != nil {
		return nil, err
	}
	put(1)
	for len(runs) > 1 {
		n := min(len(runs), overlayMerge)
		merged, err := run.Merge(overlayColumns, runs[:n], view)
		if err != nil {
			return nil, err
		}
		runs = append(runs[n:], merged)
	}
	if len(runs) == 0 {
		return nil, nil
	}
	return runs[0], nil
}

func boundsOfFile(f *fileMeta) block.Bounds {
	return block.Bounds{MinSeq: f.MinSeq, MaxSeq: f.MaxSeq, MinTime: f.MinTime, MaxTime: f.MaxTime}
}
