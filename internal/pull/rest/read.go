// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Read implements pull.Reader. Polls without anything new end in it.
func (r *reader) Read(ctx context.Context) (pull.Batch, error) {
	for r.page == nil {
		r.blocked.Store(nil)
		if err := r.turnPage(ctx); err != nil {
			if refused := r.blocked.Load(); refused != nil && ctx.Err() == nil {
				err = refused
			}
			return pull.Batch{}, explained(err)
		}
		if len(r.page.records) == 0 && r.settled() {
			r.pass()
		}
	}
	return r.batch(), nil
}

// settled reports whether the position after the page is stored already, or need not be: a page without records in the middle of a poll.
func (r *reader) settled() bool {
	return r.page.next != "" || string(r.after.encode()) == string(r.stored)
}

// turnPage reads the next page when it is due.
func (r *reader) turnPage(ctx context.Context) error {
	if err := pull.Sleep(ctx, r.notBefore.Sub(r.Now())); err != nil {
		return err
	}
	if r.at.Poll == nil {
		r.begin()
	}
	response, err := r.ask(ctx)
	if err != nil {
		return err
	}
	p, err := r.read(response)
	if err != nil {
		return err
	}
	// The last answer said that it was the last one for now.
	r.notBefore = r.Now().Add(httpapi.Exhausted(response.Header, r.Now()))
	r.resumed = false
	return r.follow(p)
}

// follow sets the position after a page.
func (r *reader) follow(p *page) error {
	after, now := r.at, *r.at.Poll
	if now.Began == 0 {
		now.Began = p.began
	}
	for _, record := range p.records {
		if us, ok := r.timeOf(record); ok {
			now.Newest = max(now.Newest, us)
		}
	}
	now.Next, now.Pages = p.next, now.Pages+1
	after.Poll = &now
	p.records = r.known.without(p.records)
	if r.savesCursor() && p.cursor != "" {
		after.Cursor = p.cursor
	}
	if p.next == "" {
		after, p.further = r.finished(after)
	}
	if !after.fits() && after.Poll == nil {
		return misconfigured("the cursor of %s is too long to be saved: remove %s.incremental.savedCursor", r.url.Host, field)
	}
	r.page, r.after = p, after
	return nil
}

// ask sends the request of the next page. It waits as long as the API asks.
func (r *reader) ask(ctx context.Context) (*httpapi.Response, error) {
	for {
		request, err := r.next()
		if err != nil {
			return nil, err
		}
		response, err := r.client.Do(ctx, request)
		var failed *httpapi.Error
		if !errors.As(err, &failed) {
			return response, err
		}
		switch limited := failed.Reason == httpapi.RateLimited; {
		case limited || failed.Temporary && failed.RetryAfter > shortPause:
			wait := failed.RetryAfter
			if limited && wait == 0 {
				wait = rateLimited
			}
			r.Log.Info("the API asks for a pause", "status", failed.Status, "pause", wait.Round(time.Second).String())
			if err := pull.Sleep(ctx, wait); err != nil {
				return nil, err
			}
			if !limited {
				return nil, failed // It may be more than a moment, so the source shows it.
			}
		case r.outdated(failed):
			r.Log.Info("the API does not know the page any more with which an earlier poll was to continue; the poll begins again", "status", failed.Status)
			r.begin()
		default:
			return nil, failed
		}
	}
}

// outdated reports whether an error can mean that the page of an earlier poll is gone, as cursors expire.
func (r *reader) outdated(e *httpapi.Error) bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity:
		return r.resumed
	}
	return false
}

// batch returns the next records of the page. The position moves past the page with the last ones.
func (r *reader) batch() pull.Batch {
	p, b := r.page, pull.Batch{}
	from := p.taken
	for p.taken < len(p.records) && len(b.Candidates) < pull.MaxRows && b.Bytes < pull.MaxBytes {
		raw := p.records[p.taken]
		b.Candidates = append(b.Candidates, r.candidate(raw)...)
		b.Bytes += int64(len(raw))
		p.taken++
	}
	taken := p.records[from:p.taken]
	whole := p.taken == len(p.records)
	next := r.at
	if whole {
		next = r.after
	}
	if !next.fits() {
		// After a crash, the poll begins again.
		next.Poll = &poll{Request: next.Poll.Request, Until: next.Poll.Until}
	}
	position := next.encode()
	b.Moves = []store.Move{{Expected: r.stored, Next: position}}
	b.Settle = func(_ context.Context, stored error) error {
		if stored == nil { // Else, the reader is closed, and the next one reads the page again.
			r.stored = position
			r.known.add(taken)
			if whole {
				r.pass()
			}
		}
		return nil
	}
	return b
}

// pass continues with the next page, or waits for the next poll.
func (r *reader) pass() {
	p := r.page
	r.at, r.page = r.after, nil
	if r.at.Poll != nil || p.further {
		return
	}
	r.known.turn()
	r.caughtUp()
	if due := r.Now().Add(r.spec.PollEvery.Or(defaultPoll)); due.After(r.notBefore) {
		r.notBefore = due
	}
}
