// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package story generates the events in the fixtures of volumes. They are the same each time, and have every column, every kind of identity, and
// everything that a store handles in a special way: late, duplicate, future, flagged and unidentified events, and persons who are merged.
package story

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	// Customers of the shop.
	Customers = 36
	// Chapters is the number of parts of the story. The store is flushed after each except the last one, which stays in the log.
	Chapters = 8
	// Length of the story.
	Length = 80 * 24 * time.Hour

	day = 24 * time.Hour
)

// Sources of the shop: those of config/samples. Anybody can send events as web.
var Sources = []string{"crm-email", "support", "surveys", "tills", "web"}

// Batches returns the batches of each chapter of a story that ends at the given time.
func Batches(end time.Time) [][]store.Batch {
	events := append(customers(end), others(end)...)
	slices.SortStableFunc(events, func(a, b event.Event) int { return int(a.ReceivedAt - b.ReceivedAt) })
	chapters := make([][]store.Batch, Chapters)
	for i := range chapters {
		part := events[i*len(events)/Chapters : (i+1)*len(events)/Chapters]
		for _, source := range Sources {
			if b := batch(i, source, part); len(b.Events) > 0 {
				chapters[i] = append(chapters[i], b)
			}
		}
	}
	return chapters
}

// batch returns the batch of a source in a chapter.
func batch(chapter int, source string, events []event.Event) store.Batch {
	b := store.Batch{Source: source}
	for _, e := range events {
		if e.Source == source {
			e.Normalize()
			b.Events = append(b.Events, e)
		}
	}
	b.Counters = store.Counters{
		Accepted: int64(len(b.Events)), Dropped: int64(chapter), WithoutID: 1, Uncorrected: 2, Placeholders: 3, PlaceholderIDs: 1, Unidentified: 1,
		Rejected: map[string]store.Rejection{"no-identity": {Count: 1, Example: fmt.Sprintf("chapter %d: no identity", chapter)}},
	}
	b.Trust = &store.Trust{Public: source == "web", UID: "uid-" + source, Generation: int64(1 + chapter/4)}
	if source == "crm-email" {
		b.Moves = []store.Move{{Partition: "campaigns", Next: page(chapter), Newest: newest(b.Events)}}
		if chapter > 0 {
			b.Moves[0].Expected = page(chapter - 1)
		}
	}
	return b
}

// page returns the position of the mail tool's reader after a chapter.
func page(chapter int) []byte { return fmt.Appendf(nil, "page-%d", chapter) }

func newest(events []event.Event) (at int64) {
	for i := range events {
		at = max(at, events[i].Time)
	}
	return at
}

// step of a customer.
type step struct {
	name, source, channel string
	after                 time.Duration
}

var steps = []step{
	{"Ad Clicked", "web", "ads", 0},
	{"Product List Viewed", "web", "web", time.Hour},
	{"Email Opened", "crm-email", "email", 20 * time.Hour},
	{"Product Viewed", "web", "web", 30 * time.Hour},
	{"Product Added", "web", "web", 31 * time.Hour},
	{"Checkout Started", "web", "web", 32 * time.Hour},
	{"Order Completed", "web", "web", 33 * time.Hour},
	{"Live Chat Conversation Started", "support", "support", 5 * day},
	{"Survey Answered", "surveys", "survey", 8 * day},
}

// customers returns the events of customers with different numbers of steps. Some buy at the till.
func customers(end time.Time) []event.Event {
	var events []event.Event
	for i := range Customers {
		came := end.Add(-Length + time.Duration(i)*2*day + time.Duration(i%7)*time.Hour)
		for n, s := range steps[:min(len(steps), 3+i%8)] {
			if i%5 == 4 && s.name == "Order Completed" {
				s.source, s.channel = "tills", "store"
			}
			events = append(events, made(i, n, s, came.Add(s.after)))
		}
	}
	return events
}

func made(i, n int, s step, at time.Time) event.Event {
	e := event.Event{
		ID: fmt.Sprintf("e-%02d-%d", i, n), Source: s.source, Channel: s.channel, Name: s.name, Time: at.UnixMicro(),
		ReceivedAt: at.Add(time.Duration(1+i%3) * 1500 * time.Millisecond).UnixMicro(), TimeSource: event.TimeSource(i % 3), MappingGeneration: int64(1 + n%2),
		Properties: object("page", fmt.Sprintf("/p/%d", i*n), "name", "Türschild „Größe“ 家", "quantity", n),
	}
	customer, email := id("customerId", "c-%02d", i), id("email", "sha256:%02d", i)
	switch s.source {
	case "web":
		e.Identities = []event.Identity{id("anonymousId", "a-%02d", i)}
		e.SessionID = fmt.Sprintf("s-%02d-%d", i, n/4)
		if n >= 4 {
			e.Identities = append(e.Identities, customer)
		}
		e.Groups = object("company", fmt.Sprintf("g-%d", i%4))
	case "crm-email":
		e.Identities, e.Initiator = []event.Identity{email, customer}, event.Initiator(i%2)
		e.Traits = object("segment", []string{"discount", "member", "project", "other"}[i%4])
	case "tills":
		e.Identities = []event.Identity{customer, id("loyaltyId", "l-%02d", i), id("deviceId", "till-%d", i%2)}
	case "surveys":
		e.Survey = event.Survey{Kind: "nps", Score: int64(i%11) * event.MicroUnits, Scale: 10 * event.MicroUnits}
		e.Identities = []event.Identity{customer}
	default:
		e.Identities = []event.Identity{customer, id("phone", "+49%02d", i)}
	}
	if s.name == "Order Completed" {
		e.OrderID, e.Amount, e.Currency = fmt.Sprintf("o-%02d", i), int64(i+1)*12_345_678, []string{"EUR", "EUR", "USD"}[i%3]
		e.Items = json.RawMessage(fmt.Sprintf(`[{"id":"sku-%d","price":"12.30","quantity":%d}]`, i, 1+i%3))
	}
	return e
}

func id(typ, value string, i int) event.Identity {
	return event.Identity{Type: typ, Value: fmt.Sprintf(value, i)}
}

// object returns a JSON object with keys and values.
func object(pairs ...any) json.RawMessage {
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings and numbers can always be encoded
	}
	return b
}
