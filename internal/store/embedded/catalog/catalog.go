// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package catalog is the current content of the store: the manifest, the parts that it names, the memtable, the sources and the persons. What has to
// be seen together changes under one lock, and readers take snapshots of it.
package catalog

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// Options of a catalog.
type Options struct {
	// Identity policy; a changed one takes effect once the log was replayed.
	Identity identity.Policy
	// MaxIdentities is what sources share between them; no limit when 0.
	MaxIdentities int64
	// OverlayBytes are taken by the overlays of all parts at most.
	OverlayBytes int64
	// AcceptDamage puts damaged parts aside.
	AcceptDamage bool
	Logger       *slog.Logger
}

// Catalog of a store. Any goroutine may use it; what changes it is called by one at a time, the writer.
type Catalog struct {
	options  Options
	volume   *volume.Volume
	people   *persons.Table
	memtable *memtable.Table
	overlays *part.Overlays
	readers  readers
	// splits of the manifest that the replay of the log has not come to yet.
	splits []Split

	mu       sync.RWMutex
	seq      int64
	manifest *Manifest
	// parts are those of the manifest, in its order.
	parts   []*part.Part
	sources sources
}

// Snapshot is what a reader sees: the parts of one manifest and the runs of the memtable, which do not change, with the persons of one version.
type Snapshot struct {
	store.Snapshot

	Parts []*part.Part
	Runs  []*run.Run
	View  *identity.View
}

// Acquire fixes what a reader will see of the request, and keeps its parts on the volume until Release is called.
func (c *Catalog) Acquire(r Reader, q store.ScanRequest) (Snapshot, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := q.Check(c.seq); err != nil {
		return Snapshot{}, err
	}
	if q.AsOfSeq == 0 {
		q.AsOfSeq = c.seq
	}
	if q.IdentityVersion == 0 {
		v, err := c.people.VersionAt(q.AsOfSeq)
		if err != nil {
			return Snapshot{}, fmt.Errorf("%w: seq %d: %w", store.ErrSnapshotGone, q.AsOfSeq, err)
		}
		q.IdentityVersion = v
	}
	view, err := c.people.View(q.IdentityVersion)
	if err != nil {
		return Snapshot{}, fmt.Errorf("%w: identity version %d: %w", store.ErrSnapshotGone, q.IdentityVersion, err)
	}
	c.readers.begin(r, c.manifest.Number)
	return Snapshot{
		Snapshot: store.Snapshot{Seq: q.AsOfSeq, IdentityVersion: view.Version()},
		Parts:    c.parts, Runs: c.memtable.Runs(q.AsOfSeq), View: view,
	}, nil
}

// Release lets a reader go, and removes the parts that were kept for it alone.
func (c *Catalog) Release(r Reader) error {
	c.readers.end(r)
	return c.RemoveUnread()
}

// RemoveUnread unlinks the parts that no manifest names and nobody reads.
func (c *Catalog) RemoveUnread() error {
	c.mu.Lock() // Nobody acquires the manifest meanwhile.
	names := c.readers.unread()
	c.mu.Unlock()
	var err error
	for _, name := range names {
		err = errors.Join(err, c.volume.RemoveIfThere(c.volume.Path(volume.Data, name)))
	}
	return err
}

// Apply lets readers see commits, which take so many bytes of the log.
func (c *Catalog) Apply(commits []*wal.Commit, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, commit := range commits {
		c.apply(commit, bytes/int64(len(commits)))
	}
}

func (c *Catalog) apply(commit *wal.Commit, bytes int64) {
	edges := make([]identity.Edge, 0, len(commit.Events))
	for i := range commit.Events {
		edges = append(edges, identity.EdgesOf(&commit.Events[i])...)
	}
	c.sources.apply(commit)
	source, before := &c.sources[commit.Source].State, c.people.Entries()
	c.people.Add(commit.Seq, identity.Source{Name: commit.Source, Public: source.Public}, edges)
	source.NewIdentities += c.people.Entries() - before
	c.memtable.Add(commit.Seq, commit.Events, commit.Indexes, bytes)
	c.seq = commit.Seq
}

// Write makes a manifest the current one on the volume. After an error nobody knows which one is.
func (c *Catalog) Write(m *Manifest) error {
	if err := c.volume.CheckEpoch(); err != nil {
		return err
	}
	return m.write(c.volume)
}

// Adopt lets readers see a manifest that was written. What was cut off the memtable, up to a commit and with so many bytes of the log, is in the
// parts of it; 0 when nothing was.
func (c *Catalog) Adopt(m *Manifest, upTo, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.manifest = m
	for _, p := range c.setParts() {
		c.readers.retire(p.Name, m.Number)
	}
	c.memtable.Drop(upTo, bytes)
}

// setParts makes the parts those of the manifest, and gives those that it does not name any more. The lock is held.
func (c *Catalog) setParts() (gone []*part.Part) {
	known := make(map[string]*part.Part, len(c.parts))
	for _, p := range c.parts {
		known[p.Name] = p
	}
	parts := make([]*part.Part, len(c.manifest.Files))
	for i, m := range c.manifest.Files {
		if parts[i] = known[m.Name]; parts[i] == nil {
			parts[i] = part.New(c.volume, m, c.people, c.overlays)
		}
		delete(known, m.Name)
	}
	c.parts = parts
	for _, p := range known {
		p.Forget()
		gone = append(gone, p)
	}
	return gone
}

// Manifest is the current one. It does not change; Change gives a copy that may.
func (c *Catalog) Manifest() *Manifest {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.manifest
}

// Change returns the manifest that comes next, to work on.
func (c *Catalog) Change() *Manifest {
	m := *c.Manifest()
	m.Number++
	m.Files = slices.Clone(m.Files)
	return &m
}

// Seq of the newest commit.
func (c *Catalog) Seq() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.seq
}

// Parts that the manifest names.
func (c *Catalog) Parts() []*part.Part {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.parts
}

// People is the identity table.
func (c *Catalog) People() *persons.Table { return c.people }

// Memtable has what is in no part.
func (c *Catalog) Memtable() *memtable.Table { return c.memtable }

// Overlays are shared by the parts.
func (c *Catalog) Overlays() *part.Overlays { return c.overlays }
