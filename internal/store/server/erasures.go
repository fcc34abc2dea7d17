// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/store"
)

func (s *Server) planErasure(w http.ResponseWriter, r *http.Request) error {
	var request store.ErasureRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	plan, err := s.opts.Store.PlanErasure(r.Context(), request)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, plan)
	return nil
}

func (s *Server) eraseAsPlanned(w http.ResponseWriter, r *http.Request) error {
	var request store.ErasureRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	receipt, err := s.opts.Store.EraseAsPlanned(r.Context(), request)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, receipt)
	return nil
}

func (s *Server) receipts(w http.ResponseWriter, r *http.Request) error {
	list, err := s.opts.Store.Receipts(r.Context())
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, list)
	return nil
}
