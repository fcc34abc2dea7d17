// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/statements"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// Load is a committed load in the manifest.
type Load struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Import string `json:"import,omitempty"`
	// Replaces is what the load has removed; nil for nothing.
	Replaces *store.RemoveRequest `json:"replaces,omitempty"`
	// Parts and Received are the numbers of parts and events that were sent.
	Parts    int64        `json:"parts"`
	Received int64        `json:"received"`
	Loaded   store.Loaded `json:"loaded"`
	// Change of the source that the sources of the manifest do not have yet, because its seq is before the load. The log has a commit without events in its
	// place; when the log is replayed, this and the files of the load are applied there.
	Change *LoadChange `json:"change,omitempty"`
}

// LoadChange is what a load changes of its source, besides the numbers in its result.
type LoadChange struct {
	At       int64          `json:"at"`
	Trust    *store.Trust   `json:"trust,omitempty"`
	Counters store.Counters `json:"counters"`
	// Times of the events, without future ones.
	Times store.Times `json:"times"`
}

// Committed returns a committed load, or nil.
func (m *Manifest) Committed(id string) *Load {
	for i := range m.Loads {
		if m.Loads[i].ID == id {
			return &m.Loads[i]
		}
	}
	return nil
}

// State returns the progress of a committed load.
func (l *Load) State() store.LoadState {
	loaded := l.Loaded
	return store.LoadState{
		ID: l.ID, Source: l.Source, Import: l.Import, Replaces: l.Replaces, Step: store.LoadCommitted, Next: l.Parts, Events: l.Received,
		Sorted: loaded.Events, Loaded: &loaded,
	}
}

// AddLoad adds a load, and forgets the oldest results.
func (m *Manifest) AddLoad(l Load) {
	m.Loads = append(slices.Clone(m.Loads[max(0, len(m.Loads)+1-store.MaxLoadResults):]), l)
}

// SettleLoads drops the changes that the sources of the manifest have.
func (m *Manifest) SettleLoads() {
	m.Loads = slices.Clone(m.Loads)
	for i := range m.Loads {
		if m.Loads[i].Loaded.Seq <= m.Seq {
			m.Loads[i].Change = nil
		}
	}
}

// loadAt returns the load of a commit whose change is not in the sources yet, or nil.
func (m *Manifest) loadAt(seq int64) *Load {
	for i := range m.Loads {
		if l := &m.Loads[i]; l.Change != nil && l.Loaded.Seq == seq {
			return l
		}
	}
	return nil
}

// commit is the commit of the load, without events.
func (l *Load) commit() *wal.Commit {
	return &wal.Commit{
		Seq: l.Loaded.Seq, At: l.Change.At, Source: l.Source, Counters: l.Change.Counters, Trust: l.Change.Trust, Import: l.Import,
		Answer: store.Appended{Seq: l.Loaded.Seq, Duplicates: l.Loaded.Duplicates, Expired: l.Loaded.Expired, Erased: l.Loaded.Erased},
	}
}

// AdoptLoad makes a written load visible to readers atomically. before is the removal of what it replaces, or nil; commits are those of the log, with
// that many bytes.
func (c *Catalog) AdoptLoad(m *Manifest, l *Load, set *statements.Set, before *Removal, commits []*wal.Commit, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if before != nil {
		before.Identities = before.People.Apply(commits[0].Seq)
	}
	c.manifest = m
	for _, p := range c.setParts() {
		c.readers.retire(p.Name, m.Number)
	}
	if before != nil {
		c.apply(commits[0], 0)
		c.removed(before)
	}
	c.applyLoad(l, set, bytes)
}

// applyLoad applies the commit of a load. The caller holds the lock.
func (c *Catalog) applyLoad(l *Load, set *statements.Set, bytes int64) {
	commit := l.commit()
	c.sources.applyStored(commit, l.Loaded.Events)
	source, before := c.sources[l.Source], c.people.Entries()
	if times := l.Change.Times; times.Any {
		for _, t := range []int64{times.Oldest, times.Newest} {
			source.State.Seen(&event.Event{Time: t})
		}
	}
	c.people.AddEach(commit.Seq, identity.Source{Name: l.Source, Public: source.State.Public}, set.Edges())
	source.State.NewIdentities += c.people.Entries() - before
	c.memtable.Add(commit.Seq, nil, nil, bytes)
	c.seq = commit.Seq
}

// replayLoad applies a load when the log is replayed. What its events state is read from its files.
func (c *Catalog) replayLoad(l *Load, bytes int64) error {
	set := statements.NewSet(0)
	for _, p := range c.Parts() {
		if p.Commit != l.Loaded.Seq {
			continue
		}
		if err := set.Read(p, nil); err != nil {
			return err
		}
	}
	set.Sort()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.applyLoad(l, set, bytes)
	return nil
}

// Policy returns the identity policy.
func (c *Catalog) Policy() identity.Policy { return c.options.Identity }

// MaxIdentities returns the limit of identities and links; 0 for none.
func (c *Catalog) MaxIdentities() int64 { return c.options.MaxIdentities }

// Load returns the state of a committed load, or nil.
func (c *Catalog) Load(id string) *store.LoadState {
	if l := c.Manifest().Committed(id); l != nil {
		state := l.State()
		return &state
	}
	return nil
}
