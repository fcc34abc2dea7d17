// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ingest serves senders over HTTP. It authenticates the sender, splits requests into documents, maps documents to events, hashes identifiers,
// batches the events of concurrent requests into appends, and responds 2xx only when they are durable.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/conns"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// submitTimeout is how long a request waits for its events to be durable.
const submitTimeout = 15 * time.Second

// followUpTimeout is how long a request waits for the records of its documents. Most senders wait for at least 5 seconds.
const followUpTimeout = 4 * time.Second

// Server serves senders. Use NewServer.
type Server struct {
	current atomic.Pointer[pipeline.Snapshot]
	// conns is called with the proxies; it can be nil.
	conns atomic.Pointer[conns.Table]
	// changed has a value if there is a new snapshot that was not reported yet.
	changed chan struct{}
	batcher *batch.Batcher
	stats   *Stats
	limiter *rate.Limiter
	memory  *budget.Budget
	now     func() time.Time
	log     *slog.Logger
	// absentLog limits a message that each request could cause.
	absentLog rate.Sometimes
}

// NewServer returns a server that serves nothing until Use is called. Its requests share the memory.
func NewServer(b *batch.Batcher, memory *budget.Budget, stats *Stats, now func() time.Time, log *slog.Logger) *Server {
	return &Server{
		batcher: b, stats: stats, now: now, log: log, changed: make(chan struct{}, 1),
		limiter: rate.NewLimiter(pipeline.DefaultRate, transport.MaxEvents), memory: memory,
		absentLog: rate.Sometimes{Interval: time.Minute},
	}
}

// Use makes a snapshot the current one. Requests in progress keep theirs.
func (s *Server) Use(snapshot *pipeline.Snapshot) {
	s.limiter.SetLimit(rate.Limit(snapshot.Rate))
	s.limiter.SetBurst(max(int(snapshot.Rate), transport.MaxEvents))
	s.current.Store(snapshot)
	if t := s.conns.Load(); t != nil {
		t.Trust(snapshot.Proxies)
	}
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// follow passes the proxies to the table, now and on each change.
func (s *Server) follow(t *conns.Table) {
	s.conns.Store(t)
	if current := s.current.Load(); current != nil {
		t.Trust(current.Proxies)
	}
}

// Current returns the current snapshot, or nil.
func (s *Server) Current() *pipeline.Snapshot { return s.current.Load() }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	a := &answer{w: w, status: http.StatusInternalServerError}
	defer func() {
		if p := recover(); p != nil {
			// The value can contain data of the sender, so only its type is logged.
			s.log.Error("a request caused a panic", "type", fmt.Sprintf("%T", p))
			a.failure(http.StatusInternalServerError, "internal error", 0)
		}
		s.stats.request(a.status, time.Since(began))
	}()
	snapshot := s.current.Load()
	if snapshot == nil {
		a.failure(http.StatusServiceUnavailable, "the source has no valid configuration yet", 5*time.Second)
		return
	}
	if snapshot.Transport == nil {
		a.failure(http.StatusNotFound, "the source fetches its documents, and accepts no requests", 0)
		return
	}
	conns.Forwarded(r.Context(), r.Header)
	for k, v := range snapshot.Transport.Headers(r.Header) {
		w.Header()[k] = v
	}
	s.serve(a, r, snapshot)
}

// pathIn returns the path relative to the source, which is served at / and at /<namespace>/<source>/.
func pathIn(prefix, path string) string {
	if rest, ok := strings.CutPrefix(path, prefix); ok && (rest == "" || rest[0] == '/') {
		path = rest
	}
	if path == "" {
		return "/"
	}
	return path
}

