// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sim is the world around an operator under test: the wire to the API server, which can be recorded and cut; the
// controllers and the kubelet that a bare API server lacks; and stores that answer.
package sim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// ErrCut is what a caller gets whose request or answer was lost.
var ErrCut = errors.New("the wire was cut")

// Request is one request that reached the API server.
type Request struct {
	// Method and Path of it, without the query.
	Method, Path string
	// Watch says that it was a watch, Initial that it began with all objects that there are.
	Watch, Initial bool
	// Rehearsal says that it was a dry run.
	Rehearsal bool
	// Code of the answer.
	Code int
	// Body of the answer to a write.
	Body []byte
}

// Write says that the request may change something. A rehearsal changes nothing.
func (r Request) Write() bool { return r.Method != http.MethodGet && !r.Rehearsal }

// Status says that the request writes the status of one of the four kinds.
func (r Request) Status() bool {
	return r.Method == http.MethodPatch && strings.Contains(r.Path, "/journeyman.dev/") && strings.HasSuffix(r.Path, "/status")
}

// String names the request.
func (r Request) String() string { return fmt.Sprintf("%s %s %d", r.Method, r.Path, r.Code) }

// Fault says what becomes of the n-th write, counted from 1.
type Fault func(n int, r *http.Request) Fate

// Fate of a write.
type Fate int

const (
	// Pass lets it through.
	Pass Fate = iota
	// CutBefore loses the request: the API server never sees it.
	CutBefore
	// CutAfter loses the answer: the API server has done it.
	CutAfter
)

// Wire records what an operator sends. It is safe for concurrent use.
type Wire struct {
	mu     sync.Mutex
	log    []Request
	fault  Fault
	writes int
}

// Wrap puts the wire between a client and the API server.
func (w *Wire) Wrap(rt http.RoundTripper) http.RoundTripper { return &trip{wire: w, next: rt} }

// Break sets what becomes of writes, and counts them from 1 again.
func (w *Wire) Break(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault, w.writes = f, 0
}

// Log gives all requests so far.
func (w *Wire) Log() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

// Writes gives the requests from the i-th on that may change something, without Events and leases.
func (w *Wire) Writes(from int) []Request {
	var out []Request
	for _, r := range w.Log()[from:] {
		if !r.Rehearsal && counted(r.Method, r.Path) {
			out = append(out, r)
		}
	}
	return out
}

// Len is the number of requests so far.
func (w *Wire) Len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.log)
}

// counted leaves out what no reconcile decides on.
func counted(method, path string) bool {
	return method != http.MethodGet && !strings.Contains(path, "/events") && !strings.Contains(path, "/leases")
}

func rehearsal(r *http.Request) bool { return r.URL.Query().Get("dryRun") != "" }

type trip struct {
	wire *Wire
	next http.RoundTripper
}

func (t *trip) RoundTrip(r *http.Request) (*http.Response, error) {
	fate := t.wire.fate(r)
	if fate == CutBefore {
		return nil, ErrCut
	}
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	entry := Request{
		Method: r.Method, Path: r.URL.Path, Code: response.StatusCode, Rehearsal: rehearsal(r),
		Watch: query.Get("watch") != "", Initial: query.Get("sendInitialEvents") == "true",
	}
	if entry.Write() {
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			return nil, err
		}
		entry.Body, response.Body = body, io.NopCloser(bytes.NewReader(body))
	}
	t.wire.mu.Lock()
	t.wire.log = append(t.wire.log, entry)
	t.wire.mu.Unlock()
	if fate == CutAfter {
		return nil, ErrCut
	}
	return response, nil
}

func (w *Wire) fate(r *http.Request) Fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault == nil || rehearsal(r) || !counted(r.Method, r.URL.Path) {
		return Pass
	}
	w.writes++
	return w.fault(w.writes, r)
}
