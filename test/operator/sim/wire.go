// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sim simulates the environment of an operator under test: the connection to the API server, which records requests and can be cut; the
// controllers and the kubelet, which a bare API server does not have; and stores.
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

// ErrCut is the error of a request that was lost, or whose response was lost.
var ErrCut = errors.New("the wire was cut")

// Request is a request that reached the API server.
type Request struct {
	// Method and Path, without the query.
	Method, Path string
	// Watch is set for a watch, Initial for one that starts with all existing objects.
	Watch, Initial bool
	// Rehearsal is set for a dry run.
	Rehearsal bool
	// Code of the response.
	Code int
	// Body of the response to a write.
	Body []byte
}

// Write reports whether the request can change something. A dry run cannot.
func (r Request) Write() bool { return r.Method != http.MethodGet && !r.Rehearsal }

// Status reports whether the request writes the status of one of the four kinds.
func (r Request) Status() bool {
	return r.Method == http.MethodPatch && strings.Contains(r.Path, "/journeyman.dev/") && strings.HasSuffix(r.Path, "/status")
}

// String formats the request.
func (r Request) String() string { return fmt.Sprintf("%s %s %d", r.Method, r.Path, r.Code) }

// Fault returns the fate of the n-th write, counted from 1.
type Fault func(n int, r *http.Request) Fate

// Fate is what happens to a write.
type Fate int

const (
	// Pass sends the request.
	Pass Fate = iota
	// CutBefore loses the request, so that the API server does not receive it.
	CutBefore
	// CutAfter loses the response, after the API server has processed the request.
	CutAfter
)

// Wire records the requests of an operator. It is safe for concurrent use.
type Wire struct {
	mu     sync.Mutex
	log    []Request
	fault  Fault
	writes int
}

// Wrap returns a transport that sends through the wire.
func (w *Wire) Wrap(rt http.RoundTripper) http.RoundTripper { return &trip{wire: w, next: rt} }

// Break sets the faults of writes, and restarts their count.
func (w *Wire) Break(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault, w.writes = f, 0
}

// Log returns all requests so far.
func (w *Wire) Log() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

// Writes returns the requests since the i-th that can change something, except for Events and leases.
func (w *Wire) Writes(from int) []Request {
	var out []Request
	for _, r := range w.Log()[from:] {
		if !r.Rehearsal && counted(r.Method, r.Path) {
			out = append(out, r)
		}
	}
	return out
}

// Len returns the number of requests so far.
func (w *Wire) Len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.log)
}

// counted ignores requests that do not depend on reconciling.
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
