// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package history keeps the versions of a table of persons: who had which person before each of them, as far back as there is room, and the view
// of the newest. It is for one goroutine at a time.
package history

import (
	"errors"
	"sort"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ErrGone says that a version is not kept any more, or never was there.
var ErrGone = errors.New("identity version gone")

// Bounds of what is kept of the past: the oldest versions go first. An erasure forgets all versions before it, and so does a
// restart those before the snapshot that it started with.
const (
	MaxVersions = 1 << 16
	MaxMoves    = 1 << 20
)

// History holds what it takes to go back: for each version, the persons that identifiers had before it.
type History struct {
	seq, version int64
	// floorSeq and floorVersion are the oldest state that can be read.
	floorSeq, floorVersion int64
	changes                []change
	moves                  int
	// moved are those of the version that is being made.
	moved []move
	cache cache
}

type change struct {
	version, seq int64
	moved        []move
}

type move struct {
	anchor, person event.Anchor
}

// New starts a history at version 1, before any commit.
func New() *History { return &History{version: 1, floorVersion: 1} }

// Resume starts a history at the version that a snapshot was made of.
func Resume(seq, version int64) *History {
	return &History{seq: seq, version: version, floorSeq: seq, floorVersion: version}
}

// Seq of the newest commit.
func (h *History) Seq() int64 { return h.seq }

// Reach says that a commit is taken; the version after it is of this state.
func (h *History) Reach(seq int64) { h.seq = seq }

// Version that is the newest.
func (h *History) Version() int64 { return h.version }

// Move notes, for the next version, that an identifier went from one person to another.
func (h *History) Move(anchor, before, now event.Anchor) {
	h.moved = append(h.moved, move{anchor: anchor, person: before})
	h.cache.changed(anchor, now)
}

// Commit makes a version of what moved, and reports whether anything did.
func (h *History) Commit() bool {
	if len(h.moved) == 0 {
		return false
	}
	h.version++
	h.changes = append(h.changes, change{version: h.version, seq: h.seq, moved: h.moved})
	h.moves += len(h.moved)
	h.moved = nil
	for len(h.changes) > MaxVersions || h.moves > MaxMoves {
		h.floorSeq, h.floorVersion = h.changes[0].seq, h.changes[0].version
		h.moves -= len(h.changes[0].moved)
		h.changes = h.changes[1:]
	}
	return true
}

// Forget makes a version that is the oldest one.
func (h *History) Forget() {
	h.version++
	h.changes, h.moves = nil, 0
	h.floorSeq, h.floorVersion = h.seq, h.version
	h.cache = cache{}
}

// Changed returns the anchors whose person was changed after one version up to another one, with the person that each had at the first.
// Some may have the same person again. Error: ErrGone when that is too long ago, or the versions are not in order.
func (h *History) Changed(from, to int64) (map[event.Anchor]event.Anchor, error) {
	if from < h.floorVersion || from > to || to > h.version {
		return nil, ErrGone
	}
	old := map[event.Anchor]event.Anchor{}
	for i := len(h.changes) - 1; i >= 0 && h.changes[i].version > from; i-- {
		if h.changes[i].version > to {
			continue
		}
		for _, m := range h.changes[i].moved {
			old[m.anchor] = m.person
		}
	}
	return old, nil
}

// VersionAt returns the version after the commits up to seq. Error: ErrGone when that is too long ago.
func (h *History) VersionAt(seq int64) (int64, error) {
	if seq < h.floorSeq {
		return 0, ErrGone
	}
	after := sort.Search(len(h.changes), func(i int) bool { return h.changes[i].seq > seq })
	if after == 0 {
		return h.floorVersion, nil
	}
	return h.changes[after-1].version, nil
}
