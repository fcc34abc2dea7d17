// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package followup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

const (
	// Record is the field of a document that has what was read.
	Record = "record"
	// concurrency is the number of requests of one pod at a time.
	concurrency = 8
	// defaultRate is the number of requests per second.
	defaultRate = 10
	// maxRecord is the size of a record in bytes.
	maxRecord = 1 << 20
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
	// rate is the number of requests per second.
	rate float64
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
	web := guard.Client(egress.ClientOptions{MaxResponse: maxRecord, Timeout: readTimeout})
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
	return &Reader{recipe: r, client: client, cache: newCache(now), slots: make(chan struct{}, concurrency), rate: perSecond}, nil
}

// Keep makes the reader keep what it reads for requests that fail, in memory of which most bytes are its own.
func (r *Reader) Keep(m Memory, most int64) {
	if r != nil {
		r.cache.use(m, most)
	}
}

// Close ends idle connections, and forgets what was kept. Requests in progress can still end.
func (r *Reader) Close() {
	if r != nil {
		r.cache.close()
		r.client.Close()
	}
}

// Outcome of completing the documents of a request.
type Outcome struct {
	// Failure is why the records could not be read; nil if they could.
	Failure *Failure
	// Rejection of the request by hold; nil if there was room.
	Rejection *reject.Rejection
	// Absent is the number of documents whose record does not exist.
	Absent int
}

// Failure is why the records of a request could not be read: the whole request has to be sent again.
type Failure struct {
	// Message for the sender and the log. It has no credentials and nothing of documents.
	Message string
	// RetryAfter is when to send again.
	RetryAfter time.Duration
}

// Complete reads the record of each document that needs one, and adds it. hold accounts for the memory of a record of this many bytes. A document whose
// request cannot be built, or whose record cannot be used, is rejected alone; a record that does not exist leaves the field out.
func (r *Reader) Complete(
	ctx context.Context, in mapping.Input, candidates []transport.Candidate, hold func(raw []byte) *reject.Rejection,
) Outcome {
	pending, urls := r.requests(in, candidates)
	records, err := r.read(ctx, pending, hold)
	var full *reject.Rejection
	switch {
	case errors.As(err, &full):
		return Outcome{Rejection: full}
	case err != nil:
		return Outcome{Failure: r.failure(ctx, err)}
	}
	var out Outcome
	for i, url := range urls {
		if url == "" {
			continue
		}
		switch got := records[url]; {
		case got.rejection != nil:
			candidates[i] = transport.Candidate{Rejection: got.rejection}
		case got.absent:
			out.Absent++
		default:
			add(&candidates[i], got.value)
		}
	}
	r.cache.drop(maps.Keys(pending))
	return out
}

// requests returns what to read by URL, and the URL of each document; empty for one that needs no record.
func (r *Reader) requests(in mapping.Input, candidates []transport.Candidate) (pending map[string]*httpapi.Request, urls []string) {
	pending, urls = map[string]*httpapi.Request{}, make([]string, len(candidates))
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
		if _, fields := body.(map[string]any); rejection == nil && request != nil && !fields {
			rejection = reject.New(reject.MappingError, request.Name, "the document is no JSON object, so its record cannot be added to it")
		}
		if rejection != nil {
			*c = transport.Candidate{Rejection: rejection}
			continue
		}
		if request != nil {
			urls[i] = request.URL.String()
			pending[urls[i]] = request
		}
	}
	return pending, urls
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

// failure describes why records could not be read.
func (r *Reader) failure(ctx context.Context, err error) *Failure {
	const soon = 5 * time.Second
	host := r.recipe.base.Host
	var failed *httpapi.Error
	switch {
	case errors.As(err, &failed):
		return &Failure{Message: failed.Message, RetryAfter: max(failed.RetryAfter, pauseAfter(failed))}
	case errors.Is(ctx.Err(), context.Canceled):
		return &Failure{Message: "the sender ended the request while its records were read from " + host, RetryAfter: soon}
	case r.client.Queued() > 0:
		return &Failure{RetryAfter: soon, Message: fmt.Sprintf(
			"the reads from %s take longer than a sender waits, because of the limit of %g a second; raise requestsPerSecond if the API permits more", host, r.rate)}
	}
	return &Failure{Message: host + " did not answer in the time that a sender waits; the reads that began continue for its next attempt", RetryAfter: soon}
}

// pauseAfter is how long a sender should wait if the API does not say it.
func pauseAfter(e *httpapi.Error) time.Duration {
	if e.Temporary {
		return 10 * time.Second
	}
	return time.Minute
}
