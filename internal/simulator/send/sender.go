// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package send

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Options of a Sender.
type Options struct {
	// Endpoints by source.
	Endpoints map[world.Source]wire.Endpoint
	// Broker takes the messages; nil if the world has none.
	Broker Broker
	// Client sends the requests. Its timeout limits one attempt.
	Client *http.Client
	// RetryFor is how long one request is retried before the run fails.
	RetryFor time.Duration
	// Now is the real clock.
	Now func() time.Time
}

// Broker takes messages.
type Broker interface {
	// Publish returns when the broker has stored the message.
	Publish(ctx context.Context, subject string, body []byte) error
	// Drained returns when all messages have been read and acknowledged by all that read them.
	Drained(ctx context.Context) error
}

// Sender delivers requests. It is safe for concurrent use.
type Sender struct {
	o Options
}

// New returns a sender.
func New(o Options) *Sender { return &Sender{o: o} }

// maxAnswer is the number of bytes that are read of a response.
const maxAnswer = 1 << 20

// answer is the response of ingestion to a request.
type answer struct {
	Accepted int    `json:"accepted"`
	Dropped  int    `json:"dropped"`
	Reason   string `json:"reason"`
	Error    string `json:"error"`
	Rejected []struct {
		Reason string `json:"reason"`
	} `json:"rejected"`
}

// Result of a delivery.
type Result struct {
	// Tries is the number of attempts until the response came, and Ack the duration of the last one.
	Tries int
	Ack   time.Duration
}

// Deliver sends the request until it gets a final response. A response that differs from the expected one is an error: sender and receiver disagree
// about what is good and what is bad.
func (s *Sender) Deliver(ctx context.Context, r *wire.Request) (Result, error) {
	if r.Subject != "" {
		return s.publish(ctx, r)
	}
	endpoint, ok := s.o.Endpoints[r.Source]
	if !ok {
		return Result{}, fmt.Errorf("no endpoint is given for the source %s", r.Source)
	}
	deadline := s.o.Now().Add(s.o.RetryFor)
	var result Result
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		result.Tries++
		began := s.o.Now()
		wait, err := s.try(ctx, endpoint, r)
		result.Ack = s.o.Now().Sub(began)
		var later retryError
		switch {
		case err == nil:
			return result, nil
		case !errors.As(err, &later) || ctx.Err() != nil:
			return result, err
		case !s.o.Now().Before(deadline):
			return result, fmt.Errorf("%s%s: given up after %d tries: %w", endpoint.URL, r.Path, result.Tries, err)
		}
		if err := sleep(ctx, max(wait, pause)); err != nil {
			return result, err
		}
	}
}

// publish hands a message to the broker. Nobody answers for what is in it.
func (s *Sender) publish(ctx context.Context, r *wire.Request) (Result, error) {
	if s.o.Broker == nil {
		return Result{}, fmt.Errorf("no broker is given for the messages of %s", r.Source)
	}
	body, _, err := r.Write(s.o.Now(), "")
	if err != nil {
		return Result{}, err
	}
	began := s.o.Now()
	err = s.o.Broker.Publish(ctx, r.Subject, body)
	return Result{Tries: 1, Ack: s.o.Now().Sub(began)}, err
}

// Settle waits until everything that was sent is stored: requests are when they are answered, and messages when they are read.
func (s *Sender) Settle(ctx context.Context) error {
	if s.o.Broker == nil {
		return nil
	}
	return s.o.Broker.Drained(ctx)
}

// retryError means that the same request can succeed later.
type retryError struct{ error }

// try sends once. wait is the time that the receiver asked to wait.
func (s *Sender) try(ctx context.Context, endpoint wire.Endpoint, r *wire.Request) (wait time.Duration, err error) {
	body, header, err := r.Write(s.o.Now(), endpoint.Secret)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(endpoint.URL, "/")+r.Path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	maps.Copy(req.Header, header)
	response, err := s.o.Client.Do(req)
	if err != nil {
		return 0, retryError{err}
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, retryError{err}
	}
	if response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500 {
		return retryAfter(response.Header), retryError{fmt.Errorf("%s: %s", response.Status, short(text))}
	}
	return 0, check(r, response.StatusCode, text)
}

func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, time.Minute)
}

// check compares the response with the expected one.
func check(r *wire.Request, status int, text []byte) error {
	if r.StatusOnly && len(r.Bad) == 0 && status == http.StatusOK && string(text) == `{"status":1}` {
		return nil
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return fmt.Errorf("%s %s: status %d with a response that is not JSON: %s", r.Source, r.Path, status, short(text))
	}
	got := a.reasons()
	success := status >= 200 && status < 300
	if success != (r.Good > 0 || r.Dropped > 0 || r.Tolerated) || a.Accepted != r.Good || a.Dropped != r.Dropped || !maps.Equal(got, nonNil(r.Bad)) {
		return fmt.Errorf("%s %s: %d good, %d to be dropped, bad %v were sent; the answer is %d with %s",
			r.Source, r.Path, r.Good, r.Dropped, r.Bad, status, short(text))
	}
	return nil
}

// reasons counts the refusals by reason.
func (a *answer) reasons() map[string]int {
	got := map[string]int{}
	for _, x := range a.Rejected {
		got[x.Reason]++
	}
	if len(a.Rejected) == 0 && a.Reason != "" {
		got[a.Reason]++
	}
	return got
}

func nonNil(m map[string]int) map[string]int {
	if m == nil {
		return map[string]int{}
	}
	return m
}

func short(text []byte) string {
	const most = 300
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
