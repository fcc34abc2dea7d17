// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package embedded is the store in one process on one volume: a log that makes appends durable, and sorted Parquet files that it is flushed into.
// docs/store.md describes the formats and the guarantees after a crash.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/compact"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/load"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/results"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
	"github.com/journeyman-dev/journeyman/internal/version"
)

// ErrLocked means that another process has the store open.
var ErrLocked = volume.ErrLocked

// Store is an open store. Locks are taken in the order compactor, writer, catalog.
type Store struct {
	options   Options
	volume    *volume.Volume
	sorts     *extsort.Pool
	catalog   *catalog.Catalog
	writer    *writer.Writer
	compactor *compact.Compactor
	results   *results.Results
	loads     *load.Loads

	// closing is held for reading while a call is in the store.
	closing sync.RWMutex
	closed  bool

	// stop ends the compactor's loop and waits for it.
	stop func()
	// open ends when the store begins to close.
	open       context.Context //nolint:containedctx // it is the store's life, not a call's
	beginClose context.CancelFunc
}

var _ store.Store = (*Store)(nil)

// Open opens a store. It reads the log, so that everything that was acknowledged is there. If any process has the store open, it returns ErrLocked. A
// store with a damaged log opens read-only; Health.ReadOnly has the reason.
func Open(o Options) (*Store, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	v, err := volume.Open(o.FS, o.Dir, o.MinFree, o.Logger)
	if err != nil {
		return nil, err
	}
	s := &Store{options: o, volume: v}
	s.open, s.beginClose = context.WithCancel(context.Background())
	full := make(chan struct{}, 1)
	accepted, err := s.load(full)
	if err != nil {
		return nil, errors.Join(err, s.release())
	}
	s.start(full)
	if accepted {
		// The flush moves the damaged segments to the quarantine, so that they are not read again.
		if err := s.Compact(context.Background()); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// start starts the compactor's loop.
func (s *Store) start(full <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.compactor.Run(ctx, full)
	}()
	s.stop = func() {
		cancel()
		<-stopped
	}
}

// Close closes the store after the appends that it has accepted.
func (s *Store) Close() error {
	s.beginClose()
	s.closing.Lock()
	if s.closed {
		s.closing.Unlock()
		return nil
	}
	s.closed = true
	s.closing.Unlock()
	s.stop()
	return s.release()
}

// release releases what Open acquired.
func (s *Store) release() error {
	var err error
	if s.writer != nil {
		s.writer.Stop()
		// Open scans end now.
		s.catalog.EndReaders(writer.ErrClosed)
		err = s.writer.Close()
	}
	if s.loads != nil {
		err = errors.Join(err, s.loads.Close())
	}
	return errors.Join(err, s.volume.Close())
}

// enter prevents the store from being closed until leave is called.
func (s *Store) enter() (leave func(), err error) {
	s.closing.RLock()
	if s.closed {
		s.closing.RUnlock()
		return nil, writer.ErrClosed
	}
	return s.closing.RUnlock, nil
}

func unavailable(why string) error { return fmt.Errorf("%w: %s", store.ErrUnavailable, why) }

// Append returns once the batch is on disk. Concurrent appends share one write and one sync.
func (s *Store) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	return s.writer.Append(ctx, b)
}

// Cursors returns the cursors of a pull source.
func (s *Store) Cursors(_ context.Context, source string) (store.Cursors, error) {
	return s.catalog.Cursors(source), nil
}

// State returns the state of the store and its sources.
func (s *Store) State(context.Context) (store.State, error) {
	free, full, err := s.volume.Free()
	if err != nil {
		return store.State{}, unavailable(err.Error())
	}
	state := s.catalog.State(s.options.Clock())
	h := &state.Health
	h.FreeBytes, h.ReadOnly, h.ID, h.Version = free, s.volume.Fault(), s.volume.ID(), version.Version
	if h.ReadOnly == "" && full {
		h.ReadOnly = "full"
	}
	h.UsedBytes += s.results.Bytes()
	h.CorruptResults = s.results.Corrupt()
	return state, nil
}
