// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package embedded is the store in one process on one volume: a log that makes appends durable, sorted Parquet files that it
// becomes, and DuckDB as the engine over both. docs/store.md tells the formats and what holds after a crash.
package embedded

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/results"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
	"github.com/journeyman-dev/journeyman/internal/version"
)

var errClosed = unavailable("the store is closed")

// ErrLocked says that another process has the store open.
var ErrLocked = volume.ErrLocked

// Store is an open store. Locks are taken in the order maintenance, commit, state.
type Store struct {
	options Options
	volume  *volume.Volume
	db      *duck.DB
	files   *rewrite.Files

	// closing is held for reading while something enters the store.
	closing sync.RWMutex
	closed  bool
	queue   chan *pending
	wait    sync.WaitGroup

	pendingBytes atomic.Int64

	// maintenance is held by whatever changes sorted files.
	maintenance sync.Mutex
	kicks       chan struct{}
	stop        context.CancelFunc

	// commitMu is held while a group is written, and while the log is cut.
	commitMu sync.Mutex
	log      *wal.Log
	// accepted tells that damage of the log was accepted at this opening.
	accepted   bool
	keys       *dedup.Index
	tombstones *tombstones

	// mu guards what scans and State see. Writers hold commitMu too, so that a holder of that may read without mu.
	mu       sync.RWMutex
	seq      int64
	manifest *manifest
	sources  sources
	memtable *memtable.Table
	people   *identity.Table
	readers  readers
	// parts are the sorted files of the manifest, in its order.
	parts    []*part.Part
	overlays *part.Overlays

	results *results.Results
}

var _ store.Store = (*Store)(nil)

// Open a store. It reads the log, so that everything that was acknowledged is there. A second opening, by whatever process, gives
// ErrLocked. A store whose log is damaged opens for reading: Health.ReadOnly says what is wrong.
func Open(o Options) (*Store, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	v, err := volume.Open(o.FS, o.Dir, o.MinFree, o.Logger)
	if err != nil {
		return nil, err
	}
	s := &Store{
		options: o, volume: v, queue: make(chan *pending, maxGroup), kicks: make(chan struct{}, 1),
		overlays: part.NewOverlays(o.MemoryLimit / overlayShare),
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.release())
	}
	s.start()
	if s.accepted {
		// Sorting puts the damaged segments aside, so that they are not met again.
		if err := s.Compact(context.Background()); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func (s *Store) start() {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.wait.Add(2)
	go s.runCommits()
	go s.runMaintenance(ctx)
}

// Close ends the store after the appends that it has taken.
func (s *Store) Close() error {
	s.closing.Lock()
	if s.closed {
		s.closing.Unlock()
		return nil
	}
	s.closed = true
	close(s.queue)
	s.closing.Unlock()
	s.stop()
	s.wait.Wait()
	// Scans that are still open end now.
	s.readers.endAll()
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	return errors.Join(s.log.Close(), s.release())
}

// release gives back what Open took.
func (s *Store) release() error {
	var err error
	if s.keys != nil {
		err = s.keys.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
	return errors.Join(err, s.volume.Close())
}

// enter keeps the store from being closed until leave is called.
func (s *Store) enter() (leave func(), err error) {
	s.closing.RLock()
	if s.closed {
		s.closing.RUnlock()
		return nil, errClosed
	}
	return s.closing.RUnlock, nil
}

// State of the store and its sources.
func (s *Store) State(context.Context) (store.State, error) {
	free, full, err := s.volume.Free()
	if err != nil {
		return store.State{}, unavailable(err.Error())
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	people := s.people.Stats()
	h := store.Health{
		Snapshot: store.Snapshot{Seq: s.seq, IdentityVersion: s.people.Version()},
		Persons:  people.Persons, Hubs: people.Hubs, RefusedMerges: people.RefusedMerges, RefusedPublic: people.RefusedPublic,
		Identities: people.Identifiers, IdentityLinks: people.Links, IdentityLimit: s.options.MaxIdentities,
		Events:    s.memtable.Rows(),
		FreeBytes: free, ReadOnly: s.volume.Fault(), TailBytes: s.memtable.Bytes(), UsedBytes: s.memtable.Bytes(),
		ID: s.volume.ID(), Files: int64(len(s.manifest.Files)), FormatVersion: formatVersion, Version: version.Version,
	}
	if h.ReadOnly == "" && full {
		h.ReadOnly = "full"
	}
	for _, f := range s.manifest.Files {
		h.Events += f.Rows
		h.UsedBytes += f.Bytes
	}
	for _, k := range s.manifest.Keys {
		h.UsedBytes += k.Bytes()
	}
	h.UsedBytes += s.results.Bytes()
	state := store.State{Health: h}
	shares := s.sources.shares(s.options.MaxIdentities)
	for _, m := range s.sources.list() {
		if m.State.Public {
			m.State.IdentityShare = shares.Share(m.State.Name)
		}
		state.Sources = append(state.Sources, m.State)
	}
	return state, nil
}
