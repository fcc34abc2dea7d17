// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package part

import (
	"maps"
	"slices"
	"sync"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// Overlays holds the limits of the overlays of all parts of a store.
type Overlays struct {
	// mu is held while an overlay is built: one at a time, to limit memory.
	mu sync.Mutex

	// room guards the fields below.
	room         sync.Mutex
	limit, taken int64
	least        int64
}

// overlayRows is the number of rows from which an overlay is worthwhile; fewer are collected in each scan.
const overlayRows = 16 << 10

// NewOverlays returns the limit of that many bytes for all overlays together.
func NewOverlays(limit int64) *Overlays { return &Overlays{limit: limit, least: overlayRows} }

// Worth sets the number of rows from which an overlay is worthwhile. Smaller ones are no longer used.
func (o *Overlays) Worth(rows int64) {
	o.room.Lock()
	defer o.room.Unlock()
	o.least = rows
}

func (o *Overlays) worth() int64 {
	o.room.Lock()
	defer o.room.Unlock()
	return o.least
}

// has reports whether there is room for an overlay of n rows that replaces another one.
func (o *Overlays) has(n int64, instead *overlay) bool {
	o.room.Lock()
	defer o.room.Unlock()
	return o.taken-instead.bytes()+n*overlayRowBytes <= o.limit
}

func (o *Overlays) replace(old, next *overlay) {
	o.room.Lock()
	defer o.room.Unlock()
	o.taken += next.bytes() - old.bytes()
}

// overlay holds the rows of a part that, at a version, belonged to other persons than in the file, in the order of these persons. Scans merge it
// instead of finding and sorting the rows each time. It holds the columns that analyses need most, in memory, until the file is rewritten.
type overlay struct {
	of  *rows.Moved
	run *run.Run

	// at is the last result for a version.
	version int64
	at      *Pieces
}

func (o *overlay) bytes() int64 {
	if o == nil {
		return 0
	}
	return o.run.Bytes
}

// Pieces describe how to read the rows of a part at a version of the identity table.
type Pieces struct {
	// Gone are omitted from the rows of the file. Of these, Apart are only in the file, and have to be collected.
	Gone, Apart *rows.Moved
	// Run holds the others, except those that moved again, RunGone, which are collected from it; nil if there is no overlay.
	Run     *run.Run
	RunGone *rows.Moved
}

const (
	// overlayPart is the number of rows that are collected, sorted and packed at a time while an overlay is built.
	overlayPart = 128 << 10
	// overlayMerge is the number of runs that are merged into one at a time.
	overlayMerge = 16
	// overlayRowBytes is the approximate size of a row.
	overlayRowBytes = 32
)

// overlayColumns are the columns of a run of events, except texts that are nearly unique.
var overlayColumns = slices.DeleteFunc(slices.Clone(run.Columns), func(c run.Column) bool {
	return c.Kind == block.Text && !c.Few
})

var overlayWants = run.WantsOf(overlayColumns)

// At returns how to read the part for a query at a version.
func (p *Part) At(q *rows.Query, view *identity.View) (Pieces, error) {
	p.mu.Lock()
	defer p.leave()
	m, err := p.movedAt(view)
	if err != nil || m.None() {
		return Pieces{}, err
	}
	if !q.Within(overlayWants) {
		return Pieces{Gone: m, Apart: m}, nil
	}
	o, err := p.overlayFor(m, view)
	if err != nil {
		return Pieces{}, err
	}
	if o == nil {
		return Pieces{Gone: m, Apart: m}, nil
	}
	if o.at == nil || o.version != view.Version() {
		o.version, o.at = view.Version(), o.piecesAt(m, view)
	}
	return *o.at, nil
}

// Overlaid returns the number of rows in the overlay, or 0.
func (p *Part) Overlaid() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.overlay == nil {
		return 0
	}
	return p.overlay.run.Rows
}

// piecesAt returns the pieces at a version at which m has moved.
func (o *overlay) piecesAt(m *rows.Moved, view *identity.View) *Pieces {
	pieces := &Pieces{Gone: o.of, Run: o.run, RunGone: o.run.MovedAt(view)}
	more := map[uint64]uint64{}
	for anchor, person := range m.Anchors {
		if _, known := o.of.Anchors[anchor]; !known {
			more[anchor] = person
		}
	}
	if len(more) > 0 {
		pieces.Apart = rows.NewMoved(view.Version(), more, 0)
		all := maps.Clone(o.of.Anchors)
		maps.Copy(all, more)
		pieces.Gone = rows.NewMoved(view.Version(), all, 0)
	}
	return pieces
}

// overlayFor returns the overlay, or a new one if there is none or too much has moved since. It returns nil if an overlay is not worthwhile.
func (p *Part) overlayFor(m *rows.Moved, view *identity.View) (*overlay, error) {
	o, least := p.overlay, p.overlays.worth()
	if o != nil && o.run.Rows >= least && o.serves(m, view, least) {
		return o, nil
	}
	if p.forgotten.Load() || view.Version() < 0 || m.Rows < least || !p.overlays.has(m.Rows, o) {
		return nil, nil
	}
	made, err := p.makeOverlay(m, view)
	if err != nil || made == nil {
		return nil, err
	}
	next := &overlay{of: m, run: made}
	p.overlays.replace(o, next)
	p.overlay = next
	return next, nil
}

// serves reports whether few rows moved, or moved again, since the overlay was built.
func (o *overlay) serves(m *rows.Moved, view *identity.View, least int64) bool {
	if o.of.Version >= m.Version {
		return true
	}
	if m.Rows-o.run.Rows > max(least, o.run.Rows/4) {
		return false
	}
	again := o.run.MovedAt(view)
	return again.None() || len(again.Anchors) <= len(o.of.Anchors)/4
}

// makeOverlay reads the rows that moved, in batches.
func (p *Part) makeOverlay(m *rows.Moved, view *identity.View) (*run.Run, error) {
	p.overlays.mu.Lock()
	defer p.overlays.mu.Unlock()
	q := rows.Whole(overlayWants)
	var runs []*run.Run
	sorter := rows.NewSorter(q)
	put := func(least int) {
		if sorter.Rows() >= least {
			runs = append(runs, run.Sorted(overlayColumns, sorter, p.Bounds(), view.Version(), false))
		}
	}
	err := p.CollectEach(q, m, view, sorter, func() error {
		put(overlayPart)
		return nil
	})
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
