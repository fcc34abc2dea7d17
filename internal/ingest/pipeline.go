// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/channel"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// refusal is one refused document of a request.
type refusal struct {
	// Index of the document in the request; 0 for a single one.
	Index int `json:"index"`
	*reject.Rejection
}

// outcome is what became of the documents of a request.
type outcome struct {
	events   []event.Event
	dropped  int64
	rejected []refusal
	// withoutID counts the events that are new each time they are received.
	withoutID int64
}

// process turns candidates into finished events.
func process(s *Snapshot, r *channel.Request, candidates []channel.Candidate) outcome {
	p := &processor{snapshot: s, request: r, finisher: finisher{snapshot: s, receivedAt: r.ReceivedAt}, budget: mapping.NewBudget()}
	p.out.events = make([]event.Event, 0, len(candidates))
	if s.Rules != nil {
		p.headers, p.query = headersOf(r.Header), queryOf(r.Query)
	}
	for i := range candidates {
		p.candidate(i, &candidates[i])
	}
	return p.out
}

type processor struct {
	snapshot       *Snapshot
	request        *channel.Request
	finisher       finisher
	headers, query map[string]string
	budget         *mapping.Budget
	ids            eventid.Request
	out            outcome
}

func (p *processor) reject(i int, r *reject.Rejection) {
	p.out.rejected = append(p.out.rejected, refusal{Index: i, Rejection: r})
}

func (p *processor) candidate(i int, c *channel.Candidate) {
	if c.Rejection != nil {
		p.reject(i, c.Rejection)
		return
	}
	if c.Time == 0 {
		c.Time, c.TimeSource = p.request.ReceivedAt.UnixMicro(), event.TimeFromReceipt
	}
	if p.snapshot.Rules != nil && p.mapped(i, c) {
		return
	}
	if c.BuiltIn == nil {
		p.reject(i, reject.New(reject.Unmapped, "mapping", "no rule wanted the document; add one, or one with drop"))
		return
	}
	e, r := c.BuiltIn()
	if r != nil {
		p.reject(i, r)
		return
	}
	e.ID, e.Time, e.TimeSource = "", c.Time, c.TimeSource
	p.finish(i, e, p.ids.Document(c.ID, c.ContentID), mapping.NoPlace)
}

// mapped tells whether a rule wanted the document.
func (p *processor) mapped(i int, c *channel.Candidate) bool {
	body, err := c.Body()
	if err != nil {
		p.reject(i, channel.NotJSON(""))
		return true
	}
	o := p.snapshot.Rules.Map(&mapping.Input{
		Body: body, Headers: p.headers, Query: p.query, Now: p.request.ReceivedAt,
		Time: c.Time, TimeSource: c.TimeSource, Budget: p.budget,
		MaxEvents: channel.MaxEvents - len(p.out.events),
	})
	if o.Dropped || o.Matched && len(o.Made) == 0 {
		p.out.dropped++
	}
	document := p.ids.Document(c.ID, c.ContentID)
	for m := range o.Made {
		if r := o.Made[m].Rejection; r != nil {
			p.reject(i, r)
			continue
		}
		p.finish(i, &o.Made[m].Event, document, o.Made[m].Place)
	}
	return o.Matched
}

// finish completes an event of document i of the request, the one of document that stands at the place.
func (p *processor) finish(i int, e *event.Event, document *eventid.Document, place int) {
	received, r := document.Set(e, place)
	if r != nil {
		p.reject(i, r)
		return
	}
	aliases := p.rotated(e)
	if r := p.finisher.finish(e); r != nil {
		p.reject(i, r)
		return
	}
	if received {
		p.out.withoutID++
	}
	p.out.events = append(append(p.out.events, *e), aliases...)
}

// private headers carry credentials; no rule can see them.
var private = map[string]bool{
	"authorization": true, "proxy-authorization": true, "cookie": true, "x-write-key": true,
}

func headersOf(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for k, v := range h {
		if name := strings.ToLower(k); !private[name] && len(v) > 0 {
			out[name] = strings.ToValidUTF8(v[0], "")
		}
	}
	return out
}

func queryOf(q url.Values) map[string]string {
	out := make(map[string]string, len(q))
	for k, v := range q {
		if k != "access_token" && k != "writeKey" && len(v) > 0 {
			out[strings.ToValidUTF8(k, "")] = strings.ToValidUTF8(v[0], "")
		}
	}
	return out
}