func (s *Server) serve(a *answer, r *http.Request, snapshot *pipeline.Snapshot) {
	held := s.memory.Share()
	defer held.Release()
	// The last write waits for the sender, and must not hold the memory of the request.
	a.before = held.Release
	if rejection := holdHeader(held, r); rejection != nil {
		s.refuse(a, snapshot, rejection)
		return
	}
	req := &transport.Request{
		Method: r.Method, Path: pathIn(snapshot.Prefix, r.URL.Path), Header: r.Header, Query: r.URL.Query(), RawQuery: r.URL.RawQuery,
		Body: bodyReader(r, snapshot.MaxBody, held), Length: r.ContentLength, ReceivedAt: s.now(),
	}
	req.Reserve = func(document []byte) *reject.Rejection {
		body, rejection := req.Body()
		if rejection != nil {
			return rejection
		}
		return notDecoded(held.Decode(r.Context(), budget.WeightJSON(body)+budget.WeightJSON(document)))
	}
	// Other methods mostly get a reply, whatever the state of the source, so they are only stopped if they have events.
	if r.Method == http.MethodPost {
		if rejection := s.gate(snapshot, req.ReceivedAt); rejection != nil {
			s.refuse(a, snapshot, rejection)
			return
		}
	}
	decoded, rejection := snapshot.Transport.Decode(req)
	a.protocol, a.refusedStatus = decoded.Answer, decoded.RefusedStatus
	if rejection == nil && decoded.Reply == nil && r.Method != http.MethodPost {
		rejection = s.gate(snapshot, req.ReceivedAt)
	}
	switch {
	case rejection != nil:
		s.refuse(a, snapshot, rejection)
	case decoded.Reply != nil:
		a.reply(decoded.Reply)
	case !s.limiter.AllowN(req.ReceivedAt, len(decoded.Candidates)):
		s.refuse(a, snapshot, tooFast(snapshot))
	default:
		if !s.complete(r.Context(), a, snapshot, req, decoded.Candidates, held) {
			return
		}
		o := pipeline.Process(snapshot, req, decoded.Candidates, held)
		decoded, req = transport.Decoded{}, nil
		held.Decoded()
		if o.Whole != nil {
			s.refuse(a, snapshot, o.Whole)
			return
		}
		s.store(r.Context(), a, snapshot, &o)
	}
}

// complete reads the records of the documents, and reports whether the request can continue. Senders wait for seconds at most; what is read in the
// meantime is there for their next attempt.
func (s *Server) complete(
	ctx context.Context, a *answer, snapshot *pipeline.Snapshot, r *transport.Request, candidates []transport.Candidate, held *budget.Share,
) bool {
	bounded, cancel := context.WithTimeout(ctx, followUpTimeout)
	defer cancel()
	o := pipeline.Follow(bounded, snapshot, r, candidates, held)
	rejection := o.Rejection
	if o.Failure != nil {
		a.after = o.Failure.RetryAfter
		rejection = reject.New(reject.RecordUnread, "transport.webhook.followUp", o.Failure.Message)
	}
	if rejection == nil {
		rejection = notDecoded(held.Resume(ctx))
	}
	if rejection != nil {
		s.refuse(a, snapshot, rejection)
		return false
	}
	if o.Absent > 0 {
		s.absent(o.Absent)
	}
	return true
}

// absent counts notifications without a record. A few were deleted. If a wrong URL is the cause, it concerns all, and nothing else says so.
func (s *Server) absent(n int) {
	total := s.stats.absent(n)
	s.absentLog.Do(func() {
		s.log.Warn("the API has no records for some notifications, whose events are stored without; unless they were deleted, check baseURL and path of followUp",
			"sinceStart", total)
	})
}

// gate refuses requests before anything is read: while the source is suspended, without a pepper, and above the rate.
func (s *Server) gate(snapshot *pipeline.Snapshot, now time.Time) *reject.Rejection {
	switch {
	case snapshot.Suspended():
		return reject.New(reject.Suspended, "", "the source is suspended")
	case snapshot.PepperMissing:
		return reject.New(reject.SecretMissing, "", "the Secret with the pepper for hashing is missing or empty, and identities are not stored unhashed")
	case snapshot.APISecretMissing:
		return reject.New(reject.SecretMissing, "", "the Secret with the secret of the API for follow-up reads is missing or empty")
	case s.limiter.TokensAt(now) < 1:
		return tooFast(snapshot)
	}
	return nil
}

