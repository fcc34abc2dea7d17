// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Bad plans requests of senders with errors, a fixed number for each reason, spread over the world. All of them have to be refused and counted by
// reason, and must change nothing else.
func (p *Planner) Bad(w *world.World) []*Request {
	if p.clean {
		return nil
	}
	var out []*Request
	span := w.Params.Now.Sub(w.Params.Start())
	bad := badOnes
	if w.Params.Omnichannel {
		bad = badSystems
		for _, reason := range brokenReasons {
			p.Sent[world.TillHistory].Rejected[reason]++
		}
	}
	for _, b := range bad(w) {
		for i := range b.count {
			r := b.make(i)
			r.Source, r.At = b.source, w.Params.Start().Add(span*time.Duration(i+1)/time.Duration(b.count+1))
			if r.Path == "" && r.Subject == "" {
				r.Path = "/"
			}
			p.Sent.bad(r)
			out = append(out, r)
		}
	}
	return out
}

type badOne struct {
	source world.Source
	count  int
	make   func(i int) *Request
}

func badOnes(w *world.World) []badOne {
	at := Stamp(w.Params.Start().Add(time.Hour))
	return append(badWeb(w, at), []badOne{
		badCRM,
		{world.Tills, 6, whole("bad-signature", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return writeTill(till{Kind: "receipts", Till: "till-x"}, secret+"-of-somebody-else")
		})},
		{world.Tills, 2, whole("missing-signature", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			body, header, err := writeTill(till{Kind: "receipts", Till: "till-x"}, secret)
			header.Del(TillHeader)
			return body, header, err
		})},
		{world.Tills, 4, whole("unmapped", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return writeTill(till{Kind: "stocktaking", Till: "till-x"}, secret)
		})},
		{world.Tills, 5, func(i int) *Request {
			return &Request{Bad: map[string]int{"bad-amount": 1}, Write: func(_ time.Time, secret string) ([]byte, http.Header, error) {
				return writeTill(till{Kind: "receipts", Till: "till-x", Store: "x", Receipts: []receipt{
					{Number: fmt.Sprintf("bad-%s-%d", w.Tag(), i), SoldAt: at, Total: "12,90 EUR", Currency: "EUR", Items: 1},
				}}, secret)
			}}
		}},
		{world.Tills, 20, func(int) *Request {
			return &Request{Dropped: 1, Write: func(_ time.Time, secret string) ([]byte, http.Header, error) {
				return writeTill(till{Kind: "heartbeat", Till: "till-x"}, secret)
			}}
		}},
		{world.Support, 2, whole("unmapped", func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return writeSupport(chat{ID: "x", Type: "conversation.tagged", At: at}, secret)
		})},
		{world.Surveys, 3, whole("stale-timestamp", func(now time.Time, secret string) ([]byte, http.Header, error) {
			return writeSurvey(answer{Response: "x", AnsweredAt: at, Question: "nps"}, secret, now.Add(-time.Hour))
		})},
		{world.Surveys, 4, whole("missing-identity", func(now time.Time, secret string) ([]byte, http.Header, error) {
			return writeSurvey(answer{Response: "x", AnsweredAt: at, Question: "nps", Customer: "undefined"}, secret, now)
		})},
	}...)
}

var badCRM = badOne{world.CRM, 3, whole("bad-token", func(_ time.Time, _ string) ([]byte, http.Header, error) {
	return []byte("{}"), http.Header{"Content-Type": {"application/cloudevents+json"}, "Authorization": {"Bearer guessed"}}, nil
})}

// whole returns a request of which nothing is kept.
func whole(reason string, write func(time.Time, string) ([]byte, http.Header, error)) func(int) *Request {
	return func(int) *Request { return &Request{Bad: map[string]int{reason: 1}, Write: write} }
}

func badWeb(w *world.World, at string) []badOne {
	message := func(i int, what string) Message {
		return Message{Type: "track", MessageID: fmt.Sprintf("bad-%s-%s-%d", w.Tag(), what, i), Timestamp: at, AnonymousID: "nobody", Event: "Product Viewed"}
	}
	raw := func(path, reason, contentType, body string) func(int) *Request {
		return func(int) *Request {
			return &Request{Path: path, Bad: map[string]int{reason: 1}, Write: func(_ time.Time, secret string) ([]byte, http.Header, error) {
				header := segmentHeader(secret)
				header.Set("Content-Type", contentType)
				return []byte(body), header, nil
			}}
		}
	}
	return []badOne{
		{world.Web, 4, func(i int) *Request {
			return &Request{Path: "/v1/track", Bad: map[string]int{"bad-token": 1}, Write: func(time.Time, string) ([]byte, http.Header, error) {
				return WriteMessage(message(i, "token"), "stolen-key")
			}}
		}},
		{world.Web, 3, raw("/v1/track", "bad-json", jsonType, `{"type": "track", "event": `)},
		{world.Web, 2, raw("/v1/track", "too-deep", jsonType, strings.Repeat(`{"properties":`, 200)+"1"+strings.Repeat("}", 200))},
		{world.Web, 5, func(i int) *Request { return spoiltBatch(message, i) }},
	}
}

// spoiltBatch has three bad messages and no good ones, so that only the response says which were bad.
func spoiltBatch(message func(int, string) Message, i int) *Request {
	nameless, nobody, timeless := message(i, "name"), message(i, "identity"), message(i, "time")
	nameless.Event = ""
	nobody.AnonymousID = ""
	timeless.Timestamp = "yesterday"
	return &Request{
		Path: "/v1/batch", Bad: map[string]int{"missing-event-name": 1, "missing-identity": 1, "bad-time": 1},
		Write: func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return WriteSegment([]any{nameless, nobody, timeless}, secret)
		},
	}
}
