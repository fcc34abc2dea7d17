// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

const (
	// maxListed is how many refusals a response lists; further ones are counted.
	maxListed = 20
	// maxMade is the memory of the events of one request, unless its body can be larger.
	maxMade = 16 << 20
	// madeFactor is the memory of a byte of an event until it is stored: the event itself, its Arrow form, and its part of the body for the store.
	madeFactor = 3
)

// Outcome is the result of the documents of a request.
type Outcome struct {
	Events []event.Event
	// Counters of what was dropped and refused.
	Counters store.Counters
	// Nothings counts the ids of orders, sessions and groups that were left out, by field.
	Nothings map[string]int64
	// Refused counts documents and events; Rejected lists the first of them.
	Refused  int64
	Rejected []transport.Refusal
	// Whole is the reason why the request is refused as a whole; nil if it is not.
	Whole *reject.Rejection
}

// Process converts candidates to finished events, whose memory the share holds. It ends early if the request as a whole is refused.
func Process(s *Snapshot, r *transport.Request, candidates []transport.Candidate, held *budget.Share) Outcome {
	p := newProcessor(s, r, len(candidates), held)
	for i := range candidates {
		done := p.observe(i, &candidates[i])
		p.candidate(i, &candidates[i])
		done()
		// A processed candidate is no longer needed.
		candidates[i] = transport.Candidate{}
		if p.out.Whole != nil {
			p.out.Events = nil
			break
		}
	}
	p.out.Counters.Placeholders, p.out.Nothings = p.finisher.placeholders, p.finisher.nothings
	return p.out
}

func newProcessor(s *Snapshot, r *transport.Request, candidates int, held *budget.Share) *processor {
	p := &processor{
		snapshot: s, request: r, finisher: finisher{snapshot: s, receivedAt: r.ReceivedAt}, budget: mapping.NewBudget(),
		held: held, left: max(maxMade, 2*s.MaxBody),
	}
	p.out.Events = make([]event.Event, 0, min(candidates, 64))
	p.ids.Words = s.nobody
	if s.Rules != nil {
		p.headers, p.query = headersOf(r.Header), queryOf(r.Query)
	}
	return p
}

type processor struct {
	snapshot       *Snapshot
	request        *transport.Request
	finisher       finisher
	headers, query map[string]string
	budget         *mapping.Budget
	ids            eventid.Request
	held           *budget.Share
	// left is the memory that further events can use.
	left int64
	// first is the index of the first event of a document that was fetched, whose limit is its own; 0 for a request.
	first int
	out   Outcome
	// where names the place of the document in progress; nil if it has none.
	where func() string
	// step is nil if nobody observes. input and place are those of the rule that makes an event.
	step  *Step
	input *mapping.Input
	place int
}

func (p *processor) reject(i int, r *reject.Rejection) {
	if p.where != nil {
		r = reject.New(r.Reason, r.Field, p.where()+": "+r.Message)
	}
	p.refused(r)
	batch.Count(&p.out.Counters, r)
	p.out.Refused++
	if len(p.out.Rejected) < maxListed {
		p.out.Rejected = append(p.out.Rejected, transport.Refusal{Index: i, Rejection: r})
	}
}

func (p *processor) candidate(i int, c *transport.Candidate) {
	made, before := len(p.out.Events), p.out
	p.where = c.Where
	p.make(i, c)
	if c.Record && p.out.Refused > before.Refused {
		p.out.Events = p.out.Events[:made]
		p.out.Counters.Unidentified, p.out.Counters.WithoutID = before.Counters.Unidentified, before.Counters.WithoutID
	}
	if c.Uncorrected && len(p.out.Events) > made && p.out.Events[made].Time == c.Time {
		p.out.Counters.Uncorrected++
	}
}

// make converts a candidate to events, by the rules or by the built-in mapping of its transport.
func (p *processor) make(i int, c *transport.Candidate) {
	if c.Rejection != nil {
		p.reject(i, c.Rejection)
		return
	}
	if c.Withheld {
		p.drop(NoConsent)
		return
	}
	if !c.HasTime {
		c.Time, c.TimeSource = p.request.ReceivedAt.UnixMicro(), event.TimeFromReceipt
	}
	if p.snapshot.Rules != nil && p.mapped(i, c) {
		return
	}
	if c.BuiltIn == nil {
		p.reject(i, reject.New(reject.Unmapped, "mapping", "no rule matches the document; add a rule, or a rule with drop"))
		return
	}
	e, r := c.BuiltIn()
	switch {
	case r != nil:
		p.reject(i, r)
		return
	case e == nil:
		p.drop(Technical)
		return
	}
	e.ID, e.Time, e.TimeSource = "", c.Time, c.TimeSource
	document := p.ids.Document(c)
	p.finish(i, e, &document, mapping.NoPlace)
}