func tooFast(snapshot *pipeline.Snapshot) *reject.Rejection {
	return reject.New(reject.RateLimited, "", fmt.Sprintf("more than %.0f events a second", snapshot.Rate))
}

// refuse responds to a request that is refused as a whole. It counts once.
func (s *Server) refuse(a *answer, snapshot *pipeline.Snapshot, r *reject.Rejection) {
	snapshot.Refused(r)
	if r.Reason == reject.Unfinished {
		// There is nothing to evaluate.
		s.stats.Closed(unfinishedBody)
		a.refused(r)
		return
	}
	var c store.Counters
	batch.Count(&c, r)
	s.batcher.Count(snapshot.Target(), c)
	s.stats.count(c)
	a.refused(r)
}

// store stores the valid events of a request and responds with the invalid ones.
func (s *Server) store(ctx context.Context, a *answer, snapshot *pipeline.Snapshot, o *pipeline.Outcome) {
	counters := o.Counters
	if len(o.Events) == 0 {
		if !counters.Empty() {
			s.batcher.Count(snapshot.Target(), counters)
			s.stats.count(counters)
		}
		a.outcome(snapshot, o)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, submitTimeout)
	defer cancel()
	if err := s.batcher.Submit(ctx, snapshot.Target(), o.Events, counters); err != nil {
		s.countCrowded(snapshot, err)
		status, message, after := s.failed(err)
		a.failure(status, message, after)
		return
	}
	counters.Accepted = int64(len(o.Events))
	s.stats.count(counters)
	s.stats.stored(o.Events)
	a.outcome(snapshot, o)
}

// countCrowded counts the events of a request for which the store has no room. Without it, the source would look healthy although the events of new
// people are lost if senders give up.
func (s *Server) countCrowded(snapshot *pipeline.Snapshot, err error) {
	var crowded *store.CrowdedError
	if !errors.As(err, &crowded) {
		return
	}
	c := store.Counters{Rejected: map[string]store.Rejection{
		reject.NewIdentities: {Count: int64(len(crowded.Refused)), Example: "the store has no memory for new identities"},
	}}
	s.batcher.Count(snapshot.Target(), c)
	s.stats.count(c)
}

// failed converts an error of the store to a rejection. Only what the store calls invalid must not be sent again.
func (s *Server) failed(err error) (status int, message string, after time.Duration) {
	const unavailable = http.StatusServiceUnavailable
	switch {
	case errors.Is(err, store.ErrInvalid):
		s.log.Error("the store refused events as invalid", "error", err)
		return http.StatusUnprocessableEntity, "the store refuses these events as invalid", 0
	case errors.Is(err, store.ErrFull):
		return unavailable, "the store is full; send again later", 30 * time.Second
	case errors.Is(err, store.ErrCrowded):
		return unavailable, "the store has no memory for new identities; send again later", 30 * time.Second
	case errors.Is(err, store.ErrHeld):
		return unavailable, "some events are also in a history that is being loaded; send again later", 30 * time.Second
	case errors.Is(err, batch.ErrBusy):
		return unavailable, "too many events wait for the store; send again later", time.Second
	case errors.Is(err, store.ErrUnauthorized):
		return unavailable, "the store does not know this source's key yet; send again later", 10 * time.Second
	}
	return unavailable, "the store is not available; send again later", 2 * time.Second
}

// retryAfter returns how long a sender should wait after a refusal for the reason; 0 if sending again is pointless.
func retryAfter(reason string) time.Duration {
	switch reason {
	case reject.RateLimited:
		return time.Second
	case reject.SecretMissing:
		return 30 * time.Second
	case reject.Suspended:
		return time.Minute
	}
	return 0
}

func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// newest returns the latest event time that is not ahead of its receipt.
func newest(events []event.Event) (at int64) {
	for i := range events {
		if events[i].Flags&event.FlagFuture == 0 {
			at = max(at, events[i].Time)
		}
	}
	return at
}
