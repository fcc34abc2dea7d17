// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"cmp"
	"iter"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// cache holds the latest view that was requested, and what has changed since.
type cache struct {
	view  *identity.View
	since map[event.Anchor]event.Anchor
}

func (c *cache) changed(anchor, person event.Anchor) {
	if c.view != nil {
		c.since[anchor] = person
	}
}

// View returns the persons at the version; 0 means the latest one. all is read once for the first view; later views apply the changes. It can leave
// out persons whose number is the anchor itself. View can return ErrGone.
func (h *History) View(version int64, all iter.Seq2[event.Anchor, event.Anchor]) (*identity.View, error) {
	if version == 0 {
		version = h.version
	}
	if version == h.version {
		return h.newest(all), nil
	}
	before, err := h.Changed(version, h.version)
	if err != nil {
		return nil, err
	}
	return h.newest(all).At(version, before), nil
}

func (h *History) newest(all iter.Seq2[event.Anchor, event.Anchor]) *identity.View {
	c := &h.cache
	switch {
	case c.view == nil:
		c.view = build(h.version, all)
	case c.view.Version() != h.version:
		c.view = c.view.At(h.version, c.since)
	default:
		return c.view
	}
	c.since = map[event.Anchor]event.Anchor{}
	return c.view
}

// build makes a view from scratch.
func build(version int64, all iter.Seq2[event.Anchor, event.Anchor]) *identity.View {
	var moves []move
	for anchor, person := range all {
		if anchor != person {
			moves = append(moves, move{anchor: anchor, person: person})
		}
	}
	slices.SortFunc(moves, func(a, b move) int { return cmp.Compare(a.anchor, b.anchor) })
	anchors, persons := make([]event.Anchor, len(moves)), make([]event.Anchor, len(moves))
	for i, m := range moves {
		anchors[i], persons[i] = m.anchor, m.person
	}
	return identity.NewView(version, anchors, persons)
}
