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

// Overlays are the bounds of the overlays of all parts of a store.
type Overlays struct {
	// mu is held while an overlay is made: one at a time, for the sake of memory.
	mu sync.Mutex

	// room guards what follows.
	room         sync.Mutex
	limit, taken int64
	least        int64
}

// overlayRows are worth an overlay; fewer are collected in each scan.
const overlayRows = 16 << 10

// NewOverlays that take so many bytes together.
func NewOverlays(limit int64) *Overlays { return &Overlays{limit: limit, least: overlayRows} }

// Worth sets how many rows are worth an overlay. Smaller ones are not used from now on.
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

// has reports whether there is room for one of so many rows in the place of another.
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

// overlay holds the rows of a part that belonged to other persons at a version than in the file, in their order, so that scans merge them instead
// of looking for them and sorting them each time. It has the columns that analyses need most, in memory, until the file is written again.
type overlay struct {
	of  *rows.Moved
	run *run.Run

	// at is what was found out last for a version.
	version int64
	at      *Pieces
}

func (o *overlay) bytes() int64 {
	if o == nil {
		return 0
	}
	return o.run.Bytes
}

// Pieces say how the rows of a part are read at a version of the identity table.
type Pieces struct {
	// Gone are left out of the rows of the file. Of these, Apart are in the file alone, and have to be collected.
	Gone, Apart *rows.Moved
	// Run has the others, but for those that moved again, RunGone, which are collected from there; nil when there is no overlay.
	Run     *run.Run
	RunGone *rows.Moved
}

const (
	// overlayPart rows are collected, sorted and packed at a time while an overlay is made.
	overlayPart = 128 << 10
	// overlayMerge runs become one at a time.
	overlayMerge = 16
	// overlayRowBytes is what a row takes, about.
	overlayRowBytes = 32
)

// overlayColumns are those of a run of events but for texts of which hardly any two are alike.
var overlayColumns = slices.DeleteFunc(slices.Clone(run.Columns), func(c run.Column) bool {
	return c.Kind == block.Text && !c.Few
})

var overlayWants = run.WantsOf(overlayColumns)

// At says how the part is read for a query at a version.
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

// Overlaid is the number of rows that the overlay has; 0 if there is none.
func (p *Part) Overlaid() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.overlay == nil {
		return 0
	}
	return p.overlay.run.Rows
}

// piecesAt a version at which m has moved.
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

// overlayFor returns the overlay; a new one if there is none, or too much has moved since; nil when it is not worth one.
func (p *Part) overlayFor(m *rows.Moved, view *identity.View) (*overlay, error) {
	o, least := p.overlay, p.overlays.worth()
	if o != nil && o.run.Rows >= least && o.serves(m, view, least) {
		return o, nil
	}
	if p.forgotten.Load() || m.Rows < least || !p.overlays.has(m.Rows, o) {
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

// serves reports whether few rows moved since the overlay was made, or again.
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

// makeOverlay reads the rows that moved, part after part.
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
