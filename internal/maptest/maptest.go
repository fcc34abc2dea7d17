// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package maptest shows what becomes of recorded requests: it sends them to the server of an ingestion pod, with the manifests of a source and its
// store, and reports what the server decides about each document.
package maptest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/recording"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport/registry"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// ErrRefused means that the requests are valid recordings, but something in them was refused.
var ErrRefused = errors.New("refused")

// Options of a test.
type Options struct {
	// Source is the manifest of the source.
	Source *v1alpha1.TouchpointSource
	// Store is the manifest of its store; nil if nothing is known of it.
	Store *v1alpha1.EventStore
	// Secret authenticates senders. Without it, they are not authenticated.
	Secret []byte
	// Pepper hashes identities. Without it, they are shown in their normal form.
	Pepper []byte
	// ReceivedAt is the time of receipt of all requests; zero for that of each recording.
	ReceivedAt time.Time
	// Now is the time of receipt of recordings without a time.
	Now time.Time
}

// Tester sends requests to the server of a source. Use New.
type Tester struct {
	o        Options
	document podconfig.Ingest
	snapshot *pipeline.Snapshot
	// ref is the Secret that the source needs; nil if anybody can send.
	ref *v1alpha1.SecretKeyReference
}

// New builds the configuration of the pod.
func New(o Options) (*Tester, error) {
	if o.Source.Spec.Transport.Files != nil {
		return nil, fmt.Errorf("the source %s takes files, and no requests: kubectl journey preview shows what comes of a file", o.Source.Name)
	}
	kept := o.Store
	if kept == nil {
		kept = &v1alpha1.EventStore{}
		kept.Name = string(o.Source.Spec.StoreRef.Name)
	}
	t := &Tester{o: o, document: resources.IngestDocument(o.Source, kept, resources.Network{})}
	if t.document.Namespace == "" {
		t.document.Namespace = "default"
	}
	snapshot, err := t.build(o.Secret)
	if err != nil {
		return nil, err
	}
	_, t.ref = t.document.Source.Transport.Chosen()
	for _, m := range snapshot.Missing {
		if o.Secret != nil && m.For == store.SecretForSenders {
			return nil, fmt.Errorf("--secret-file: the secret cannot be used: %s", m.Problem)
		}
	}
	t.snapshot = snapshot
	return t, nil
}

// build returns a snapshot as a pod has it. Without a pepper, identities are in their normal form instead of hashed.
func (t *Tester) build(secret []byte) (*pipeline.Snapshot, error) {
	s, err := pipeline.Build(&t.document, pipeline.Secrets{Secret: secret, Pepper: t.o.Pepper}, discard{})
	if err != nil {
		return nil, err
	}
	if s.PepperMissing {
		s.PepperMissing, s.Hasher = false, privacy.NewClear(t.document.Privacy.Hash)
	}
	// No API is asked: a recording has the record in its document, or rules do without.
	s.APISecretMissing = false
	if secret == nil && !s.Pulls() {
		err = s.Trust()
	}
	return s, err
}

// Form returns the path and media type of a document without its request.
func (t *Tester) Form(document map[string]any) (path, mediaType string, ok bool) {
	kind, err := registry.Of(&t.document.Source.Transport)
	if err != nil || kind.Message == nil {
		return "", "", false
	}
	return kind.Message(document)
}

// Run returns what becomes of a request.
func (t *Tester) Run(ctx context.Context, r *recording.Request) (*Result, error) {
	at, from := t.receipt(r)
	if t.snapshot.Pulls() {
		return t.fetched(r, at, from)
	}
	out := &Result{Request: RequestOf(r, at, from), Authentication: Authentication{Status: NotChecked}}
	seen := t.send(ctx, t.snapshot, r, at, &out.Answer)
	switch {
	case t.ref == nil:
		out.Authentication.Status = NotNeeded
	case t.o.Secret != nil:
		out.Authentication.Status = Valid
		if seen.whole != nil && unauthenticated(seen.whole.Reason) {
			out.Authentication = Authentication{Status: Invalid, Reason: seen.whole.Reason, Field: seen.whole.Field, Message: seen.whole.Message}
			open, err := t.build(nil)
			if err != nil {
				return nil, err
			}
			// The answer is that to the sender who was not recognised; the documents are shown as if he were.
			seen.steps = t.send(ctx, open, r, at, &Answer{}).steps
		}
	}
	if seen.whole != nil {
		out.Refused = t.refusal(&pipeline.Refusal{Rejection: seen.whole}, r, -1, nil)
	}
	for _, s := range seen.steps {
		out.Documents = append(out.Documents, t.documentOf(s, r))
	}
	return out, nil
}