// mapped reports whether a rule matched the document.
func (p *processor) mapped(i int, c *transport.Candidate) bool {
	body, err := c.Body()
	if err != nil {
		p.reject(i, transport.NotJSON(""))
		return true
	}
	document := p.ids.Document(c)
	o := p.each(&mapping.Input{
		Body: body, Headers: p.headersFor(c), Query: p.query, Message: c.Message, Now: p.request.ReceivedAt,
		Time: c.Time, TimeSource: c.TimeSource, Budget: p.budget,
		MaxEvents: transport.MaxEvents - (len(p.out.Events) - p.first),
	}, func(m *mapping.Made) bool {
		switch {
		case m.Rejection != nil:
			p.reject(i, m.Rejection)
		case c.Record && m.Event.TimeSource == event.TimeFromReceipt:
			p.reject(i, reject.New(reject.BadTime, "time", "the record has no time, and its time of receipt is not when it happened: set time in the rule"))
		default:
			p.finish(i, &m.Event, &document, m.Place)
		}
		return p.out.Whole == nil && (!c.Record || p.out.Refused == 0)
	})
	if o.Dropped || o.Matched && o.Events == 0 {
		p.out.Counters.Dropped++
	}
	return o.Matched
}

// finish completes an event of document i of the request; place is the index of the event in the document.
func (p *processor) finish(i int, e *event.Event, document *eventid.Document, place int) {
	how, r := document.Set(e, place)
	if r != nil {
		p.reject(i, r)
		return
	}
	aliases := p.rotated(e)
	if r := p.finisher.finish(e); r != nil {
		p.reject(i, r)
		return
	}
	if how.Received {
		p.out.Counters.WithoutID++
	}
	if how.Word {
		p.out.Counters.PlaceholderIDs++
	}
	if e.Flags&event.FlagUnidentified != 0 {
		p.out.Counters.Unidentified++
	}
	p.keep(e, how.From)
	for a := range aliases {
		p.keep(&aliases[a], "")
	}
	if len(p.out.Events) > 2*transport.MaxEvents {
		p.out.Whole = transport.TooMany()
	}
}

// keep adds an event. If there is no memory for it, it refuses the whole request, because its other events would not be stored either.
func (p *processor) keep(e *event.Event, from eventid.From) {
	size := batch.SizeOf(e)
	p.left -= size
	switch {
	case p.out.Whole != nil:
		return
	case p.left < 0:
		p.out.Whole = reject.New(reject.BodyTooLarge, "",
			fmt.Sprintf("the events of the request take more than %d bytes; send smaller batches, or map less", max(maxMade, 2*p.snapshot.MaxBody)))
		return
	case p.held != nil && p.held.Hold(madeFactor*size) != nil:
		p.out.Whole = Overloaded()
		return
	}
	p.out.Events = append(p.out.Events, *e)
	if p.step != nil {
		p.step.Events = append(p.step.Events, Stored{*e, from})
	}
}

// headersFor returns the headers that rules see: those of the document, or of its request.
func (p *processor) headersFor(c *transport.Candidate) map[string]string {
	if c.Headers == nil {
		return p.headers
	}
	for name := range Private {
		delete(c.Headers, name)
	}
	return c.Headers
}

// Private headers contain credentials. Rules cannot see them.
var Private = map[string]bool{
	"authorization": true, "proxy-authorization": true, "cookie": true, "x-write-key": true,
}

// privateQuery are the parameters with credentials.
var privateQuery = map[string]bool{"access_token": true, "writeKey": true, "api_secret": true, "token_auth": true}

func headersOf(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for k, v := range h {
		if name := strings.ToLower(k); !Private[name] && len(v) > 0 {
			out[name] = strings.ToValidUTF8(v[0], "")
		}
	}
	return out
}

func queryOf(q url.Values) map[string]string {
	out := make(map[string]string, len(q))
	for k, v := range q {
		if !privateQuery[k] && len(v) > 0 {
			out[strings.ToValidUTF8(k, "")] = strings.ToValidUTF8(v[0], "")
		}
	}
	return out
}

// Overloaded is the rejection for the rate: the sender can send the same request a little later.
func Overloaded() *reject.Rejection {
	return reject.New(reject.RateLimited, "", "the requests in progress need too much memory; send fewer at a time")
}
