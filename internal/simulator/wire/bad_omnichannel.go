// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire/systems"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// badSystems are the requests with errors of the systems of an omnichannel world.
func badSystems(w *world.World) []badOne {
	at := w.Params.Start().Add(time.Hour)
	return append(badWeb(w, Stamp(at)), append(badTills(w, at), []badOne{
		badCRM,
		{world.App, 3, toApp("bad-token", func(now time.Time, secret string) ([]byte, http.Header, error) {
			return systems.PostHog([]*world.Event{visitor(at, "nobody")}, now, secret+"-of-somebody-else")
		})},
		{world.App, 4, toApp("missing-identity", func(now time.Time, secret string) ([]byte, http.Header, error) {
			return systems.PostHog([]*world.Event{visitor(at, "undefined")}, now, secret)
		})},
		{world.Orders, 5, whole("bad-signature", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return systems.Shopify(order(w, at), false, secret+"-of-somebody-else")
		})},
		{world.Orders, 2, whole("missing-signature", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			body, header, err := systems.Shopify(order(w, at), false, secret)
			header.Del(systems.ShopifyHeader)
			return body, header, err
		})},
		{world.Orders, 4, tolerated("bad-amount", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			e := order(w, at)
			e.Currency = "EURO"
			return systems.Shopify(e, false, secret)
		})},
		{world.Orders, 6, func(int) *Request { // orders of the shop's own gateway for tests
			return &Request{Dropped: 1, Write: func(_ time.Time, secret string) ([]byte, http.Header, error) {
				return systems.Shopify(order(w, at), true, secret)
			}}
		}},
		{world.Support, 3, whole("bad-signature", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return systems.Intercom(order(w, at), "conversation.user.created", secret+"-of-somebody-else")
		})},
		{world.Support, 2, func(int) *Request { // the preset drops what it has no rule for
			return &Request{Dropped: 1, Write: func(_ time.Time, secret string) ([]byte, http.Header, error) {
				return systems.Intercom(order(w, at), "conversation.admin.noted", secret)
			}}
		}},
		{world.Surveys, 3, whole("bad-signature", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return systems.Typeform(order(w, at), secret+"-of-somebody-else")
		})},
	}...)...)
}

// toApp returns a request to the endpoint of the app, of which nothing is kept.
func toApp(reason string, write func(time.Time, string) ([]byte, http.Header, error)) func(int) *Request {
	return func(int) *Request { return &Request{Path: "/batch/", Bad: map[string]int{reason: 1}, Write: write} }
}

// tolerated returns a request of which nothing is kept, and whose sender gets a success.
func tolerated(reason string, write func(time.Time, string) ([]byte, http.Header, error)) func(int) *Request {
	return func(int) *Request { return &Request{Bad: map[string]int{reason: 1}, Tolerated: true, Write: write} }
}

func visitor(at time.Time, anonymousID string) *world.Event {
	return &world.Event{ID: "bad", Name: "Product Viewed", Time: at, Identities: world.Identities{AnonymousID: anonymousID}}
}

func order(w *world.World, at time.Time) *world.Event {
	id := "bad-" + w.Tag()
	return &world.Event{ID: id, OrderID: id, Time: at, Cents: 100, Currency: "EUR", Identities: world.Identities{Email: "nobody@kunden.example"}}
}

// badTills are messages, which nobody can refuse when they are published.
func badTills(w *world.World, at time.Time) []badOne {
	publish := func(change func(m *systems.TillMessage, i int), bad map[string]int, dropped int) func(int) *Request {
		return func(i int) *Request {
			r := &Request{Bad: bad, Dropped: dropped}
			m := systems.TillMessage{Kind: "receipt", Till: "till-x", Store: "x"}
			change(&m, i)
			message(r, m)
			return r
		}
	}
	return []badOne{
		{world.Tills, 4, publish(func(m *systems.TillMessage, _ int) { m.Kind = "stocktaking" }, map[string]int{"unmapped": 1}, 0)},
		{world.Tills, 5, publish(func(m *systems.TillMessage, i int) {
			m.Number, m.SoldAt, m.Total, m.Currency = fmt.Sprintf("bad-%s-%d", w.Tag(), i), Stamp(at), "12,90 EUR", "EUR"
		}, map[string]int{"bad-amount": 1}, 0)},
		{world.Tills, 20, publish(func(m *systems.TillMessage, _ int) { m.Kind = "heartbeat" }, nil, 1)},
	}
}

// brokenReasons are the reasons for which the rows of brokenRows are refused.
var brokenReasons = []string{"bad-time", "bad-row"}

// brokenRows are lines of the tills' file that cannot be used: one without a time, and one that was cut.
func brokenRows(w *world.World) [][]string {
	id := "bad-" + w.Tag()
	return [][]string{
		{id, "yesterday", "x", "till-x", "1,00", "EUR", "", "", "1"},
		{id, Stamp(w.Params.Start()), "x", "till-x"},
	}
}
