// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package persons is the versioned table of persons, for many goroutines: it wires the graph of who is one person, the history of its versions and
// the form on disk, under one lock.
package persons

import (
	"sync"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/graph"
	"github.com/journeyman-dev/journeyman/internal/identity/history"
)

// Table is the versioned table of persons. Its methods may be called at the same time from many goroutines.
type Table struct {
	mu      sync.RWMutex
	graph   *graph.Graph
	history *history.History
}

// New returns an empty table at version 1.
func New(p identity.Policy) *Table { return &Table{graph: graph.New(p), history: history.New()} }

// Add takes the links of a commit, and reports whether persons changed, so that there is a new version. Commits come in the order of seq;
// one that the table has already is left out, so that a log may be read again. Where the source is known with another trust, that
// changes for all its links.
func (t *Table) Add(seq int64, from identity.Source, edges []identity.Edge) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seq <= t.history.Seq() {
		return false
	}
	t.history.Reach(seq)
	t.graph.Add(from, edges)
	return t.commit()
}

// SetPolicy changes the policy and computes all persons again. It reports whether that changed any, so that there is a new version.
func (t *Table) SetPolicy(p identity.Policy) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.graph.SetPolicy(p)
	return t.commit()
}

// commit makes a version of the persons that a call has changed, and reports whether it has changed any.
func (t *Table) commit() bool {
	t.graph.Changes(t.history.Move)
	return t.history.Commit()
}

// Split takes an identity apart from others for good; see identity.Split for whom. keep makes the change durable before anybody sees it; when it
// fails the table is as before. Errors: identity.ErrUnknown, identity.ErrCustomer, and that of keep.
func (t *Table) Split(s identity.Split, keep func(identity.Bonds) error) (identity.Parted, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	parted, err := t.graph.Split(s, keep)
	t.commit()
	return parted, err
}

// Rebind makes a change of pairs again that Split told of, as the log does for links. It reports whether persons changed.
func (t *Table) Rebind(b identity.Bonds) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.graph.Rebind(b)
	return t.commit()
}

// Remove forgets the person of the anchor with all identities and links, and all earlier versions of the table. Other persons
// stay as they are: a hub stays one although it has a link less. It reports whether the anchor was known.
func (t *Table) Remove(a event.Anchor) bool { return t.erase(a, t.graph.Remove) }

// RemoveOne forgets one identity with its links, and all earlier versions of the table. What belonged to its person through it falls back to
// what remains, never to somebody else. Everybody else stays as they are. It reports whether the identity was known.
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

// WithoutOne returns the persons of those whose person RemoveOne would change; nothing changes now.
func (t *Table) WithoutOne(a event.Anchor) map[event.Anchor]event.Anchor {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.graph.WithoutOne(a)
}