// unauthenticated reports whether a reason is about the sender.
func unauthenticated(reason string) bool {
	return reject.Unauthorized(reason) || reason == reject.WrongAccount
}

// send serves the request, and returns what the server decided.
func (t *Tester) send(ctx context.Context, base *pipeline.Snapshot, r *recording.Request, at time.Time, answer *Answer) *observer {
	seen := &observer{}
	snapshot := *base
	snapshot.Observer = seen
	in := r.HTTP()
	snapshot.Prefix = t.prefix(in.URL.Path)
	stats := ingest.NewStats(prometheus.NewRegistry(), t.clock(at))
	batcher := batch.New(batch.Options{})
	defer batcher.Close()
	server := ingest.NewServer(batcher, budget.New(budget.Total(0)), stats, t.clock(at), slog.New(slog.DiscardHandler))
	server.Use(&snapshot)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, in.WithContext(ctx))
	*answer = Answer{Status: w.Code, Headers: map[string]string{}, Body: w.Body.String()}
	for name := range w.Header() {
		answer.Headers[name] = w.Header().Get(name)
	}
	return seen
}

func (t *Tester) clock(at time.Time) func() time.Time { return func() time.Time { return at } }

// prefix returns that of the source, in whichever namespace the request was recorded.
func (t *Tester) prefix(path string) string {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	if len(parts) >= 2 && parts[1] == t.document.Name {
		return "/" + parts[0] + "/" + parts[1]
	}
	return t.snapshot.Prefix
}

// receipt returns the time of receipt, and where it is from.
func (t *Tester) receipt(r *recording.Request) (at time.Time, from string) {
	switch {
	case !t.o.ReceivedAt.IsZero():
		return t.o.ReceivedAt, "--received-at"
	case !r.ReceivedAt.IsZero():
		return r.ReceivedAt, "the recording"
	}
	if at, err := http.ParseTime(r.Header.Get("Date")); err == nil {
		return at, "the header Date"
	}
	for _, name := range []string{"receivedAt", "sentAt"} {
		if at, err := value.ParseTime(value.RawText(value.Lookup(r.Body, name))); err == nil {
			return at, name + " of the body"
		}
	}
	return t.o.Now, "now"
}

// observer collects what the server decides.
type observer struct {
	steps []*pipeline.Step
	whole *reject.Rejection
}

// Step implements pipeline.Observer.
func (o *observer) Step(s *pipeline.Step) { o.steps = append(o.steps, s) }

// Refused implements pipeline.Observer.
func (o *observer) Refused(r *reject.Rejection) { o.whole = r }

// discard stores nothing.
type discard struct{ store.Appender }

// Append implements store.Appender.
func (discard) Append(context.Context, store.Batch) (store.Appended, error) {
	return store.Appended{Seq: 1}, nil
}

// Err returns ErrRefused with the number of what was refused, or nil.
func Err(results []Result) error {
	documents, requests := 0, 0
	for i := range results {
		for _, d := range results[i].Documents {
			documents += len(d.Refused)
		}
		if results[i].Refused != nil || results[i].Authentication.Status == Invalid {
			requests++
		}
	}
	switch {
	case requests > 0:
		return fmt.Errorf("%s %w", value.Counted(requests, "request"), ErrRefused)
	case documents > 0:
		return fmt.Errorf("%s %w", value.Counted(documents, "document"), ErrRefused)
	}
	return nil
}
