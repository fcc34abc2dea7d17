// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snowplow

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
	"github.com/journeyman-dev/journeyman/internal/transport/form"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// sender is what the events of a request share.
type sender struct {
	receivedAt    time.Time
	networkUserID string
}

// hit is one event of a request.
type hit struct {
	*sender
	// fields returns the parameters of the tracker protocol. It decodes them, so call it once.
	fields func() form.Form
	// head has the parameters that are needed before the event is made.
	head form.Form
	// happened is the self-describing event, and entities are those of its context; nil if it has none.
	happened, entities []byte
	// items are the products of a transaction that were sent as events of the same request.
	items []json.RawMessage
	// merged is set if the event is such a product.
	merged bool
}

// heads are the parameters in the head of a hit.
var heads = map[string]bool{
	"e": true, "tv": true, "p": true, "eid": true, "dtm": true, "stm": true, "ttm": true, "tr_id": true, "ti_id": true,
	"ue_px": true, "ue_pr": true, "cx": true, "co": true,
}

// single decodes a request whose parameters are one event.
func (s *sender) single(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	f, rejection := form.Parse(r.RawQuery)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	h := &hit{sender: s, head: f, fields: func() form.Form { return f }}
	if rejection := embedded(r, []*hit{h})[0]; rejection != nil {
		return transport.Decoded{}, rejection
	}
	return transport.Decoded{Candidates: []transport.Candidate{h.candidate()}}, nil
}

// batch decodes a payload.
func (s *sender) batch(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	body, rejection := r.Body()
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	if rejection := transport.CheckJSON(body); rejection != nil {
		return transport.Decoded{}, rejection
	}
	if !json.Valid(body) {
		return transport.Decoded{}, transport.NotJSON("")
	}
	data := value.Lookup(bytes.TrimSpace(body), "data")
	if value.Kind(data) != '[' {
		return transport.Decoded{}, reject.New(reject.BadJSON, "data", "a payload with a list of events is expected")
	}
	list, rejection := transport.Elements(data)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	if len(list) == 0 {
		return transport.Decoded{}, reject.New(reject.BadJSON, "data", "the list of events is empty")
	}
	hits := make([]*hit, len(list))
	for i, raw := range list {
		hits[i] = s.hit(raw)
	}
	return s.candidates(r, hits)
}

func (s *sender) candidates(r *transport.Request, hits []*hit) (transport.Decoded, *reject.Rejection) {
	refused := embedded(r, hits)
	mergeItems(hits)
	out := transport.Decoded{Candidates: make([]transport.Candidate, len(hits))}
	for i, h := range hits {
		switch {
		case refused[i] != nil && refused[i].Reason == reject.RateLimited, refused[i] != nil && refused[i].Reason == reject.BodyTooLarge:
			return transport.Decoded{}, refused[i]
		case refused[i] != nil:
			out.Candidates[i] = transport.Candidate{Rejection: refused[i]}
		default:
			out.Candidates[i] = h.candidate()
		}
	}
	return out, nil
}

// hit returns the event of a JSON object, whose values are texts, or nil for any other value.
func (s *sender) hit(raw []byte) *hit {
	if value.Kind(raw) != '{' {
		return nil
	}
	h := &hit{sender: s, head: make(form.Form, len(heads))}
	for k, v := range value.Fields(raw) {
		if heads[string(k)] {
			h.head[string(k)] = value.RawText(v)
		}
	}
	h.fields = func() form.Form {
		f := form.Form{}
		for k, v := range value.Fields(raw) {
			f[string(k)] = value.RawText(v)
		}
		return f
	}
	return h
}

func (h *hit) candidate() transport.Candidate {
	for _, name := range []string{"e", "tv", "p"} {
		if h.head[name] == "" {
			return transport.Candidate{Rejection: reject.New(reject.BadJSON, name, "every event needs e (its type), tv (the tracker) and p (the platform)")}
		}
	}
	at, rejection := h.time()
	if rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	return transport.Candidate{
		ID: value.Clean(h.head["eid"]), Time: at.At, TimeSource: at.Source, HasTime: true, Uncorrected: at.Uncorrected,
		ContentID: h.contentID, Body: h.document, BuiltIn: h.builtIn,
	}
}

// time returns the time of the event: the true time that a sender may give it, else the time of the device, corrected by the time of sending.
func (h *hit) time() (clock.Moment, *reject.Rejection) {
	if text := h.head["ttm"]; text != "" {
		at, err := clock.Unix(text, clock.Milliseconds)
		if err != nil {
			return clock.Moment{}, reject.New(reject.BadTime, "ttm", "the value "+err.Error())
		}
		return clock.Given(at), nil
	}
	text := h.head["dtm"]
	if text == "" {
		return clock.Receipt(h.receivedAt), nil
	}
	at, err := clock.Unix(text, clock.Milliseconds)
	if sent, unsent := clock.Unix(h.head["stm"], clock.Milliseconds); err == nil && unsent == nil {
		return clock.Sent(at, time.UnixMicro(sent), h.receivedAt, "dtm", "stm")
	}
	if err != nil {
		return clock.Moment{}, reject.New(reject.BadTime, "dtm", "the value "+err.Error())
	}
	return clock.Given(at), nil
}

// contentID identifies an event without eid. The time of sending differs when it is sent again.
func (h *hit) contentID() (string, *reject.Rejection) {
	document := h.fields().Document()
	delete(document, "stm")
	return transport.ContentID(document)
}

// document returns the event for mapping rules: its parameters, with the self-describing event as ue, and the list of its entities as contexts.
func (h *hit) document() (any, error) {
	out := h.fields().Document()
	for _, name := range []string{"ue_px", "ue_pr", "cx", "co"} {
		delete(out, name)
	}
	for name, raw := range map[string][]byte{"ue": h.happened, "contexts": h.entities} {
		if raw == nil {
			continue
		}
		decoded, err := value.Decode(raw)
		if err != nil {
			return nil, err
		}
		out[name] = decoded
	}
	return out, nil
}

// builtIn returns the event with Snowplow's meaning of the parameters, or nil if it is technical.
func (h *hit) builtIn() (*event.Event, *reject.Rejection) {
	if h.merged || h.head["e"] == "pp" {
		return nil, nil
	}
	m := &maker{hit: h, f: h.fields()}
	return m.make()
}
