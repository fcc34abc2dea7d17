// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// View is the table at one version. It never changes.
type View struct {
	version         int64
	anchors, people []event.Anchor
}

// Version of the view.
func (v *View) Version() int64 { return v.version }

// PersonOf gives the number of the person that the anchor belongs to: the anchor of the person's strongest identity,
// among those of one strength the smallest. An unknown anchor is a person of its own.
func (v *View) PersonOf(a event.Anchor) uint64 {
	// Anchors are uniform hashes, so that the place of one is nearly known; from there the steps double.
	n := len(v.anchors)
	guess, _ := bits.Mul64(uint64(a), uint64(n))
	low, high := int(guess), int(guess)
	for step := 8; low > 0 && v.anchors[low] > a; step *= 2 {
		low = max(0, low-step)
	}
	for step := 8; high < n && v.anchors[high] < a; step *= 2 {
		high = min(n, high+step)
	}
	if i, ok := slices.BinarySearch(v.anchors[low:min(high+1, n)], a); ok {
		return uint64(v.people[low+i])
	}
	return uint64(a)
}

// Mapping gives the anchors, in ascending order, whose person has another number than the anchor itself, and these
// numbers. The slices belong to the view.
func (v *View) Mapping() (anchors, persons []event.Anchor) { return v.anchors, v.people }

// With gives the view with other persons for some anchors.
func (v *View) With(persons map[event.Anchor]event.Anchor) *View { return v.with(v.version, persons) }

// viewCache holds the newest view that was asked for and what has changed since.
type viewCache struct {
	view  *View
	since map[event.Anchor]event.Anchor
}

func (c *viewCache) changed(anchor, person event.Anchor) {
	if c.view != nil {
		c.since[anchor] = person
	}
}

func (c *viewCache) drop() { c.view, c.since = nil, nil }

// View gives the table at the version; 0 stands for the newest one. Error: ErrGone.
func (t *Table) View(version int64) (*View, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if version == 0 {
		version = t.history.version
	}
	if version > t.history.version || version < t.history.floorVersion {
		return nil, ErrGone
	}
	newest := t.newestView()
	if version == t.history.version {
		return newest, nil
	}
	return newest.with(version, t.history.before(version)), nil
}

func (t *Table) newestView() *View {
	c := &t.cache
	switch {
	case c.view == nil:
		c.view = t.buildView()
	case c.view.version != t.history.version:
		c.view = c.view.with(t.history.version, c.since)
	default:
		return c.view
	}
	c.since = map[event.Anchor]event.Anchor{}
	return c.view
}

// buildView makes the newest view from nothing.
func (t *Table) buildView() *View {
	var moves []move
	for i := range t.nodes {
		if p := t.personOf(int32(i)); p != t.nodes[i].anchor && !t.has(int32(i), flagGone) {
			moves = append(moves, move{anchor: t.nodes[i].anchor, person: p})
		}
	}
	slices.SortFunc(moves, func(a, b move) int { return cmp.Compare(a.anchor, b.anchor) })
	v := &View{
		version: t.history.version, anchors: make([]event.Anchor, len(moves)), people: make([]event.Anchor, len(moves)),
	}
	for i, m := range moves {
		v.anchors[i], v.people[i] = m.anchor, m.person
	}
	return v
}

// with gives the view with some persons changed: one merge of two sorted lists.
func (v *View) with(version int64, changes map[event.Anchor]event.Anchor) *View {
	keys := slices.Sorted(maps.Keys(changes))
	n := len(v.anchors) + len(keys)
	out := &View{version: version, anchors: make([]event.Anchor, 0, n), people: make([]event.Anchor, 0, n)}
	put := func(anchor, person event.Anchor) {
		if anchor != person {
			out.anchors, out.people = append(out.anchors, anchor), append(out.people, person)
		}
	}
	i := 0
	for _, k := range keys {
		for ; i < len(v.anchors) && v.anchors[i] < k; i++ {
			put(v.anchors[i], v.people[i])
		}
		if i < len(v.anchors) && v.anchors[i] == k {
			i++
		}
		put(k, changes[k])
	}
	for ; i < len(v.anchors); i++ {
		put(v.anchors[i], v.people[i])
	}
	return out
}
