// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package embedded is the store in one process on one volume: a log that makes appends durable, and sorted Parquet files that it
// becomes. docs/store.md describes the formats and the guarantees after a crash.
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
	"github.com/journeyman-dev/journeyman/internal/store/embedded/results"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
	"github.com/journeyman-dev/journeyman/internal/version"
)

// ErrLocked says that another process has the store open.
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

	// closing is held for reading while something enters the store.
	closing sync.RWMutex
	closed  bool

	// stop ends the compactor's loop, and waits until it has ended.
	stop func()
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
	s := &Store{options: o, volume: v}
	full := make(chan struct{}, 1)
	accepted, err := s.load(full)
	if err != nil {
		return nil, errors.Join(err, s.release())
	}
	s.start(full)
	if accepted {
		// Sorting puts the damaged segments aside, so that they are not met again.
		if err := s.Compact(context.Background()); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// start the compactor's loop.
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

// Close ends the store after the appends that it has taken.
func (s *Store) Close() error {
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

// release returns back what Open took.
func (s *Store) release() error {
	var err error
	if s.writer != nil {
		s.writer.Stop()
		// Scans that are still open end now.
		s.catalog.EndReaders(writer.ErrClosed)
		err = s.writer.Close()
	}
	return errors.Join(err, s.volume.Close())
}

// enter keeps the store from being closed until leave is called.
func (s *Store) enter() (leave func(), err error) {
	s.closing.RLock()
	if s.closed {
		s.closing.RUnlock()
		return nil, writer.ErrClosed
	}
	return s.closing.RUnlock, nil
}

func unavailable(why string) error { return fmt.Errorf("%w: %s", store.ErrUnavailable, why) }

// Append returns when the batch is on the disk. Appends that come at the same time share one write and one sync.
func (s *Store) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	return s.writer.Append(ctx, b)
}

// Cursors of a pull source.
func (s *Store) Cursors(_ context.Context, source string) (store.Cursors, error) {
	return s.catalog.Cursors(source), nil
}

// State of the store and its sources.
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
	return state, nil
}
