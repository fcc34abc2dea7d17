// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package catalog is the current state of the store: the manifest, its parts, the memtable, the sources and the persons. State that has to be
// consistent changes under one lock, and readers take snapshots of it.
package catalog

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

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
	// Identity policy. A changed one takes effect once the log was replayed.
	Identity identity.Policy
	// MaxIdentities is the number of identities that the sources share; 0 for no limit.
	MaxIdentities int64
	// OverlayBytes limits the overlays of all parts together.
	OverlayBytes int64
	// AcceptDamage moves damaged parts to the quarantine.
	AcceptDamage bool
	// Clock that ends pins.
	Clock  func() time.Time
	Logger *slog.Logger
}

// Catalog is the catalog of a store. It is safe for concurrent use. The methods that change it are only called by one goroutine at a time, the writer.
type Catalog struct {
	options  Options
	volume   *volume.Volume
	people   *persons.Table
	memtable *memtable.Table
	overlays *part.Overlays
	readers  readers
	pinned   pinned
	// splits of the manifest that the replay of the log has not reached yet.
	splits []Split

	mu       sync.RWMutex
	seq      int64
	manifest *Manifest
	// parts of the manifest, in its order
	parts []*part.Part
	// held are the parts that are held for pins, in the order of the manifest
	held    []*part.Part
	sources sources
}

// Snapshot is the state that a reader reads: the parts of one manifest and the runs of the memtable, which are immutable, and the persons of one version.
type Snapshot struct {
	store.Snapshot

	Parts []*part.Part
	Runs  []*run.Run
	View  *identity.View
}

// Acquire takes a snapshot for a request, and keeps its parts on the volume until Release is called.
func (c *Catalog) Acquire(r Reader, q store.ScanRequest) (Snapshot, error) {
	if q.Pin != "" {
		return c.acquirePinned(r, q)
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if err := q.Check(c.seq); err != nil {
		return Snapshot{}, err
	}
	if q.AsOfSeq == 0 {
		q.AsOfSeq = c.seq
	}
	// After damage of the log, the commit of the removal itself can be lost.
	if err := store.CheckFloor(q.AsOfSeq, min(c.manifest.Floor, c.seq)); err != nil {
		return Snapshot{}, err
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

// Release releases the snapshot of a reader, and removes the parts that were kept only for it.
func (c *Catalog) Release(r Reader) error {
	c.readers.end(r)
	return c.RemoveUnread()
}

// RemoveUnread unlinks the parts that no manifest names and no reader reads.
func (c *Catalog) RemoveUnread() error {
	c.mu.Lock() // Nobody acquires the manifest in between.
	names := c.readers.unread()
	c.mu.Unlock()
	var err error
	for _, name := range names {
		err = errors.Join(err, c.volume.RemoveIfThere(c.volume.Path(volume.Data, name)))
	}
	return err
}

// Apply makes commits visible to readers. bytes is their size in the log.
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

// Write makes a manifest the current one on the volume. After an error it is unknown which one is.
func (c *Catalog) Write(m *Manifest) error {
	if err := c.volume.CheckEpoch(); err != nil {
		return err
	}
	return m.write(c.volume)
}

// Adopt makes a written manifest visible to readers. Its parts contain what was cut off the memtable, up to a commit and with that many bytes of the
// log; 0 if nothing was.
func (c *Catalog) Adopt(m *Manifest, upTo, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.manifest = m
	for _, p := range c.setParts() {
		c.readers.retire(p.Name, m.Number)
	}
	c.memtable.Drop(upTo, bytes)
}

// setParts sets the parts to those of the manifest, and returns those that it no longer names. The caller holds the lock.
func (c *Catalog) setParts() (gone []*part.Part) {
	known := make(map[string]*part.Part, len(c.parts)+len(c.held))
	for _, p := range slices.Concat(c.parts, c.held) {
		known[p.Name] = p
	}
	take := func(m part.Meta) *part.Part {
		p := known[m.Name]
		if p == nil {
			p = part.New(c.volume, m, c.people, c.overlays)
		}
		delete(known, m.Name)
		return p
	}
	parts, held := make([]*part.Part, len(c.manifest.Files)), make([]*part.Part, len(c.manifest.Held))
	for i, m := range c.manifest.Files {
		parts[i] = take(m)
	}
	for i := range c.manifest.Held {
		held[i] = take(c.manifest.Held[i].Meta)
	}
	c.parts, c.held = parts, held
	for _, p := range known {
		p.Forget()
		gone = append(gone, p)
	}
	return gone
}

// Manifest returns the current manifest. It is immutable; Change returns a copy.
func (c *Catalog) Manifest() *Manifest {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.manifest
}

// Change returns a copy of the manifest for the next one.
func (c *Catalog) Change() *Manifest {
	m := *c.Manifest()
	m.Number++
	m.Files = slices.Clone(m.Files)
	return &m
}

// Seq returns the seq of the latest commit.
func (c *Catalog) Seq() int64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.seq
}

// Parts returns the parts of the manifest.
func (c *Catalog) Parts() []*part.Part {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.parts
}

// People returns the identity table.
func (c *Catalog) People() *persons.Table { return c.people }

// Memtable returns the events that are in no part.
func (c *Catalog) Memtable() *memtable.Table { return c.memtable }

// Overlays returns the limits that the parts share.
func (c *Catalog) Overlays() *part.Overlays { return c.overlays }
