// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *Server) planRemoval(w http.ResponseWriter, r *http.Request) error {
	var request store.RemoveRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	plan, err := s.opts.Store.PlanRemoval(r.Context(), request)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, plan)
	return nil
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) error {
	var request store.RemoveRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	removed, err := s.opts.Store.Remove(r.Context(), request)
	if err != nil {
		return err
	}
	s.metrics.removed.Add(float64(removed.Events))
	answerJSON(w, http.StatusOK, removed)
	return nil
}

// PlanRemoval as the store does.
func (r *Reopening) PlanRemoval(ctx context.Context, q store.RemoveRequest) (store.RemovalPlan, error) {
	return with(r, func(s store.Store) (store.RemovalPlan, error) { return s.PlanRemoval(ctx, q) })
}

// Remove as the store does.
func (r *Reopening) Remove(ctx context.Context, q store.RemoveRequest) (store.Removed, error) {
	return with(r, func(s store.Store) (store.Removed, error) { return s.Remove(ctx, q) })
}
