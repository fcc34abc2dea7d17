// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package part

import (
	"maps"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// MovedRows returns the number of rows that belong to other persons than in the file, as of the last scan. It reads no file, so an idle store has no cost.
func (p *Part) MovedRows() int64 {
	if m := p.moved.Load(); m != nil {
		return m.Rows
	}
	return 0
}

// movedAt returns the rows that belong to other persons at a version. It searches the file only for anchors whose person has changed since the last
// search, if they are known.
func (p *Part) movedAt(view *identity.View) (*rows.Moved, error) {
	if view.Version() < 0 {
		return p.movedForPin(view)
	}
	last := p.moved.Load()
	if last == nil {
		last = rows.NewMoved(p.Placed, nil, 0)
	}
	if last.Version == view.Version() {
		return last, nil
	}
	next, err := p.findMoved(last, view)
	if err != nil || last.Version > next.Version {
		return next, err
	}
	p.moved.Store(next)
	return next, nil
}

// movedForPin searches the whole file for a view of a pin that the identity table does not know, once for all scans of the latest such pin.
func (p *Part) movedForPin(view *identity.View) (*rows.Moved, error) {
	if last := p.movedPinned.Load(); last != nil && last.Version == view.Version() {
		return last, nil
	}
	found, err := p.search(nil, view)
	if err == nil {
		p.movedPinned.Store(found)
	}
	return found, err
}

func (p *Part) findMoved(last *rows.Moved, view *identity.View) (*rows.Moved, error) {
	candidates := p.changedSince(last, view)
	if candidates != nil {
		maps.Copy(candidates, last.Anchors)
		maps.DeleteFunc(candidates, func(anchor, person uint64) bool { return view.PersonOf(event.Anchor(anchor)) == person })
		if len(candidates) == 0 {
			return rows.NewMoved(view.Version(), nil, 0), nil
		}
	}
	return p.search(candidates, view)
}

// changedSince returns the anchors whose person differs between the last search and a version, before or after it, with the person at the last
// search. It returns nil if that is too long ago.
func (p *Part) changedSince(last *rows.Moved, view *identity.View) map[uint64]uint64 {
	low, high := min(last.Version, view.Version()), max(last.Version, view.Version())
	changed, err := p.people.Changed(low, high)
	if err != nil {
		return nil
	}
	out := make(map[uint64]uint64, len(changed))
	for anchor, person := range changed {
		out[uint64(anchor)] = uint64(person)
	}
	if last.Version == low {
		return out
	}
	known, err := p.people.View(last.Version)
	if err != nil {
		return nil
	}
	for anchor := range out {
		out[anchor] = known.PersonOf(event.Anchor(anchor))
	}
	return out
}

// search finds the anchors whose person has changed, among candidates or, if these are nil, all of them, and counts their rows.
func (p *Part) search(candidates map[uint64]uint64, view *identity.View) (*rows.Moved, error) {
	f, err := p.open(nil)
	if err != nil {
		return nil, err
	}
	defer f.close()
	among := rows.NewMoved(0, candidates, 0)
	found, n := map[uint64]uint64{}, int64(0)
	for group := range f.layout.Groups {
		b, err := f.reader.Read(group)
		if err != nil {
			return nil, err
		}
		if candidates != nil && !among.Any(&b.Persons) {
			continue
		}
		anchors, err := f.reader.Anchors(group)
		if err != nil {
			return nil, err
		}
		before := int32(0)
		block.EachPair(&b.Persons, anchors, func(person, anchor uint64, end int32) {
			if _, ok := candidates[anchor]; (ok || candidates == nil) && view.PersonOf(event.Anchor(anchor)) != person {
				found[anchor] = person
				n += int64(end - before)
			}
			before = end
		})
	}
	return rows.NewMoved(view.Version(), found, n), nil
}
