// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package persons is the versioned table of persons, safe for concurrent use. It combines the graph of persons, the history of its versions and the
// format on disk, under one lock.
package persons

import (
	"iter"
	"sync"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/graph"
	"github.com/journeyman-dev/journeyman/internal/identity/history"
)

// Table is the versioned table of persons. It is safe for concurrent use.
type Table struct {
	mu      sync.RWMutex
	graph   *graph.Graph
	history *history.History
}

// New returns an empty table at version 1.
func New(p identity.Policy) *Table { return &Table{graph: graph.New(p), history: history.New()} }

// Add adds the links of a commit, and reports whether persons changed, which makes a new version. Commits come in the order of seq. A commit that the
// table already contains is skipped, so that a log can be replayed. If the trust in the source has changed, it changes for all its links.
func (t *Table) Add(seq int64, from identity.Source, edges []identity.Edge) bool {
	return t.AddEach(seq, from, func(yield func(*identity.Edge) bool) {
		for i := range edges {
			if !yield(&edges[i]) {
				return
			}
		}
	})
}

// AddEach is Add for edges that are not in memory as a slice.
func (t *Table) AddEach(seq int64, from identity.Source, edges iter.Seq[*identity.Edge]) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seq <= t.history.Seq() {
		return false
	}
	t.history.Reach(seq)
	t.graph.Add(from, edges)
	return t.commit()
}

// SetPolicy changes the policy and recomputes all persons. It reports whether any changed, which makes a new version.
func (t *Table) SetPolicy(p identity.Policy) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.graph.SetPolicy(p)
	return t.commit()
}

// commit makes a version if the current call has changed any persons, and reports whether it has.
func (t *Table) commit() bool {
	t.graph.Changes(t.history.Move)
	return t.history.Commit()
}

// Split separates an identity from others permanently; see identity.Split. keep makes the change durable before it is visible. If it fails, the table
// does not change. Errors: identity.ErrUnknown, identity.ErrCustomer, and that of keep.
func (t *Table) Split(s identity.Split, keep func(identity.Bonds) error) (identity.Parted, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	parted, err := t.graph.Split(s, keep)
	t.commit()
	return parted, err
}

// Rebind applies a change that Split returned, when the log is replayed. It reports whether persons changed.
func (t *Table) Rebind(b identity.Bonds) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.graph.Rebind(b)
	return t.commit()
}

// Remove removes the person of the anchor with all identities and links, and all earlier versions of the table. Other persons do not change: a hub
// stays a hub although it has one link less. It reports whether the anchor was known.
func (t *Table) Remove(a event.Anchor) bool { return t.erase(a, t.graph.Remove) }

// RemoveOne removes one identity with its links, and all earlier versions of the table. What belonged to its person only through it stays with the
// remaining identities and never joins somebody else. Nobody else changes. It reports whether the identity was known.
func (t *Table) RemoveOne(a event.Anchor) bool { return t.erase(a, t.graph.RemoveOne) }

func (t *Table) erase(a event.Anchor, remove func(event.Anchor) bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !remove(a) {
		return false
	}
	t.history.Forget()
	return true
}

// WithoutOne returns the new persons of all identifiers whose person RemoveOne would change. It changes nothing.
func (t *Table) WithoutOne(a event.Anchor) map[event.Anchor]event.Anchor {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.graph.WithoutOne(a)
}
