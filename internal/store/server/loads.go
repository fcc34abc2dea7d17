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
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// loadCalls are the calls that change loads. A sender shows the secret of the load.
type loadCalls struct {
	*Server
	// admin is set for administrators, who need no secret, and can remove events.
	admin bool
}

// ref returns the load that a call is about.
func (s loadCalls) ref(r *http.Request, id string) store.LoadRef {
	return store.LoadRef{ID: id, Secret: r.Header.Get(wire.HeaderLoadSecret), Admin: s.admin}
}

func (s loadCalls) begin(w http.ResponseWriter, r *http.Request) error {
	var request store.LoadRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	if request.Replaces != nil && !s.admin {
		return fmt.Errorf("%w: load %q replaces events, which needs the admin key", store.ErrUnauthorized, request.ID)
	}
	request.Secret = r.Header.Get(wire.HeaderLoadSecret)
	state, err := s.opts.Store.BeginLoad(r.Context(), request)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, state)
	return nil
}

// part reads a part as append reads a batch.
func (s loadCalls) part(w http.ResponseWriter, r *http.Request) error {
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
		return s.opts.Store.LoadPart(r.Context(), s.ref(r, query.Get("id")), part, events)
	})
}

func (s loadCalls) commit(w http.ResponseWriter, r *http.Request) error {
	var request store.LoadCommit
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	ref := s.ref(r, request.ID)
	request.Secret, request.Admin = ref.Secret, ref.Admin
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

func (s loadCalls) end(w http.ResponseWriter, r *http.Request) error {
	if err := s.opts.Store.EndLoad(r.Context(), s.ref(r, r.URL.Query().Get("id"))); err != nil {
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
func (r *Reopening) LoadPart(ctx context.Context, ref store.LoadRef, part int64, events []event.Event) (store.LoadState, error) {
	return with(r, func(s store.Store) (store.LoadState, error) { return s.LoadPart(ctx, ref, part, events) })
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
func (r *Reopening) EndLoad(ctx context.Context, ref store.LoadRef) error {
	_, err := with(r, func(s store.Store) (struct{}, error) { return struct{}{}, s.EndLoad(ctx, ref) })
	return err
}
