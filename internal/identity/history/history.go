// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package history keeps the versions of a table of persons: the person that each identifier had before each version, as far back as the limits allow,
// and the view of the latest version. It must not be used by several goroutines at once.
package history

import (
	"errors"
	"sort"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ErrGone means that a version is no longer kept, or never existed.
var ErrGone = errors.New("identity version gone")

// Limits of the history; the oldest versions are dropped first. An erasure drops all versions before it, and a restart drops those before the
// snapshot that it loads.
const (
	MaxVersions = 1 << 16
	MaxMoves    = 1 << 20
)

// History holds what is needed to go back: for each version, the persons that identifiers had before it.
type History struct {
	seq, version int64
	// floorSeq and floorVersion are the oldest state that can be read.
	floorSeq, floorVersion int64
	changes                []change
	moves                  int
	// moved belongs to the next version.
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

// Resume starts a history at the version of a snapshot.
func Resume(seq, version int64) *History {
	return &History{seq: seq, version: version, floorSeq: seq, floorVersion: version}
}

// Seq returns the number of the latest commit.
func (h *History) Seq() int64 { return h.seq }

// Reach sets the number of the latest commit. The next version has this state.
func (h *History) Reach(seq int64) { h.seq = seq }

// Version returns the latest version.
func (h *History) Version() int64 { return h.version }

// Move records, for the next version, that an identifier moved from one person to another.
func (h *History) Move(anchor, before, now event.Anchor) {
	h.moved = append(h.moved, move{anchor: anchor, person: before})
	if len(h.moved) > MaxMoves {
		// The version before cannot be kept, and reading all persons again needs less memory than what has changed.
		h.cache = cache{}
	}
	h.cache.changed(anchor, now)
}

// Commit makes a version of the moves, and reports whether there were any.
func (h *History) Commit() bool {
	if len(h.moved) == 0 {
		return false
	}
	h.Mark()
	return true
}

// Mark makes a version of the moves, even if there were none.
func (h *History) Mark() {
	h.version++
	h.changes = append(h.changes, change{version: h.version, seq: h.seq, moved: h.moved})
	h.moves += len(h.moved)
	h.moved = nil
	for len(h.changes) > MaxVersions || h.moves > MaxMoves {
		h.floorSeq, h.floorVersion = h.changes[0].seq, h.changes[0].version
		h.moves -= len(h.changes[0].moved)
		h.changes = h.changes[1:]
	}
}

// Forget makes a version that is the oldest one.
func (h *History) Forget() {
	h.version++
	h.changes, h.moves = nil, 0
	h.floorSeq, h.floorVersion = h.seq, h.version
	h.cache = cache{}
}

// Changed returns the anchors whose person changed after version from and up to version to, with the person that each had at from. Some can have the
// same person again. It returns ErrGone if from is too old, or the versions are not in order.
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

// VersionAt returns the version after the commits up to seq. It returns ErrGone if that is too long ago.
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
