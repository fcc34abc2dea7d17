// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"maps"
	"math/bits"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// View holds the persons at one version. It is immutable.
type View struct {
	version         int64
	anchors, people []event.Anchor
}

// NewView returns a view of the anchors, in ascending order, whose person has a different number from the anchor itself, and of these numbers. It
// takes ownership of the slices.
func NewView(version int64, anchors, persons []event.Anchor) *View {
	return &View{version: version, anchors: anchors, people: persons}
}

// Version returns the version of the view.
func (v *View) Version() int64 { return v.version }

// PersonOf returns the number of the person that the anchor belongs to. It is the anchor of the person's strongest identity, the smallest of those
// with equal strength. An unknown anchor is a person of its own.
func (v *View) PersonOf(a event.Anchor) uint64 {
	// Anchors are uniform hashes, so the position of one is nearly known. The search starts there, with doubling steps.
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

// Mapping returns the anchors, in ascending order, whose person has a different number from the anchor itself, and these numbers. The slices must not
// be changed.
func (v *View) Mapping() (anchors, persons []event.Anchor) { return v.anchors, v.people }

// With returns the view with different persons for some anchors.
func (v *View) With(persons map[event.Anchor]event.Anchor) *View { return v.At(v.version, persons) }

// At returns the view at another version, at which some anchors have different persons. It merges two sorted lists.
func (v *View) At(version int64, changes map[event.Anchor]event.Anchor) *View {
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
