// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// beginLoad begins a load of a sender. What removes events is a call of an administrator.
func (s *Server) beginLoad(w http.ResponseWriter, r *http.Request) error {
	return s.begin(w, r, func(q *store.LoadRequest) error {
		if q.Replaces != nil {
			return fmt.Errorf("%w: load %q replaces events, which needs the admin key", store.ErrUnauthorized, q.ID)
		}
		return nil
	})
}

// beginAnyLoad begins a load of an administrator.
func (s *Server) beginAnyLoad(w http.ResponseWriter, r *http.Request) error {
	return s.begin(w, r, func(*store.LoadRequest) error { return nil })
}

func (s *Server) begin(w http.ResponseWriter, r *http.Request, allow func(*store.LoadRequest) error) error {
	var request store.LoadRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	if err := allow(&request); err != nil {
		return err
	}
	state, err := s.opts.Store.BeginLoad(r.Context(), request)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, state)
	return nil
}

// loadPart reads a part as append reads a batch.
func (s *Server) loadPart(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	part, err := strconv.ParseInt(query.Get("part"), 10, 64)
	if err != nil {
		return fmt.Errorf("%w: part %q is not a number from 0 on", store.ErrInvalid, query.Get("part"))
	}
	return s.batch(w, r, func(b store.Batch, _ int64) (any, error) {
		events := b.Events
		if b.Events = nil; !b.Empty() || b.Import != "" {
			return nil, fmt.Errorf("%w: part %d of load %q has more than events. Set import and trust when the load begins, and counters when it is "+
				"committed", store.ErrInvalid, part, query.Get("id"))
		}
		return s.opts.Store.LoadPart(r.Context(), query.Get("id"), part, events)
	})
}

func (s *Server) commitLoad(w http.ResponseWriter, r *http.Request) error {
	var request store.LoadCommit
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	loaded, err := s.opts.Store.CommitLoad(r.Context(), request)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, loaded)
	return nil
}

func (s *Server) load(w http.ResponseWriter, r *http.Request) error {
	state, err := s.opts.Store.Load(r.Context(), r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, state)
	return nil
}

func (s *Server) endLoad(w http.ResponseWriter, r *http.Request) error {
	if err := s.opts.Store.EndLoad(r.Context(), r.URL.Query().Get("id")); err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, struct{}{})
	return nil
}

// BeginLoad as the store does.
func (r *Reopening) BeginLoad(ctx context.Context, q store.LoadRequest) (store.LoadState, error) {
	return with(r, func(s store.Store) (store.LoadState, error) { return s.BeginLoad(ctx, q) })
}

// LoadPart as the store does.
func (r *Reopening) LoadPart(ctx context.Context, id string, part int64, events []event.Event) (store.LoadState, error) {
	return with(r, func(s store.Store) (store.LoadState, error) { return s.LoadPart(ctx, id, part, events) })
}

// CommitLoad as the store does.
func (r *Reopening) CommitLoad(ctx context.Context, c store.LoadCommit) (store.Loaded, error) {
	return with(r, func(s store.Store) (store.Loaded, error) { return s.CommitLoad(ctx, c) })
}

// Load as the store does.
func (r *Reopening) Load(ctx context.Context, id string) (store.LoadState, error) {
	return with(r, func(s store.Store) (store.LoadState, error) { return s.Load(ctx, id) })
}

// EndLoad as the store does.
func (r *Reopening) EndLoad(ctx context.Context, id string) error {
	_, err := with(r, func(s store.Store) (struct{}, error) { return struct{}{}, s.EndLoad(ctx, id) })
	return err
}
