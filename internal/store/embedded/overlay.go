// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"maps"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/packed"
)

// overlay holds the rows of a sorted file that belonged to other persons at a version than in the file, in their order, so that scans
// merge them instead of looking for them and sorting them each time. It has the columns that analyses need most, in memory, until the file
// is written again.
type overlay struct {
	of  *placed
	run *rowRun

	// at is what was found out last for a version.
	at *fileParts
}

// fileParts says how the rows of a file are read at a version of the identity table.
type fileParts struct {
	version int64
	// gone are left out of the rows of the file; nil when none are. Of these, apart are in the file alone, and have to be collected.
	gone, apart *moved
	// run has the others, but for those that moved again, which are collected from there; nil when there is no overlay.
	run      *rowRun
	runMoved *moved
}

const (
	// overlayRows are worth an overlay; fewer are collected in each scan.
	overlayRows = 16 << 10
	// overlayPart rows are collected, sorted and packed at a time while an overlay is made.
	overlayPart = 128 << 10
	// overlayShare of the engine's memory is taken by overlays at most.
	overlayShare = 4
	// overlayRowBytes is what a row takes there, about.
	overlayRowBytes = 32
)

// overlayColumns are those of the tail but for texts of which hardly any two are alike.
var overlayColumns = slices.DeleteFunc(slices.Clone(tailColumns), func(c packed.Column) bool {
	return c.Kind == block.Text && !c.Few
})

var overlayWants = wantsOf(overlayColumns)

// overlaid tells whether an overlay has all columns of a plan.
func (p *scanPlan) overlaid() bool {
	return !slices.ContainsFunc(p.freshWants, func(w block.Want) bool { return !slices.Contains(overlayWants, w) })
}

// partsOf a file for a plan at a version.
func (s *Store) partsOf(plan *scanPlan, f fileMeta, view *identity.View) (*fileParts, error) {
	p, err := s.placedAt(f, view)
	if err != nil || p.moved == nil {
		return &fileParts{}, err
	}
	if !plan.overlaid() {
		return &fileParts{gone: p.moved, apart: p.moved}, nil
	}
	s.overlaying.Lock()
	defer s.overlaying.Unlock()
	o, err := s.freshOverlay(f, p, view)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return &fileParts{gone: p.moved, apart: p.moved}, nil
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
func (o *overlay) partsAt(p *placed, view *identity.View) *fileParts {
	parts := &fileParts{version: view.Version(), gone: o.of.moved, run: o.run, runMoved: o.run.placedAt(view).moved}
	more := map[uint64]uint64{}
	for anchor, person := range p.anchors {
		if _, known := o.of.anchors[anchor]; !known {
			more[anchor] = person
		}
	}
	if len(more) > 0 {
		parts.apart = newMoved(more)
		maps.Copy(more, o.of.anchors)
		parts.gone = newMoved(more)
	}
	return parts
}

// freshOverlay gives the overlay of a file; a new one when there is none, or too much has moved since; nil when it is not worth one.
func (s *Store) freshOverlay(f fileMeta, p *placed, view *identity.View) (*overlay, error) {
	o := s.overlayOf(f)
	if o != nil && (o.of.version >= p.version || p.rows-o.run.Rows <= max(s.minOverlay, o.run.Rows/4) && !o.restless(view)) {
		return o, nil
	}
	if p.rows < s.minOverlay || !s.overlayRoom(f, p.rows) {
		return nil, nil
	}
	run, err := s.makeOverlay(f, p, view)
	if err != nil || run == nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o = &overlay{of: p, run: run}
	if slices.ContainsFunc(s.manifest.Files, func(g fileMeta) bool { return g.Name == f.Name }) {
		s.overlays[f.Name] = o
	}
	return o, nil
}

// overlayRoom tells whether the overlays may take so many rows more.
func (s *Store) overlayRoom(f fileMeta, rows int64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	bytes := rows * overlayRowBytes
	for name, o := range s.overlays {
		if name != f.Name {
			bytes += o.run.Bytes
		}
	}
	return bytes <= s.options.MemoryLimit/overlayShare
}

// restless tells that many of the rows in the overlay have moved again.
func (o *overlay) restless(view *identity.View) bool {
	return len(o.run.placedAt(view).anchors) > len(o.of.anchors)/4
}

// makeOverlay reads the rows of a file that moved, part after part.
func (s *Store) makeOverlay(f fileMeta, p *placed, view *identity.View) (*rowRun, error) {
	plan, bytes := newWholePlan(overlayWants), int64(0)
	r, err := s.openFile(plan, plan.wants, f, nil, plan.persons, &bytes)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.close() }() // it was only read
	var runs []*rowRun
	fresh := newFreshRows(plan)
	put := func() {
		b := packed.NewBuilder(overlayColumns, anchorColumn)
		if rows := fresh.sort(); rows.Rows > 0 {
			b.Add(rows, 0, 0, rows.Rows)
			runs = append(runs, &rowRun{Run: b.Run(), Bounds: boundsOfFile(f), version: view.Version()})
		}
		fresh = newFreshRows(plan)
	}
	err = r.eachMoved(p.moved, view, func(b *block.Block, rows []int32, persons []uint64) {
		fresh.addBlock(b, rows, persons)
		if len(fresh.persons) >= overlayPart {
			put()
		}
	})
	if err != nil {
		return nil, err
	}
	put()
	for len(runs) > 1 {
		n := min(len(runs), maxTidy)
		run, err := mergeRuns(overlayColumns, runs[:n], view)
		if err != nil {
			return nil, err
		}
		runs = append(runs[n:], run)
	}
	if len(runs) == 0 {
		return nil, nil
	}
	return runs[0], nil
}

func boundsOfFile(f fileMeta) block.Bounds {
	return block.Bounds{MinSeq: f.MinSeq, MaxSeq: f.MaxSeq, MinTime: f.MinTime, MaxTime: f.MaxTime}
}
