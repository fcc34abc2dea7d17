// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Seq returns the number of the latest commit in the table.
func (t *Table) Seq() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.Seq()
}

// Version returns the current version of the table. A new table has version 1.
func (t *Table) Version() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.Version()
}

// VersionAt returns the version that the table had after the commits up to seq. It returns history.ErrGone if that is too long ago.
func (t *Table) VersionAt(seq int64) (int64, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.VersionAt(seq)
}

// View returns the table at the version; 0 means the latest one. It can return history.ErrGone.
func (t *Table) View(version int64) (*identity.View, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.history.View(version, t.graph.Persons())
}

// Changed returns the anchors whose person changed after version from and up to version to, with the person that each had at from. Some can have the
// same person again. It returns history.ErrGone if from is too old, or the versions are not in order.
func (t *Table) Changed(from, to int64) (map[event.Anchor]event.Anchor, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.Changed(from, to)
}

// PersonsOf returns the numbers of the current persons of the anchors, and the version of the table. For a few anchors this is cheaper than a view,
// which contains all of them.
func (t *Table) PersonsOf(anchors []event.Anchor) (persons []uint64, version int64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	persons = make([]uint64, len(anchors))
	for i, a := range anchors {
		persons[i] = uint64(t.graph.PersonOf(a))
	}
	return persons, t.history.Version()
}

// Members returns the anchors of the person that the anchor belongs to now; only the anchor itself if it is unknown.
func (t *Table) Members(a event.Anchor) []event.Anchor {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Members(a)
}

// Knows reports whether the table contains the identifier.
func (t *Table) Knows(a event.Anchor) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Knows(a)
}

// Explain returns those of the anchors that the table contains, the stronger first, and the links among them, in order.
func (t *Table) Explain(anchors map[event.Anchor]bool) ([]identity.Node, []identity.Tie) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Explain(anchors)
}

// Sources returns the sources that the table has links of, with the trust in each.
func (t *Table) Sources() []identity.Source {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Sources()
}

// Stats returns the current statistics of the table.
func (t *Table) Stats() identity.Stats {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Stats()
}

// Entries returns the number of identities and links, plus one for each further source that states the same link.
func (t *Table) Entries() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Entries()
}
