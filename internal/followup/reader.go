// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package followup

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

const (
	// Record is the field of a document that has what was read.
	Record = "record"
	// concurrency is the number of requests of one pod at a time.
	concurrency = 8
	// defaultRate is the number of requests per second.
	defaultRate = 10
	// MaxRecord is the size of a record in bytes.
	MaxRecord = 1 << 20
	// readTimeout is how long one read can take. It continues if its sender has given up, so that the next delivery finds the record.
	readTimeout = 20 * time.Second
	// patience is how long the API can ask to wait within one request.
	patience = 2 * time.Second
)

// Reader reads records. It is safe for concurrent use.
type Reader struct {
	recipe *recipe
	client *httpapi.Client
	cache  *cache
	flight singleflight.Group
	slots  chan struct{}
}

// New returns the reader of a completed spec; nil if it has no follow-up reads. secret is that of the API.
func New(spec *v1alpha1.TouchpointSourceSpec, secret string, guard *egress.Guard, now func() time.Time) (*Reader, error) {
	if spec.Transport.Webhook == nil || spec.Transport.Webhook.FollowUp == nil {
		return nil, nil
	}
	f := spec.Transport.Webhook.FollowUp
	r, err := compile(spec.Transport.Webhook)
	if err != nil {
		return nil, err
	}
	web, err := guard.Client(egress.ClientOptions{MaxResponse: MaxRecord, Timeout: readTimeout})
	if err != nil {
		return nil, err
	}
	perSecond := float64(defaultRate)
	if f.RequestsPerSecond != nil {
		perSecond = float64(*f.RequestsPerSecond)
	}
	client, err := httpapi.New(httpapi.Options{
		HTTP: web, Credentials: httpapi.CredentialsOf(f.Credentials, secret), Rate: perSecond, Burst: max(int(perSecond), concurrency),
		Attempts: 2, Patience: patience, Now: now,
	})
	if err != nil {
		return nil, err
	}
	return &Reader{recipe: r, client: client, cache: newCache(now), slots: make(chan struct{}, concurrency)}, nil
}

// Close ends idle connections.
func (r *Reader) Close() {
	if r != nil {
		r.client.Close()
	}
}

// Failure is why the records of a request could not be read: the whole request has to be sent again.
type Failure struct {
	// Message for the sender and the log. It has no credentials and nothing of documents.
	Message string
	// Reason is one of package httpapi, and RetryAfter when to send again.
	Reason     string
	RetryAfter time.Duration
}

// Complete reads the record of each document that needs one, and adds it. hold accounts for the memory of a record of this many bytes. A document whose
// request cannot be built is rejected alone; a record that does not exist leaves the field out.
func (r *Reader) Complete(
	ctx context.Context, in mapping.Input, candidates []transport.Candidate, hold func(raw []byte) *reject.Rejection,
) (*Failure, *reject.Rejection) {
	pending := map[string]*httpapi.Request{}
	urls := make([]string, len(candidates))
	in.Budget = mapping.NewBudget()
	for i := range candidates {
		c := &candidates[i]
		if c.Rejection != nil || c.Withheld || c.Body == nil {
			continue
		}
		body, err := c.Body()
		if err != nil {
			continue // the pipeline rejects it
		}
		in.Body = body
		request, rejection := r.recipe.request(&in)
		if rejection != nil {
			*c = transport.Candidate{Rejection: rejection}
			continue
		}
		if request != nil {
			urls[i] = request.URL.String()
			pending[urls[i]] = request
		}
	}
	records, failure := r.read(ctx, pending)
	if failure != nil {
		return failure, nil
	}
	decoded := map[string]any{}
	for url, raw := range records {
		if raw == nil {
			continue
		}
		if rejection := hold(raw); rejection != nil {
			return nil, rejection
		}
		record, err := value.Decode(raw)
		if err != nil {
			return nil, transport.NotJSON("transport.webhook.followUp")
		}
		decoded[url] = record
	}
	for i, url := range urls {
		if record, ok := decoded[url]; ok {
			add(&candidates[i], record)
		}
	}
	return nil, nil
}

// add adds a record to the document that the rules see. Its content, from which an id can be made, stays what was sent.
func add(c *transport.Candidate, record any) {
	inner := c.Body
	c.Body = func() (any, error) {
		body, err := inner()
		fields, ok := body.(map[string]any)
		if err != nil || !ok {
			return body, err
		}
		fields = maps.Clone(fields)
		fields[Record] = record
		return fields, nil
	}
}

// read returns the records by URL; nil for one that does not exist.
func (r *Reader) read(ctx context.Context, pending map[string]*httpapi.Request) (map[string][]byte, *Failure) {
	records := make(map[string][]byte, len(pending))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(concurrency)
	for url, request := range pending {
		g.Go(func() error {
			raw, err := r.one(ctx, url, request)
			mu.Lock()
			defer mu.Unlock()
			records[url] = raw
			return err
		})
	}
	err := g.Wait()
	var failed *httpapi.Error
	switch {
	case err == nil:
		return records, nil
	case errors.As(err, &failed):
		return nil, &Failure{Message: failed.Message, Reason: failed.Reason, RetryAfter: max(failed.RetryAfter, pauseAfter(failed))}
	}
	return nil, &Failure{Message: "the API did not answer in time; the reads continue", Reason: httpapi.Unreachable, RetryAfter: 5 * time.Second}
}

// pauseAfter is how long a sender should wait if the API does not say it.
func pauseAfter(e *httpapi.Error) time.Duration {
	if e.Temporary {
		return 10 * time.Second
	}
	return time.Minute
}

// one returns a record from the cache, from a read that is in progress, or from the API.
func (r *Reader) one(ctx context.Context, url string, request *httpapi.Request) ([]byte, error) {
	if raw, ok := r.cache.get(url); ok {
		return raw, nil
	}
	result := r.flight.DoChan(url, func() (any, error) { return r.fetch(url, request) })
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-result:
		raw, _ := got.Val.([]byte)
		return raw, got.Err
	}
}

// fetch does not end with the request of the sender: it would start again with the next one, and never end for a slow API.
func (r *Reader) fetch(url string, request *httpapi.Request) ([]byte, error) {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	response, err := r.client.Do(ctx, request)
	var failed *httpapi.Error
	if errors.As(err, &failed) && (failed.Status == http.StatusNotFound || failed.Status == http.StatusGone) {
		// Somebody deleted it. That is no reason to lose the notification.
		r.cache.put(url, nil)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(response.Body) == 0 {
		// 204 No Content: there is no such record.
		r.cache.put(url, nil)
		return nil, nil
	}
	rejection := transport.CheckJSON(response.Body)
	if rejection == nil && !json.Valid(response.Body) {
		rejection = transport.NotJSON("")
	}
	if rejection != nil {
		return nil, &httpapi.Error{Reason: httpapi.Misconfigured, Message: request.URL.Host + " answers: " + rejection.Message + "; check followUp.baseURL"}
	}
	r.cache.put(url, response.Body)
	return response.Body, nil
}
