// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Endpoint of a source: its URL without a path, and its key.
type Endpoint struct{ URL, Key string }

// perRequest is the number of documents of a request.
const perRequest = 50

// maxAnswer is the number of bytes that are read of a response.
const maxAnswer = 1 << 20

// Sender sends the file to the sources.
type Sender struct {
	// Endpoints by the name of the source.
	Endpoints map[string]Endpoint
	// Client sends the requests. Its timeout limits one attempt.
	Client *http.Client
	// Pause between two attempts of a request, because source and store can have been created moments ago.
	Pause time.Duration
	Now   func() time.Time
}

// Send returns the number of events that the sources accepted. It retries requests that cannot be processed now (no connection, 429, 5xx) until the
// context ends. Any other unexpected response is an error.
func (s *Sender) Send(ctx context.Context) (int, error) {
	all, err := documents(s.Now())
	if err != nil {
		return 0, err
	}
	sent := 0
	for _, name := range Sources() {
		to, given := s.Endpoints[name]
		if !given {
			return sent, fmt.Errorf("the source %s has no endpoint", name)
		}
		for batch := range slices.Chunk(all[name], perRequest) {
			if err := s.deliver(ctx, systems[name], to, batch); err != nil {
				return sent, fmt.Errorf("send to the source %s at %s: %w", name, to.URL, err)
			}
			sent += len(batch)
		}
	}
	return sent, nil
}

// laterError means that the same request can be accepted later.
type laterError struct{ error }

func (s *Sender) deliver(ctx context.Context, as system, to Endpoint, batch []json.RawMessage) error {
	body, err := as.body(batch)
	if err != nil {
		return err
	}
	tick := time.NewTicker(s.Pause)
	defer tick.Stop()
	for {
		r, err := as.request(ctx, to, body, s.Now())
		if err != nil {
			return err
		}
		err = s.try(r, len(batch))
		if later := (laterError{}); !errors.As(err, &later) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not accepted in time: %w", err)
		case <-tick.C:
		}
	}
}

// try sends once, and requires all events to be accepted.
func (s *Sender) try(r *http.Request, events int) error {
	response, err := s.Client.Do(r)
	if err != nil {
		return laterError{err}
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return laterError{err}
	}
	if response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= http.StatusInternalServerError {
		return laterError{fmt.Errorf("%s: %.300s", response.Status, text)}
	}
	var answer struct{ Accepted int }
	if err := json.Unmarshal(text, &answer); err != nil || response.StatusCode/100 != 2 || answer.Accepted != events {
		return fmt.Errorf("%d events are to be accepted; the answer is %s: %.300s", events, response.Status, text)
	}
	return nil
}
