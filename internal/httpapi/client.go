// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package httpapi reads from the HTTP APIs of other systems: with credentials, within their rate limits, and with retries that wait as long as the API
// asks. Its errors say what users can do, and contain neither credentials nor documents.
package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/time/rate"

	"github.com/journeyman-dev/journeyman/internal/egress"
)

// Limits on waiting.
const (
	// DefaultRate is the number of requests per second.
	DefaultRate = 5
	// MaxWait is the longest pause that an API can ask for; a longer one is cut.
	MaxWait     = time.Hour
	backoffBase = 500 * time.Millisecond
	backoffMax  = time.Minute
)

// Options of a client.
type Options struct {
	// HTTP makes the requests, and Tokens those for tokens; see egress.Guard. Default of Tokens: HTTP.
	HTTP, Tokens *http.Client
	// Credentials are added to each request.
	Credentials Credentials
	// Rate is the number of requests per second, Burst how many can follow each other at once. Default: DefaultRate, and one second's worth.
	Rate  float64
	Burst int
	// Attempts is how often a request is sent if the API does not answer, is overloaded, or limits its rate. Default: 1.
	Attempts int
	// Patience is the longest pause before another attempt; if the API asks for more, the request fails. Default: MaxWait.
	Patience time.Duration
	// Now and Sleep are the clock. Default: the real one.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// Client sends requests. It is safe for concurrent use.
type Client struct {
	o       Options
	auth    *authenticator
	limiter *rate.Limiter
	// queued is the number of requests that wait for the limiter.
	queued atomic.Int64
	mu     sync.Mutex
	// pausedUntil is the end of the pause that the API asked for.
	pausedUntil time.Time
}

// New returns a client.
func New(o Options) (*Client, error) {
	o.Rate, o.Attempts, o.Patience = cmp.Or(o.Rate, DefaultRate), cmp.Or(o.Attempts, 1), cmp.Or(o.Patience, MaxWait)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	auth, err := newAuthenticator(o.Credentials, cmp.Or(o.Tokens, o.HTTP))
	if err != nil {
		return nil, err
	}
	return &Client{o: o, auth: auth, limiter: rate.NewLimiter(rate.Limit(o.Rate), max(1, cmp.Or(o.Burst, int(o.Rate))))}, nil
}

// Close ends idle connections.
func (c *Client) Close() {
	c.o.HTTP.CloseIdleConnections()
	c.auth.http.CloseIdleConnections()
}

// Queued returns the number of requests that wait because of Options.Rate, and not for the API.
func (c *Client) Queued() int { return int(c.queued.Load()) }

// Request reads from an API. It is without credentials.
type Request struct {
	URL *url.URL
	// Name is the field of the spec that describes the request. Errors have it instead of the path, which can have what identifies a person.
	Name string
	// Header that is sent in addition; nil for none.
	Header http.Header
	// Body in JSON, which is sent by POST; nil for GET. The request still only reads: it is sent again like every other.
	Body []byte
}

// Response of an API, always with a status of success.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	// from is where the response came from, after redirects.
	from *url.URL
}

// Do sends a request, again if that can help, and returns the response. An error is of type *Error, or that of the context.
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	for attempt := 1; ; attempt++ {
		response, err := c.once(ctx, r)
		var failed *Error
		if err == nil || !errors.As(err, &failed) || !failed.Temporary || attempt >= c.o.Attempts {
			return response, err
		}
		wait := max(failed.RetryAfter, backoff(attempt))
		if wait > c.o.Patience {
			return nil, err
		}
		if err := c.o.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// once sends a request when the rate permits it.
func (c *Client) once(ctx context.Context, r *Request) (*Response, error) {
	if err := c.await(ctx, r); err != nil {
		return nil, err
	}
	response, used, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	if response.Status == http.StatusUnauthorized && used != nil && egress.SameOrigin(r.URL, response.from) {
		// The token can have been revoked before its time.
		c.auth.forget(ctx, used)
		if response, _, err = c.send(ctx, r); err != nil {
			return nil, err
		}
	}
	if response.Status/100 == 2 {
		return response, nil
	}
	failed := c.failed(r, response)
	if failed.Reason == RateLimited {
		// Without a pause of its own, the other requests would follow at once.
		c.pause(max(failed.RetryAfter, backoff(1)))
	}
	return nil, failed
}

// await waits for the rate limit, and refuses at once while the API asked for a pause that is longer than the patience.
func (c *Client) await(ctx context.Context, r *Request) error {
	c.mu.Lock()
	left := c.pausedUntil.Sub(c.o.Now())
	c.mu.Unlock()
	if left > c.o.Patience || left > 0 && c.o.Attempts == 1 {
		return &Error{
			Reason: RateLimited, Temporary: true, RetryAfter: left,
			Message: fmt.Sprintf("%s asked for a pause, of which %s are left", r.URL.Host, left.Round(time.Second)),
		}
	}
	if left > 0 {
		if err := c.o.Sleep(ctx, left); err != nil {
			return err
		}
	}
	c.queued.Add(1)
	err := c.limiter.Wait(ctx)
	c.queued.Add(-1)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	message := fmt.Sprintf("requests to %s wait for the limit of %g a second; raise it if the API permits more", r.URL.Host, c.o.Rate)
	return &Error{Reason: RateLimited, Temporary: true, Message: message}
}

func (c *Client) pause(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := c.o.Now().Add(d); until.After(c.pausedUntil) {
		c.pausedUntil = until
	}
}

// build makes a request without credentials.
func (r *Request) build(ctx context.Context) (*http.Request, error) {
	method, body := http.MethodGet, io.Reader(nil)
	if r.Body != nil {
		method, body = http.MethodPost, bytes.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, method, r.URL.String(), body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "journeyman")
	if r.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, values := range r.Header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	return request, nil
}

// send sends a request once. It returns the token that it used; nil for none.
func (c *Client) send(ctx context.Context, r *Request) (*Response, *oauth2.Token, error) {
	request, err := r.build(ctx)
	if err != nil {
		return nil, nil, &Error{Reason: Misconfigured, Message: "the request is invalid: check the URL"}
	}
	used, err := c.auth.apply(request)
	if err != nil {
		return nil, nil, err
	}
	response, err := c.o.HTTP.Do(request)
	if err != nil {
		return nil, nil, unreachable(ctx, r.URL.Host, err)
	}
	defer response.Body.Close() //nolint:errcheck // nothing is written
	content, err := io.ReadAll(response.Body)
	if errors.Is(err, egress.ErrTooLarge) {
		return nil, nil, &Error{Reason: TooLarge, Message: fmt.Sprintf("%s: %v; ask for less in one request", r.URL.Host, err)}
	}
	if err != nil {
		return nil, nil, unreachable(ctx, r.URL.Host, err)
	}
	return &Response{Status: response.StatusCode, Header: response.Header, Body: content, from: response.Request.URL}, used, nil
}

// backoff returns a random pause that grows with the attempts, so that many clients do not come back at once.
func backoff(attempt int) time.Duration {
	limit := min(backoffMax, backoffBase<<min(attempt, 20))
	return limit/2 + rand.N(limit/2)
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
