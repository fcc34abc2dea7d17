// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire/systems"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// system makes a request or message of a system of an omnichannel world. All but the app send one event at a time.
func system(r *Request, events []*world.Event) {
	first := events[0]
	switch r.Source {
	case world.App:
		r.Path, r.StatusOnly = "/batch/", true
		r.Write = func(now time.Time, key string) ([]byte, http.Header, error) { return systems.PostHog(events, now, key) }
	case world.Orders:
		r.Write = func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return systems.Shopify(first, false, secret)
		}
	case world.Support:
		r.Write = func(_ time.Time, secret string) ([]byte, http.Header, error) {
			return systems.Intercom(first, systems.IntercomTopics[first.Name], secret)
		}
	case world.Surveys:
		r.Write = func(_ time.Time, secret string) ([]byte, http.Header, error) { return systems.Typeform(first, secret) }
	default:
		message(r, systems.Receipt(first))
	}
}

// message makes a message for the broker of the tills.
func message(r *Request, m systems.TillMessage) {
	r.Path, r.Subject = "", systems.TillSubject(m.Store)
	r.Write = func(time.Time, string) ([]byte, http.Header, error) {
		body, err := json.Marshal(m)
		return body, nil, err
	}
}

// Files of an omnichannel world, by the names of their sources.
var Files = map[world.Source]func(*world.World, io.Writer) error{world.TillHistory: tillHistory}

// tillHistory writes the receipts from before the tills were connected.
func tillHistory(w *world.World, out io.Writer) error {
	var receipts []*world.Event
	events := w.Events()
	for i := range events {
		if events[i].Source == world.TillHistory {
			receipts = append(receipts, &events[i])
		}
	}
	var broken [][]string
	if !w.Params.Clean {
		broken = brokenRows(w)
	}
	return systems.TillFile(out, receipts, broken)
}
