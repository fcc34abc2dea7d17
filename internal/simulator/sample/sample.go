// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// file has an event a line, the oldest first.
//
//go:embed events.ndjson
var file []byte

// line of the file.
type line struct {
	Source      world.Source `json:"source"`
	ID          string       `json:"id"`
	MinutesAgo  int64        `json:"minutesAgo"`
	Event       string       `json:"event"`
	CustomerID  string       `json:"customerId"`
	LoyaltyID   string       `json:"loyaltyId"`
	Email       string       `json:"email"`
	DeviceID    string       `json:"deviceId"`
	AnonymousID string       `json:"anonymousId"`
	Segment     string       `json:"segment"`
	Campaign    string       `json:"campaign"`
	Order       string       `json:"order"`
	Cents       int64        `json:"cents"`
	Store       string       `json:"store"`
	Score       int          `json:"score"`
}

func (l *line) event(now time.Time) *world.Event {
	e := &world.Event{
		ID: l.ID, Source: l.Source, Name: l.Event, Time: now.Add(-time.Duration(l.MinutesAgo) * time.Minute).Truncate(time.Millisecond),
		Identities: world.Identities{
			CustomerID: l.CustomerID, LoyaltyID: l.LoyaltyID, Email: l.Email, DeviceID: l.DeviceID, AnonymousID: l.AnonymousID,
		},
		Segment: l.Segment, OrderID: l.Order, Cents: l.Cents, Place: l.Store, Score: l.Score,
	}
	if l.Campaign != "" {
		e.Properties = []world.Property{{Key: "campaign", Value: l.Campaign}}
	}
	if l.Cents != 0 {
		e.Currency = "EUR"
	}
	return e
}

// Events of the file, as if it were written at the instant.
func Events(now time.Time) ([]*world.Event, error) {
	var out []*world.Event
	for raw := range bytes.Lines(file) {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		var l line
		if err := decoder.Decode(&l); err != nil {
			return nil, fmt.Errorf("events.ndjson, line %d: %w", len(out)+1, err)
		}
		out = append(out, l.event(now))
	}
	return out, nil
}

// perRequest bounds the events of a request.
const perRequest = 50

// Requests send the events of the file, those of a source or of a till in their order.
func Requests(now time.Time) ([]*wire.Request, error) {
	events, err := Events(now)
	if err != nil {
		return nil, err
	}
	type sender struct {
		source world.Source
		till   string
	}
	open := map[sender][]*world.Event{}
	var out []*wire.Request
	var order []sender
	for _, e := range events {
		from := sender{source: e.Source, till: e.Identities.DeviceID}
		if open[from] == nil {
			order = append(order, from)
		}
		open[from] = append(open[from], e)
	}
	for _, from := range order {
		for rest := open[from]; len(rest) > 0; rest = rest[min(perRequest, len(rest)):] {
			out = append(out, wire.Batch(from.source, rest[:min(perRequest, len(rest))]))
		}
	}
	return out, nil
}
