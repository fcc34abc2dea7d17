// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/load"
)

// BeginLoad begins a load, or returns the state of the one with its ID.
func (s *Store) BeginLoad(_ context.Context, r store.LoadRequest) (store.LoadState, error) {
	if err := r.Check(); err != nil {
		return store.LoadState{}, err
	}
	return inside(s, func() (store.LoadState, error) {
		if state := s.catalog.Load(r.ID); state != nil {
			return *state, r.Same(state)
		}
		if r.Replaces != nil {
			if err := s.compactor.CheckRemoval(r.Replaces); err != nil {
				return store.LoadState{}, err
			}
		}
		begun, err := s.loads.Begin(r)
		if state := s.catalog.Load(r.ID); err == nil && state != nil {
			// It was committed after the first look at the catalog. What has begun now would stay until it is idle for too long.
			return *state, errors.Join(s.loads.End(r.Ref()), r.Same(state))
		}
		return begun, err
	})
}

// LoadPart adds events to a load.
func (s *Store) LoadPart(_ context.Context, ref store.LoadRef, part int64, events []event.Event) (store.LoadState, error) {
	return inside(s, func() (store.LoadState, error) {
		if state := s.catalog.Load(ref.ID); state != nil {
			_, err := state.CheckPart(part, events)
			return *state, err
		}
		return s.loads.Part(ref, part, events)
	})
}

// CommitLoad commits a load. It continues if the caller's context ends, but not if the store is closed. Only the commit keeps the store open: a caller
// that waits for it would wait for a store that is being closed.
func (s *Store) CommitLoad(ctx context.Context, c store.LoadCommit) (store.Loaded, error) {
	if state := s.catalog.Load(c.ID); state != nil {
		return *state.Loaded, nil
	}
	err := s.loads.Commit(ctx, c, func(ctx context.Context, l *load.Load) error {
		leave, err := s.enter()
		if err != nil {
			return err
		}
		defer leave()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.open, cancel)()
		return s.compactor.CommitLoad(ctx, l, c.Counters)
	})
	// The load can be committed despite an error: a temporary file cannot be removed, or another call has committed it in the meantime.
	if state := s.catalog.Load(c.ID); state != nil {
		if err != nil {
			s.options.Logger.Warn("a load is committed, with an error afterwards", "load", c.ID, "error", err)
		}
		return *state.Loaded, nil
	}
	return store.Loaded{}, err
}

// Load returns the progress of a load.
func (s *Store) Load(_ context.Context, id string) (store.LoadState, error) {
	if state := s.catalog.Load(id); state != nil {
		return *state, nil
	}
	if l := s.loads.Find(id); l != nil {
		return l.State(), nil
	}
	if state := s.catalog.Load(id); state != nil { // It was committed in the meantime.
		return *state, nil
	}
	return store.LoadState{}, store.LoadGone(id)
}

// EndLoad drops a load that is not being committed.
func (s *Store) EndLoad(_ context.Context, ref store.LoadRef) error {
	_, err := inside(s, func() (struct{}, error) { return struct{}{}, s.loads.End(ref) })
	return err
}
