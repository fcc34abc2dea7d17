// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ga4

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// payload is the raw parts of a request. The slices point into the body.
type payload struct {
	clientID, appInstanceID, userID string
	timestamp, userProperties       []byte
	consent, events                 []byte

	// traits and shared are the same for all events of a request. They are made when the first event needs them, and only once: a request can have
	// thousands of events next to a megabyte of properties.
	traits func() json.RawMessage
	shared func() (map[string]any, error)
}

func parse(body []byte) *payload {
	p := &payload{}
	for k, v := range value.Fields(body) {
		switch string(k) {
		case "client_id":
			p.clientID = value.RawText(v)
		case "app_instance_id":
			p.appInstanceID = value.RawText(v)
		case "user_id":
			p.userID = value.RawText(v)
		case "timestamp_micros":
			p.timestamp = v
		case "user_properties":
			p.userProperties = v
		case "consent":
			p.consent = v
		case "events":
			p.events = v
		}
	}
	p.traits, p.shared = sync.OnceValue(p.readTraits), sync.OnceValues(p.readShared)
	return p
}

// decode returns the candidates of the events.
func (p *payload) decode() (transport.Decoded, *reject.Rejection) {
	if value.Kind(p.events) != '[' {
		return transport.Decoded{}, reject.New(reject.BadJSON, "events", "a list of events is expected")
	}
	list, rejection := transport.Elements(p.events)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	if len(list) == 0 {
		return transport.Decoded{}, reject.New(reject.BadJSON, "events", "the list of events is empty")
	}
	out := transport.Decoded{Candidates: make([]transport.Candidate, len(list))}
	withheld := p.withheld()
	for i, raw := range list {
		if withheld {
			out.Candidates[i] = transport.Candidate{Withheld: true}
			continue
		}
		out.Candidates[i] = p.candidate(raw)
	}
	return out, nil
}

// withheld reports whether the customer did not allow analytics. The protocol's own ad_user_data and ad_personalization are only about advertising.
func (p *payload) withheld() bool {
	return strings.EqualFold(value.RawText(value.Lookup(p.consent, "analytics_storage")), "denied")
}

// hit is one event of a request.
type hit struct {
	*payload
	raw, params, timestamp []byte
	name                   string
}

func (p *payload) hit(raw []byte) *hit {
	h := &hit{payload: p, raw: raw}
	for k, v := range value.Fields(raw) {
		switch string(k) {
		case "name":
			h.name = value.Clean(value.RawText(v))
		case "params":
			h.params = v
		case "timestamp_micros":
			h.timestamp = v
		}
	}
	return h
}

func (p *payload) candidate(raw []byte) transport.Candidate {
	if value.Kind(raw) != '{' {
		return transport.Candidate{Rejection: reject.New(reject.BadJSON, "events", "an event must be a JSON object")}
	}
	h := p.hit(raw)
	at, rejection := h.time()
	if rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	return transport.Candidate{
		ID: h.id(), Time: at, TimeSource: event.TimeFromEvent, HasTime: at != 0,
		ContentID: func() (string, *reject.Rejection) { return h.contentID(at) },
		Body:      func() (any, error) { return h.document() },
		BuiltIn:   h.builtIn,
	}
}

// time returns the time of the event in microseconds, or 0 if it has none: its own, else that of the request.
func (h *hit) time() (int64, *reject.Rejection) {
	for _, raw := range [][]byte{h.timestamp, value.Lookup(h.params, "timestamp_micros"), h.payload.timestamp} {
		if k := value.Kind(raw); k == 0 || k == 'n' {
			continue
		}
		us, err := clock.Unix(value.RawText(raw), clock.Microseconds)
		if err != nil {
			return 0, reject.New(reject.BadTime, "timestamp_micros", "the value "+err.Error())
		}
		return us, nil
	}
	return 0, nil
}

// id returns the id of a purchase: a transaction_id is one purchase, however often it is sent. No other event has an id.
func (h *hit) id() string {
	if canonical[h.name] != orderCompleted {
		return ""
	}
	order := value.Clean(value.RawText(value.Lookup(h.params, "transaction_id")))
	if order == "" || (*privacy.Placeholders)(nil).Has("", order) {
		return ""
	}
	return "ga4:purchase:" + order
}

// contentID identifies an event by who did what at which time. Properties of the user, consent and device may differ when it is sent again.
func (h *hit) contentID(at int64) (string, *reject.Rejection) {
	document, err := value.Decode(h.raw)
	if err != nil {
		return "", transport.NotJSON("events")
	}
	return transport.ContentID(map[string]any{
		"client_id": h.clientID, "app_instance_id": h.appInstanceID, "user_id": h.userID, "time": at, "event": document,
	})
}

// document returns the event for mapping rules, with the fields that the events of a request share.
func (h *hit) document() (any, error) {
	document, err := value.Decode(h.raw)
	if err != nil {
		return nil, err
	}
	fields, ok := document.(map[string]any)
	if !ok {
		return document, nil
	}
	shared, err := h.shared()
	if err != nil {
		return nil, err
	}
	for name, v := range shared {
		if _, own := fields[name]; !own {
			fields[name] = v
		}
	}
	for name, text := range map[string]string{"client_id": h.clientID, "app_instance_id": h.appInstanceID, "user_id": h.userID} {
		if text != "" {
			fields[name] = text
		}
	}
	return fields, nil
}

// readShared decodes what the events of a request share, for mapping rules, which change nothing in it.
func (p *payload) readShared() (map[string]any, error) {
	out := map[string]any{}
	for name, raw := range map[string][]byte{"user_properties": p.userProperties, "consent": p.consent, "timestamp_micros": p.timestamp} {
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
