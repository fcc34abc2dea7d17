// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// item is an event to be sent, for the first time or again.
type item struct {
	e         *world.Event
	again     bool
	moreEmail string
}

// Planner puts the events of a world into requests: alone, in batches, and some of them again in other batches.
type Planner struct {
	dice        *rand.Rand
	clean       bool
	omnichannel bool
	// open holds the items that wait for their batch to fill, and full the size at which it is sent, by sender.
	open map[sender][]item
	full map[sender]int
	// later holds the items that will be sent again, by the number of the event after which they are.
	later []delayed
	n     int
	// LiveFrom is the time at which batches end: later events are sent one by one, at their time. The zero value means never.
	LiveFrom time.Time
	live     bool
	// end is the end of the world.
	end time.Time
	// Sent counts what is planned.
	Sent  Tally
	yield func(*Request)
}

// sender is a source, one till, or one phone with the app.
type sender struct {
	source world.Source
	device string
}

type delayed struct {
	after int
	item  item
}

// Shares of events and of requests that are sent twice, as by senders that lost the response.
const (
	eventsAgain   = 0.03
	requestsAgain = 0.01
	// batchesSpoilt is the share of batches with one bad message. The good ones in them are kept.
	batchesSpoilt = 0.02
	// againWithin is the number of events within which a redelivery follows.
	againWithin = 3000
)

// NewPlanner returns a planner for a world. The same world gives the same requests; another delivery gives the same events in other batches.
func NewPlanner(w *world.World, delivery uint64, yield func(*Request)) *Planner {
	return &Planner{
		dice: rand.New(rand.NewPCG(w.Params.Seed, 0x71e5+delivery)), clean: w.Params.Clean, omnichannel: w.Params.Omnichannel, yield: yield,
		end: w.Params.Now, open: map[sender][]item{}, full: map[sender]int{}, Sent: newTally(w.Sources()),
	}
}

// Add plans the next event in the order of sending.
func (p *Planner) Add(e *world.Event) {
	p.n++
	if e.Source == world.TillHistory { // in files, each once
		p.Sent.event(item{e: e}, p.end)
		return
	}
	if !p.live && !p.LiveFrom.IsZero() && e.SentAt().After(p.LiveFrom) {
		p.sendAll()
		p.live = true
	}
	p.put(item{e: e})
	if !p.clean && p.dice.Float64() < eventsAgain {
		p.later = append(p.later, delayed{after: p.n + 1 + p.dice.IntN(againWithin), item: p.again(e)})
	}
	p.redeliver(func(d delayed) bool { return d.after <= p.n })
}

// again returns the same event in another delivery. If the site has learned the customer's address since, it sends that, too.
func (p *Planner) again(e *world.Event) item {
	it := item{e: e, again: true}
	if e.Source == world.Web && e.Identities.CustomerID != "" && e.Identities.Email == "" {
		it.moreEmail = e.Address()
	}
	return it
}

func (p *Planner) redeliver(due func(delayed) bool) {
	rest := p.later[:0]
	for _, d := range p.later {
		if due(d) {
			p.put(d.item)
		} else {
			rest = append(rest, d)
		}
	}
	p.later = rest
}

// Flush plans everything that is still waiting.
func (p *Planner) Flush() {
	p.redeliver(func(delayed) bool { return true })
	p.sendAll()
}

func (p *Planner) sendAll() {
	senders := slices.Collect(maps.Keys(p.open))
	slices.SortFunc(senders, func(a, b sender) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.device, b.device))
	})
	for _, from := range senders {
		p.send(from)
	}
}

func (p *Planner) put(it item) {
	from := sender{source: it.e.Source}
	switch from.source {
	case world.Tills:
		from.device = it.e.Identities.DeviceID
	case world.App:
		from.device = it.e.Identities.AnonymousID
	}
	if len(p.open[from]) == 0 {
		p.full[from] = p.size(from.source)
	}
	p.open[from] = append(p.open[from], it)
	if len(p.open[from]) >= p.full[from] {
		p.send(from)
	}
}

// size returns the size of the next batch: some events are sent alone.
func (p *Planner) size(source world.Source) int {
	largest := largestBatch[source]
	if p.omnichannel {
		largest = largestInOmnichannel[source]
	}
	if largest <= 1 || p.live || p.dice.Float64() < 0.2 {
		return 1
	}
	return 2 + p.dice.IntN(largest-1)
}

var (
	largestBatch = map[world.Source]int{world.Web: 100, world.CRM: 40, world.Tills: 20, world.Support: 20, world.Surveys: 20}
	// The others send each event in a request or message of its own.
	largestInOmnichannel = map[world.Source]int{world.Web: 100, world.CRM: 40, world.App: 12}
)

func (p *Planner) send(from sender) {
	items := p.open[from]
	if len(items) == 0 {
		return
	}
	p.open[from] = nil
	r := p.request(from.source, items)
	for _, it := range items {
		p.Sent.event(it, p.end)
	}
	p.yield(r)
	if !p.clean && p.dice.Float64() < requestsAgain {
		for _, it := range items {
			p.Sent.event(item{e: it.e, again: true}, p.end)
		}
		p.Sent.bad(r)
		p.yield(r)
	}
}

func (p *Planner) request(source world.Source, items []item) *Request {
	events := make([]*world.Event, len(items))
	at := time.Time{}
	for i, it := range items {
		events[i] = it.e
		if t := it.e.SentAt(); t.After(at) {
			at = t
		}
	}
	r := &Request{Source: source, Path: "/", At: at, Good: len(items)}
	binary := p.dice.IntN(2) == 0
	switch {
	case source == world.Web:
		p.segment(r, items)
	case p.omnichannel && source != world.CRM:
		system(r, events)
	default:
		r.Write = writer(source, events, binary)
	}
	return r
}

// segment sends one message to its own path, and several as a batch.
func (p *Planner) segment(r *Request, items []item) {
	if len(items) == 1 {
		first := items[0]
		r.Path = "/v1/" + MessageOf(first.e, r.At, "").Type
		r.Write = func(now time.Time, secret string) ([]byte, http.Header, error) {
			return WriteMessage(MessageOf(first.e, now, first.moreEmail), secret)
		}
		return
	}
	r.Path = "/v1/batch"
	spoilt := !p.clean && p.dice.Float64() < batchesSpoilt
	if spoilt {
		r.Bad = map[string]int{"missing-identity": 1}
		p.Sent.bad(r)
	}
	r.Write = func(now time.Time, secret string) ([]byte, http.Header, error) {
		messages := make([]any, len(items), len(items)+1)
		for i, it := range items {
			messages[i] = MessageOf(it.e, now, it.moreEmail)
		}
		if spoilt {
			messages = append(messages, Message{Type: "track", MessageID: "spoilt", Timestamp: Stamp(r.At), AnonymousID: "null", Event: "Page Left"})
		}
		return WriteSegment(messages, secret)
	}
}

// oneOrAll returns a document, or a list of them.
func oneOrAll[T any](events []*world.Event, document func(*world.Event) T) any {
	if len(events) == 1 {
		return document(events[0])
	}
	all := make([]T, len(events))
	for i, e := range events {
		all[i] = document(e)
	}
	return all
}
