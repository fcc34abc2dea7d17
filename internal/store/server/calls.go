// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"encoding/json"
	"fmt"

	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// maxJSONBytes is the size of a JSON request: the largest result, in base64, and a margin.
const maxJSONBytes = 2 * store.MaxResultBytes

// maxReportBytes is the size of a pod's report.
const maxReportBytes = 16 << 10

// acquire takes part of a limit, and waits for it if necessary.
func (s *Server) acquire(ctx context.Context, limit *semaphore.Weighted, n int64, what string) (release func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, s.opts.MaxWait)
	defer cancel()
	if err := limit.Acquire(waiting, n); err != nil {
		return nil, fmt.Errorf("%w: too many %s at once", store.ErrUnavailable, what)
	}
	return func() { limit.Release(n) }, nil
}

func (s *Server) cursors(w http.ResponseWriter, r *http.Request) error {
	cursors, err := s.opts.Store.Cursors(r.Context(), r.URL.Query().Get("source"))
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, wire.CursorsAnswer{Cursors: cursors})
	return nil
}

func (s *Server) state(w http.ResponseWriter, r *http.Request) error {
	state, err := s.opts.Store.State(r.Context())
	if err != nil {
		return err
	}
	state.Reports = s.reports.List()
	answerJSON(w, http.StatusOK, state)
	return nil
}

// report accepts the report of a pod. The server keeps it, not the store, because it is useless after a restart, and pods send it again. Unknown
// fields are ignored, because pods can be newer than their store.
func (s *Server) report(w http.ResponseWriter, r *http.Request) error {
	var report store.Report
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxReportBytes)).Decode(&report); err != nil {
		return fmt.Errorf("%w: body: %w", store.ErrInvalid, err)
	}
	if err := s.reports.Report(r.Context(), report); err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, struct{}{})
	return nil
}

func (s *Server) putResult(w http.ResponseWriter, r *http.Request) error {
	var result store.Result
	if err := readJSON(w, r, &result); err != nil {
		return err
	}
	if err := s.opts.Store.PutResult(r.Context(), result); err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, struct{}{})
	return nil
}

func (s *Server) results(w http.ResponseWriter, r *http.Request) error {
	limit := 0
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return fmt.Errorf("%w: limit %q is not a number from 0 on", store.ErrInvalid, text)
		}
		limit = n
	}
	results, err := s.opts.Store.Results(r.Context(), r.URL.Query().Get("owner"), limit)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, results)
	return nil
}

func (s *Server) pin(w http.ResponseWriter, r *http.Request) error {
	var request wire.PinRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	// The store refuses what exceeds its limits, and a Duration cannot be as long as every number of microseconds.
	ttl := min(max(request.TTL, 0), store.MaxPinTTL.Microseconds()+1)
	answer, err := s.opts.Store.Pin(r.Context(), store.PinRequest{ID: request.ID, TTL: time.Duration(ttl) * time.Microsecond})
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, answer)
	return nil
}

func (s *Server) unpin(w http.ResponseWriter, r *http.Request) error {
	if err := s.opts.Store.Unpin(r.Context(), r.URL.Query().Get("id")); err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, struct{}{})
	return nil
}

func (s *Server) erase(w http.ResponseWriter, r *http.Request) error {
	var request wire.EraseRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	erase := s.opts.Store.Erase
	if request.IdentityOnly {
		erase = s.opts.Store.EraseIdentity
	}
	answer, err := erase(r.Context(), request.Identity)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, answer)
	return nil
}

func (s *Server) split(w http.ResponseWriter, r *http.Request) error {
	var request store.SplitRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	answer, err := s.opts.Store.Split(r.Context(), request)
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, answer)
	return nil
}

func (s *Server) retain(w http.ResponseWriter, r *http.Request) error {
	var request wire.RetainRequest
	if err := readJSON(w, r, &request); err != nil {
		return err
	}
	answer, err := s.opts.Store.Retain(r.Context(), time.UnixMicro(request.Before))
	if err != nil {
		return err
	}
	answerJSON(w, http.StatusOK, answer)
	return nil
}

// readJSON refuses unknown fields, so that the request of a newer client is not executed only in part.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSONBytes))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: body: %w", store.ErrInvalid, err)
	}
	return nil
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that has disconnected gets no response.
	_ = json.NewEncoder(w).Encode(body)
}
