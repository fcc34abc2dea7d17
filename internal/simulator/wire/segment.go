// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Message is one call of Segment's tracking API.
type Message struct {
	Type        string         `json:"type"`
	MessageID   string         `json:"messageId"`
	Timestamp   string         `json:"timestamp"`
	SentAt      string         `json:"sentAt,omitempty"`
	UserID      string         `json:"userId,omitempty"`
	AnonymousID string         `json:"anonymousId,omitempty"`
	Event       string         `json:"event,omitempty"`
	Context     map[string]any `json:"context,omitempty"`
	Traits      map[string]any `json:"traits,omitempty"`
	Properties  map[string]any `json:"properties,omitempty"`
}

// replayedAfter is the age from which a message is replayed with the time of its first sending. A younger one is sent without it: the receiver would
// treat it as a message of a slow clock.
const replayedAfter = 48 * time.Hour

// MessageOf returns an event as a message that is sent at a real time. A device whose clock is off uses that clock for both times; a replay keeps
// both. moreEmail is an identity that only a redelivery has, or empty.
func MessageOf(e *world.Event, now time.Time, moreEmail string) Message {
	m := Message{
		Type: "track", MessageID: e.ID, Timestamp: Stamp(e.Time.Add(e.Skew)), UserID: e.Identities.CustomerID,
		AnonymousID: e.Identities.AnonymousID, Event: e.Name,
	}
	if m.UserID == "" {
		m.UserID = e.Placeholder
	}
	switch {
	case e.Skewed:
		m.SentAt = now.Add(e.Skew).UTC().Format(time.RFC3339Nano)
	case e.Replayed && now.Sub(e.SentAt()) > replayedAfter:
		m.SentAt = Stamp(e.SentAt())
	}
	if e.Identities.DeviceID != "" {
		m.context("device", map[string]any{"id": e.Identities.DeviceID})
	}
	traits := map[string]any{}
	for k, v := range map[string]string{"email": e.Identities.Email, "phone": e.Identities.Phone, "segment": e.Segment} {
		if v != "" {
			traits[k] = v
		}
	}
	if moreEmail != "" {
		traits["email"] = moreEmail
	}
	if e.Kind == world.Identify {
		m.Type, m.Event, m.Traits = "identify", "", traits
		return m
	}
	if len(traits) > 0 {
		m.context("traits", traits)
	}
	m.Properties = properties(e)
	return m
}

func (m *Message) context(key string, value any) {
	if m.Context == nil {
		m.Context = map[string]any{}
	}
	m.Context[key] = value
}

func properties(e *world.Event) map[string]any {
	out := map[string]any{}
	for _, p := range e.Properties {
		out[p.Key] = p.Value
	}
	if e.OrderID != "" {
		out["order_id"] = e.OrderID
	}
	if e.Currency != "" {
		out["revenue"], out["currency"] = json.Number(world.Money(e.Cents)), e.Currency
	}
	return out
}

// WriteSegment encodes messages for /v1/batch.
func WriteSegment(messages []any, secret string) ([]byte, http.Header, error) {
	body, err := json.Marshal(map[string]any{"batch": messages})
	return body, segmentHeader(secret), err
}

// segmentHeader is Basic authentication with the write key as the user and no password.
func segmentHeader(writeKey string) http.Header {
	r := http.Request{Header: http.Header{"Content-Type": {jsonType}}}
	r.SetBasicAuth(writeKey, "")
	return r.Header
}

// WriteMessage encodes a message for its own path.
func WriteMessage(m any, secret string) ([]byte, http.Header, error) {
	body, err := json.Marshal(m)
	return body, segmentHeader(secret), err
}
