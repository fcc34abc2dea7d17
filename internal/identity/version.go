// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"errors"
	"sort"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ErrGone says that a version is not kept any more, or never was there.
var ErrGone = errors.New("identity version gone")

// Bounds of what is kept of the past: the oldest versions go first. An erasure forgets all versions before it, and so does a
// restart those before the snapshot that it began with.
const (
	maxVersions = 1 << 16
	maxMoves    = 1 << 20
)

// history holds what it takes to go back: for each version, the persons that identifiers had before it.
type history struct {
	seq, version int64
	// floorSeq and floorVersion are the oldest state that can be read.
	floorSeq, floorVersion int64
	changes                []change
	moves                  int
}

type change struct {
	version, seq int64
	moved        []move
}

type move struct {
	anchor, person event.Anchor
}

func newHistory() history { return history{version: 1, floorVersion: 1} }

// push makes a new version.
func (h *history) push(moved []move) {
	h.version++
	h.changes = append(h.changes, change{version: h.version, seq: h.seq, moved: moved})
	h.moves += len(moved)
	for len(h.changes) > maxVersions || h.moves > maxMoves {
		h.floorSeq, h.floorVersion = h.changes[0].seq, h.changes[0].version
		h.moves -= len(h.changes[0].moved)
		h.changes = h.changes[1:]
	}
}

// forget makes a new version that is the oldest one.
func (h *history) forget() {
	h.version++
	h.changes, h.moves = nil, 0
	h.floorSeq, h.floorVersion = h.seq, h.version
}

// before collects the persons that identifiers had at the version, where a later one changed them.
func (h *history) before(version int64) map[event.Anchor]event.Anchor {
	old := map[event.Anchor]event.Anchor{}
	for i := len(h.changes) - 1; i >= 0 && h.changes[i].version > version; i-- {
		for _, m := range h.changes[i].moved {
			old[m.anchor] = m.person
		}
	}
	return old
}

// Changed gives the anchors whose person was changed after one version up to another one, with the person that each had at the first.
// Some may have the same person again. Error: ErrGone when that is too long ago, or the versions are not in order.
func (t *Table) Changed(from, to int64) (map[event.Anchor]event.Anchor, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	h := &t.history
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

// Version of the table as it is now. A new table has 1.
func (t *Table) Version() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.version
}

// VersionAt gives the version that the table had when it had the commits up to seq. Error: ErrGone when that is too long ago.
func (t *Table) VersionAt(seq int64) (int64, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	h := &t.history
	if seq < h.floorSeq {
		return 0, ErrGone
	}
	after := sort.Search(len(h.changes), func(i int) bool { return h.changes[i].seq > seq })
	if after == 0 {
		return h.floorVersion, nil
	}
	return h.changes[after-1].version, nil
}

// commitVersion ends a call that may have changed persons.
func (t *Table) commitVersion() bool {
	var moved []move
	for i, old := range t.before {
		now := t.personOf(i)
		if now != old {
			moved = append(moved, move{anchor: t.nodes[i].anchor, person: old})
			t.cache.changed(t.nodes[i].anchor, now)
		}
	}
	clear(t.before)
	if len(moved) == 0 {
		return false
	}
	t.history.push(moved)
	return true
}
