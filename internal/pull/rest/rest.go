// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rest asks an HTTP API for its records again and again, page by page. The position is in the store: the page that comes next, and how far the
// records were read. It moves in the append of the last records of a page, so a crash repeats at most one page.
package rest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

// Kind is the entry in the registry.
var Kind = pull.Kind{Name: "rest", Check: check, Open: open}

const (
	// maxResponse is the size of a page after decompression, and maxRecords the number of its records. A page is in memory as a whole.
	maxResponse = 16 << 20
	maxRecords  = 100_000
	// patience limits a request with its response; exports begin to answer late.
	patience = 2 * time.Minute
	// attempts of a request, with pauses up to shortPause in between.
	attempts   = 3
	shortPause = 10 * time.Second
	// rateLimited is the pause if the API limits its rate and says nothing of when it ends.
	rateLimited = time.Minute

	defaultMaxPages = 10_000
	defaultPoll     = 5 * time.Minute
	defaultOverlap  = 5 * time.Minute
	// field is the path of the settings in messages.
	field = "spec.transport.rest"
)

// reader is one client of the API.
type reader struct {
	pull.Settings
	spec   *v1alpha1.RESTTransport
	url    *url.URL
	client *httpapi.Client
	decode *message.Decoder
	// stored is the position in the store; nil if there is none. at is the page that is asked for next.
	stored []byte
	at     position
	// resumed is set until a page was read, if the poll was begun by another reader.
	resumed bool
	// page is the one whose records are not all settled yet; nil if there is none. after is the position after it.
	page  *page
	after position
	// seen detects pages that are a loop.
	seen seen
	// known are records that this reader has stored.
	known known
	// blocked is why the last connection was not made, if the guard refused it. Errors of the client do not have it.
	blocked atomic.Pointer[pull.Error]
	// notBefore is the time of the next request.
	notBefore time.Time

	mu         sync.Mutex
	caughtUpAt time.Time
}

// open makes a client, and continues where the store is. It sends no request: the first one is part of the first poll.
func open(ctx context.Context, s pull.Settings) (pull.Reader, error) {
	r := &reader{Settings: s, spec: s.Spec.Transport.REST}
	var err error
	if r.url, err = url.Parse(r.spec.URL); err != nil {
		return nil, misconfigured("%s.url is not a URL", field)
	}
	if r.decode, err = message.New(message.Options{Spec: s.Spec, Format: v1alpha1.MessagesJSON, MaxDocument: s.MaxDocument}); err != nil {
		return nil, err
	}
	if r.client, err = r.connect(); err != nil {
		return nil, err
	}
	cursors, err := s.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	r.stored = cursors.Position("")
	r.at = r.restore(r.stored)
	r.resumed = r.at.Poll != nil && r.at.Poll.Next != ""
	return r, nil
}

// connect makes the client of the API.
func (r *reader) connect() (*httpapi.Client, error) {
	// A host that gets no credentials would answer with something else than the records, or with nothing.
	options := egress.ClientOptions{Timeout: patience, MaxResponse: maxResponse, SameOrigin: true}
	if t := r.spec.TLS; t != nil {
		var err error
		if options.TLS, err = secure.TLS(field+".tls", t, r.Files); err != nil {
			return nil, err
		}
	}
	web := egress.NewClient(r.dial, options)
	if options.TLS != nil && options.TLS.ServerName != "" {
		// The name in the certificate of the API is not that of its token endpoint.
		options.TLS = options.TLS.Clone()
		options.TLS.ServerName = ""
	}
	perSecond := float64(httpapi.DefaultRate)
	if n := r.spec.RequestsPerSecond; n != nil {
		perSecond = float64(*n)
	}
	c, err := httpapi.New(httpapi.Options{
		HTTP: web, Tokens: egress.NewClient(r.dial, options),
		Credentials: httpapi.CredentialsOf(r.spec.Credentials, secure.Line(r.Files[podconfig.FilePassword])),
		Rate:        perSecond, Attempts: attempts, Patience: shortPause, Now: r.Now,
	})
	if err != nil {
		return nil, misconfigured("%s.secretRef: %v", field, err)
	}
	return c, nil
}

// dial notes why a connection was refused.
func (r *reader) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := r.Dial(ctx, network, address)
	if refused, ok := errors.AsType[*pull.Error](err); ok {
		r.blocked.Store(refused)
	}
	return conn, err
}

// Close implements pull.Reader.
func (r *reader) Close() error {
	r.client.Close()
	return nil
}

// Progress implements pull.Observed. APIs do not say how many records are left.
func (r *reader) Progress() pull.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return pull.Progress{Partitions: 1, CaughtUpAt: r.caughtUpAt}
}

func (r *reader) caughtUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.caughtUpAt = r.Now()
}

// header returns the headers of requests.
func (r *reader) header() http.Header {
	h := http.Header{}
	if r.spec.Format == v1alpha1.RESTNDJSON {
		h.Set("Accept", "application/x-ndjson, application/json, text/plain;q=0.5")
	}
	for name, v := range r.spec.Headers {
		h.Set(name, string(v))
	}
	return h
}
