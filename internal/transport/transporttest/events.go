// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package transporttest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Event is what became of one document, in a form that is easy to compare. Empty fields are as in the event.
type Event struct {
	Name, ID, Session, Order, Currency string
	Kind                               event.Kind
	Initiator                          event.Initiator
	Amount                             int64
	// At is the time in RFC 3339, empty for the time of receipt.
	At string
	// People are the identities, as "type value".
	People []string
	// The JSON documents of the event; empty for none.
	Properties, Traits, Groups, Items string
	Survey                            event.Survey
	Flags                             event.Flags
	// Reason of the refusal, Dropped if the document is technical.
	Reason  string
	Dropped bool
}

// Events sends the message, which is expected to be authenticated, and returns what the built-in mapping makes of its documents.
func Events(t testing.TB, tr transport.Transport, method string, m Message) []Event {
	t.Helper()
	d, rejection := tr.Decode(Request(method, m))
	require.Nil(t, rejection)
	require.Nil(t, d.Reply)
	out := make([]Event, len(d.Candidates))
	for i := range d.Candidates {
		out[i] = eventOf(t, &d.Candidates[i])
	}
	return out
}

func eventOf(t testing.TB, c *transport.Candidate) Event {
	t.Helper()
	if c.Rejection != nil {
		return Event{Reason: c.Rejection.Reason}
	}
	e, rejection := c.BuiltIn()
	switch {
	case rejection != nil:
		return Event{Reason: rejection.Reason}
	case e == nil:
		return Event{Dropped: true}
	}
	out := Event{
		Name: e.Name, ID: c.ID, Session: e.SessionID, Order: e.OrderID, Currency: e.Currency, Kind: e.Kind, Initiator: e.Initiator, Amount: e.Amount,
		Properties: document(t, e.Properties), Traits: document(t, e.Traits), Groups: document(t, e.Groups), Items: document(t, e.Items),
		Survey: e.Survey, Flags: e.Flags,
	}
	if c.HasTime && c.TimeSource != event.TimeFromReceipt {
		out.At = Time(c.Time)
	}
	for _, i := range e.Identities {
		out.People = append(out.People, i.Type+" "+i.Value)
	}
	return out
}

// document returns JSON in the order in which it is encoded, after checking it.
func document(t testing.TB, raw json.RawMessage) string {
	t.Helper()
	if len(raw) > 0 {
		require.True(t, json.Valid(raw), "%s", raw)
	}
	return string(raw)
}

// Time writes microseconds since 1970 in RFC 3339.
func Time(us int64) string {
	return time.UnixMicro(us).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
}

// Answer returns the response to a request with this result: status and body.
func Answer(t testing.TB, tr transport.Transport, m Message, o transport.Result) (int, string) {
	t.Helper()
	d, rejection := tr.Decode(Request(http.MethodPost, m))
	require.NotNil(t, d.Answer)
	if rejection != nil {
		o.Status, o.Error, o.Reason, o.Field = rejection.Status(), rejection.Message, rejection.Reason, rejection.Field
	}
	r := d.Answer(&o)
	if r == nil {
		return 0, ""
	}
	r = r.NoBetterThan(o.Status)
	return r.Status, string(r.Body)
}

// Fuzz checks that a request with any body and query makes documents whose every part can be used, and none that is both refused and used.
func Fuzz(t *testing.T, tr transport.Transport, m Message) {
	t.Helper()
	path, raw, _ := strings.Cut(m.Path, "?")
	query, err := url.ParseQuery(raw)
	if err != nil {
		t.Skip("a server ignores such a query")
	}
	m.Path = path + "?" + query.Encode()
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		d, rejection := tr.Decode(Request(method, m))
		if rejection != nil {
			require.Empty(t, d.Candidates)
			require.GreaterOrEqual(t, rejection.Status(), http.StatusBadRequest)
			continue
		}
		for i := range d.Candidates {
			c := &d.Candidates[i]
			if eventOf(t, c); c.Rejection != nil {
				continue
			}
			_, err := c.Body()
			require.NoError(t, err)
			id, rejection := c.ContentID()
			require.Nil(t, rejection)
			require.NotEmpty(t, id)
			require.True(t, !c.HasTime || c.Time > 0 && c.Time < value.MaxTime, "%d", c.Time)
		}
	}
}
