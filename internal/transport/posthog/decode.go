// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package posthog

import (
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// batch is what the events of a request share.
type batch struct {
	apiKey     string
	engage     bool
	receivedAt time.Time
	// sent is the time of sending by the clock of the sender; hasSent is false if the sender did not say.
	sent    time.Time
	hasSent bool
}

// read returns what the events of a body share, and the events: one, a list, or an object with the list.
func read(r *transport.Request, isEngage bool, body []byte) (*batch, [][]byte, *reject.Rejection) {
	b := &batch{engage: isEngage, receivedAt: r.ReceivedAt}
	if us, unit, err := value.EpochTime(r.Query.Get("_")); err == nil && unit == "milliseconds" {
		// Browsers send the time of their clock as a parameter, which also keeps responses out of caches.
		b.sent, b.hasSent = time.UnixMicro(us), true
	}
	list := body
	for k, v := range value.Fields(body) {
		switch string(k) {
		case "api_key", "token", "$token":
			b.apiKey = value.RawText(v)
		case "sent_at":
			if at, ok := clock.Instant(v); ok {
				b.sent, b.hasSent = at, true
			}
		case "batch":
			list = v
		}
	}
	switch value.Kind(list) {
	case '[':
		events, rejection := transport.Elements(list)
		return b, events, rejection
	case '{':
		return b, [][]byte{list}, nil
	}
	return b, nil, reject.New(reject.BadJSON, "batch", "a list of events is expected")
}

// message is the raw parts of one event. The slices point into the body.
type message struct {
	event, uuid, distinctID string

	timestamp, offset, properties, set, setOnce []byte

	person
}

func (b *batch) candidate(raw []byte) transport.Candidate {
	if value.Kind(raw) != '{' {
		return transport.Candidate{Rejection: reject.New(reject.BadJSON, "", "an event must be a JSON object")}
	}
	m := parse(raw)
	if m.event == "" && b.engage {
		m.event = "$identify"
	}
	at, rejection := b.time(m)
	if rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	return transport.Candidate{
		ID: m.uuid, Time: at.At, TimeSource: at.Source, HasTime: true, Uncorrected: at.Uncorrected,
		ContentID: func() (string, *reject.Rejection) { return sdk.Content(raw, append([]string{"sent_at"}, secret...)...) },
		Body:      func() (any, error) { return sdk.Without(raw, secret...) },
		BuiltIn:   m.meaning,
	}
}

func parse(raw []byte) *message {
	m := &message{}
	for k, v := range value.Fields(raw) {
		switch string(k) {
		case "event":
			m.event = value.Clean(value.RawText(v))
		case "uuid":
			m.uuid = value.Clean(value.RawText(v))
		case "distinct_id", "$distinct_id":
			m.distinctID = value.RawText(v)
		case "timestamp":
			m.timestamp = v
		case "offset":
			m.offset = v
		case "properties":
			m.properties = v
		case "$set":
			m.set = v
		case "$set_once":
			m.setOnce = v
		}
	}
	m.person = personOf(m.properties)
	if m.distinctID == "" {
		m.distinctID = m.person.distinctID
	}
	return m
}

// time returns the time of an event. Browsers that keep events for a while send how long ago each one happened.
func (b *batch) time(m *message) (clock.Moment, *reject.Rejection) {
	v := value.RawScalar(m.timestamp)
	if v == nil || v == "" {
		return b.ago(m.offset)
	}
	at, err := clock.UTC(v)
	if err != nil {
		return clock.Moment{}, reject.New(reject.BadTime, "timestamp", "the value "+err.Error())
	}
	if !b.hasSent {
		return clock.Given(at), nil
	}
	return clock.Sent(at, b.sent, b.receivedAt, "timestamp", "sent_at")
}

func (b *batch) ago(offset []byte) (clock.Moment, *reject.Rejection) {
	v := value.RawScalar(offset)
	if v == nil {
		return clock.Receipt(b.receivedAt), nil
	}
	micros, err := value.Micros(v)
	at := b.receivedAt.UnixMicro() - micros/1000
	if err != nil || micros < 0 || at <= 0 {
		return clock.Moment{}, reject.New(reject.BadTime, "offset", "the value is not a number of milliseconds since the event")
	}
	return clock.Moment{At: at, Source: event.TimeFromSent}, nil
}
