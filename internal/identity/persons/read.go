// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Seq of the newest commit that the table has.
func (t *Table) Seq() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.Seq()
}

// Version of the table as it is now. A new table has 1.
func (t *Table) Version() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.Version()
}

// VersionAt returns the version that the table had when it had the commits up to seq. Error: history.ErrGone when that is too long ago.
func (t *Table) VersionAt(seq int64) (int64, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.VersionAt(seq)
}

// View returns the table at the version; 0 stands for the newest one. Error: history.ErrGone.
func (t *Table) View(version int64) (*identity.View, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.history.View(version, t.graph.Persons())
}

// Changed returns the anchors whose person was changed after one version up to another one, with the person that each had at the first.
// Some may have the same person again. Error: history.ErrGone when that is too long ago, or the versions are not in order.
func (t *Table) Changed(from, to int64) (map[event.Anchor]event.Anchor, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.Changed(from, to)
}

// PersonsOf returns the numbers of the persons that the anchors belong to now, and the version of the table. For a few anchors this is cheaper
// than a view, which is made for all of them.
func (t *Table) PersonsOf(anchors []event.Anchor) (persons []uint64, version int64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	persons = make([]uint64, len(anchors))
	for i, a := range anchors {
		persons[i] = uint64(t.graph.PersonOf(a))
	}
	return persons, t.history.Version()
}

// Members returns the anchors of the person that the anchor belongs to now: of itself alone when it is not known.
func (t *Table) Members(a event.Anchor) []event.Anchor {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Members(a)
}

// Knows reports whether the table has the identifier.
func (t *Table) Knows(a event.Anchor) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Knows(a)
}

// Explain returns those of the anchors that the table knows, the stronger first, and the links among them, in their order.
func (t *Table) Explain(anchors map[event.Anchor]bool) ([]identity.Node, []identity.Tie) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Explain(anchors)
}

// Sources that the table has links of, with the trust in each.
func (t *Table) Sources() []identity.Source {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Sources()
}

// Stats of the table as it is now.
func (t *Table) Stats() identity.Stats {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Stats()
}

// Entries of the table: identities and links, and links again that several sources state.
func (t *Table) Entries() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Entries()
}
