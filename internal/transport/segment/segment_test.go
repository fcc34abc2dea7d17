// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package segment_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/segment"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

func decode(t testing.TB, path, body string, header ...string) (transport.Decoded, *reject.Rejection) {
	t.Helper()
	tr, err := segment.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Secrets: []string{"key"}})
	require.NoError(t, err)
	m := transporttest.Message{Path: path, Body: body, Header: http.Header{"Authorization": {"Basic a2V5Og=="}}}
	for i := 0; i+1 < len(header); i += 2 {
		m.Header.Set(header[i], header[i+1])
	}
	return tr.Decode(transporttest.Request(http.MethodPost, m))
}

func one(t testing.TB, path, body string) (*event.Event, *reject.Rejection) {
	t.Helper()
	d, rejection := decode(t, path, body)
	require.Nil(t, rejection)
	require.Len(t, d.Candidates, 1)
	if r := d.Candidates[0].Rejection; r != nil {
		return nil, r
	}
	e, r := d.Candidates[0].BuiltIn()
	return e, r
}

func TestCallsAndTheirShortForms(t *testing.T) {
	for path, want := range map[string]struct {
		name      string
		kind      event.Kind
		initiator event.Initiator
	}{
		"/v1/track": {"A", event.Track, event.Customer}, "/v1/t": {"A", event.Track, event.Customer},
		"/v1/page": {"Page Viewed", event.Track, event.Customer}, "/v1/p": {"Page Viewed", event.Track, event.Customer},
		"/v1/screen": {"Screen Viewed", event.Track, event.Customer}, "/v1/s": {"Screen Viewed", event.Track, event.Customer},
		"/v1/identify": {"Identified", event.Identify, event.Machine}, "/v1/i": {"Identified", event.Identify, event.Machine},
		"/v1/group": {"Group Joined", event.Identify, event.Machine}, "/v1/g": {"Group Joined", event.Identify, event.Machine},
		"/v1/alias": {"Identities Merged", event.Alias, event.Machine}, "/v1/a/": {"Identities Merged", event.Alias, event.Machine},
		"/api/s/track": {"A", event.Track, event.Customer}, "/api/s/s2s/page/": {"Page Viewed", event.Track, event.Customer},
	} {
		e, r := one(t, path, `{"event":"A","userId":"u","previousId":"p","groupId":"g","traits":{"tier":"gold"}}`)
		require.Nil(t, r, path)
		require.Equal(t, want.name, e.Name, path)
		require.Equal(t, want.kind, e.Kind, path)
		require.Equal(t, want.initiator, e.Initiator, path)
	}
	e, r := one(t, "/v1/track", `{"event":"Email Delivered","userId":"u"}`)
	require.Nil(t, r)
	require.Equal(t, event.Brand, e.Initiator)
}

func TestFieldsOfAMessage(t *testing.T) {
	e, r := one(t, "/v1/identify", `{"userId":"u","anonymousId":"a","traits":{"email":"e@x.y","phone":"+4915112345678","loyalty_id":5},
		"context":{"device":{"id":"d"},"channel":"store","groupId":"g1","traits":{"email":"second@x.y"},
		"externalIds":[{"type":"loyalty_id","id":"L"},{"type":"ga_client_id","id":"no"}]}}`)
	require.Nil(t, r)
	e.Normalize()
	require.Equal(t, []event.Identity{
		{Type: "customerId", Value: "u"}, {Type: "loyaltyId", Value: "5"}, {Type: "loyaltyId", Value: "L"},
		{Type: "email", Value: "e@x.y"}, {Type: "email", Value: "second@x.y"}, {Type: "phone", Value: "+4915112345678"},
		{Type: "deviceId", Value: "d"}, {Type: "anonymousId", Value: "a"},
	}, e.Identities)
	require.Equal(t, "store", e.Channel)
	require.JSONEq(t, `{"group":"g1"}`, string(e.Groups))

	e, r = one(t, "/v1/page", `{"anonymousId":"a","name":"Product","category":"Shop","properties":{"page":"own","url":"https://x"}}`)
	require.Nil(t, r)
	require.JSONEq(t, `{"page":"own","url":"https://x","category":"Shop"}`, string(e.Properties))

	e, r = one(t, "/v1/group", `{"userId":"u","groupId":"g","traits":{"industry":"shoes"}}`)
	require.Nil(t, r)
	require.JSONEq(t, `{"industry":"shoes"}`, string(e.Properties))
	require.Empty(t, e.Traits, "they are the group's, not the person's")
}

func TestAlias(t *testing.T) {
	for body, want := range map[string]string{
		`{"userId":"u","previousId":"p"}`:                   "anonymousId",
		`{"userId":"u","previousId":"p","anonymousId":"p"}`: "anonymousId",
		`{"userId":"u","previousId":"p","anonymousId":"a"}`: "customerId",
	} {
		e, r := one(t, "/v1/alias", body)
		require.Nil(t, r)
		require.Contains(t, e.Identities, event.Identity{Type: want, Value: "p"}, body)
	}
}

func TestSenderClockIsCorrected(t *testing.T) {
	us := func(s string) int64 {
		at, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return at.UnixMicro()
	}
	// received at 10:15:10
	for name, c := range map[string]struct {
		body   string
		at     int64
		source event.TimeSource
	}{
		"no time":               {`{}`, transporttest.Now.UnixMicro(), event.TimeFromReceipt},
		"null":                  {`{"timestamp":null,"sentAt":"2026-11-21T10:15:00Z"}`, transporttest.Now.UnixMicro(), event.TimeFromReceipt},
		"no sentAt":             {`{"timestamp":"2026-11-21T10:14:00Z"}`, us("2026-11-21T10:14:00Z"), event.TimeFromEvent},
		"sentAt is no time":     {`{"timestamp":"2026-11-21T10:14:00Z","sentAt":"now"}`, us("2026-11-21T10:14:00Z"), event.TimeFromEvent},
		"clock is an hour slow": {`{"timestamp":"2026-11-21T09:14:00Z","sentAt":"2026-11-21T09:15:10Z"}`, us("2026-11-21T10:14:00Z"), event.TimeFromSent},
		"clock is a day fast":   {`{"timestamp":"2026-11-22T10:14:00Z","sentAt":"2026-11-22T10:15:10Z"}`, us("2026-11-21T10:14:00Z"), event.TimeFromSent},
		"originalTimestamp": {`{"originalTimestamp":"2026-11-21T10:13:00Z","timestamp":"2026-11-21T10:14:00Z","sentAt":"2026-11-21T10:15:10Z"}`,
			us("2026-11-21T10:13:00Z"), event.TimeFromSent},
		"sent before it happened":                 {`{"timestamp":"2026-11-21T10:14:00Z","sentAt":"2026-11-18T10:14:00Z"}`, us("2026-11-21T10:14:00Z"), event.TimeFromEvent},
		"sent a minute before, as clocks are set": {`{"timestamp":"2026-11-21T10:15:10Z","sentAt":"2026-11-21T10:14:10Z"}`, us("2026-11-21T10:16:10Z"), event.TimeFromSent},
		"a wrong time zone":                       {`{"timestamp":"2026-11-20T20:14:00Z","sentAt":"2026-11-20T20:15:10Z"}`, us("2026-11-21T10:14:00Z"), event.TimeFromSent},
		"a replay of last week":                   {`{"timestamp":"2026-11-14T10:14:00Z","sentAt":"2026-11-14T10:14:01Z"}`, us("2026-11-14T10:14:00Z"), event.TimeFromEvent},
		"an import of years ago":                  {`{"timestamp":"2019-03-01T10:00:00Z","sentAt":"2026-11-21T10:15:10Z"}`, us("2019-03-01T10:00:00Z"), event.TimeFromSent},
		"a clock that was never set":              {`{"timestamp":"1970-01-01T00:03:00Z","sentAt":"1970-01-01T00:04:10Z"}`, us("2026-11-21T10:14:00Z"), event.TimeFromSent},
		"a clock of 2099":                         {`{"timestamp":"2099-01-01T00:00:00Z","sentAt":"2099-01-01T00:01:10Z"}`, us("2026-11-21T10:14:00Z"), event.TimeFromSent},
		"sent in 2099 what happened now":          {`{"timestamp":"2026-11-21T10:14:00Z","sentAt":"2099-01-01T00:01:10Z"}`, us("2026-11-21T10:14:00Z"), event.TimeFromEvent},
		"2099 without sentAt":                     {`{"timestamp":"2099-01-01T00:00:00Z"}`, us("2099-01-01T00:00:00Z"), event.TimeFromEvent},
		"received before, and corrected": {`{"originalTimestamp":"2026-11-01T09:00:00Z","timestamp":"2026-11-01T10:00:00Z","sentAt":"2026-11-01T09:00:00Z",` +
			`"receivedAt":"2026-11-01T10:00:00Z"}`, us("2026-11-01T10:00:00Z"), event.TimeFromEvent},
		"received before, and not corrected": {`{"originalTimestamp":"2026-11-01T09:00:00Z","sentAt":"2026-11-01T09:30:00Z","receivedAt":"2026-11-01T10:30:00Z"}`,
			us("2026-11-01T10:00:00Z"), event.TimeFromSent},
	} {
		d, rejection := decode(t, "/v1/track", `{"event":"A","userId":"u",`+c.body[1:len(c.body)-1]+trailing(c.body)+`}`)
		require.Nil(t, rejection, name)
		require.Nil(t, d.Candidates[0].Rejection, name)
		require.Equal(t, time.UnixMicro(c.at).UTC(), time.UnixMicro(d.Candidates[0].Time).UTC(), name)
		require.Equal(t, c.source, d.Candidates[0].TimeSource, name)
	}
	d, rejection := decode(t, "/v1/batch", `{"batch":[{"type":"track","event":"A","userId":"u","timestamp":"2026-11-21T09:14:00Z"}],`+
		`"sentAt":"2026-11-21T09:15:10Z"}`)
	require.Nil(t, rejection)
	require.Equal(t, us("2026-11-21T10:14:00Z"), d.Candidates[0].Time, "the batch's sentAt holds for its messages")
}

// trailing closes the object when nothing was inserted.
func trailing(body string) string {
	if body == `{}` {
		return `"x":1`
	}
	return ""
}

func TestContentIDIgnoresDeliveryFields(t *testing.T) {
	id := func(path, body string) string {
		d, rejection := decode(t, path, body)
		require.Nil(t, rejection)
		return transporttest.ID(t, &d.Candidates[0])
	}
	a := id("/v1/track", `{"type":"track","event":"A","userId":"u","timestamp":"2026-11-21T10:14:00Z","sentAt":"2026-11-21T10:15:00Z"}`)
	require.Equal(t, a, id("/v1/track", `{"sentAt":"2026-11-21T10:16:00Z","writeKey":"key","type":"track","event":"A","userId":"u",`+
		`"timestamp":"2026-11-21T10:14:00Z"}`))
	require.Equal(t, a, id("/v1/batch", `{"batch":[{"type":"track","event":"A","userId":"u","timestamp":"2026-11-21T10:14:00Z"}],`+
		`"sentAt":"2026-11-21T10:20:00Z"}`))
	require.NotEqual(t, a, id("/v1/track", `{"type":"track","event":"A","userId":"v","timestamp":"2026-11-21T10:14:00Z"}`))
}

func TestFormsOfTheWriteKey(t *testing.T) {
	tr, err := segment.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Secrets: []string{"key"}})
	require.NoError(t, err)
	for name, m := range map[string]transporttest.Message{
		"Basic":         {Path: "/v1/track", Header: http.Header{"Authorization": {"Basic a2V5Og=="}}, Body: `{"event":"A"}`},
		"Basic, no key": {Path: "/v1/track", Header: http.Header{"Authorization": {"Basic Og=="}}, Body: `{"event":"A","writeKey":"key"}`},
		"body, beacon":  {Path: "/v1/track", Header: http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}, Body: `{"event":"A","writeKey":"key"}`},
		"query, beacon": {Path: "/beacon/v1/batch?writeKey=key", Header: http.Header{}, Body: `{"batch":[]}`},
		"header":        {Path: "/v1/track", Header: http.Header{"X-Write-Key": {"key"}}, Body: `{"event":"A"}`},
	} {
		_, rejection := tr.Decode(transporttest.Request(http.MethodPost, m))
		require.Nil(t, rejection, name)
	}
	d, rejection := tr.Decode(transporttest.Request(http.MethodPost, transporttest.Message{Path: "/v1/track", Body: `{"event":"A","writeKey":"key"}`}))
	require.Nil(t, rejection)
	body, err := d.Candidates[0].Body()
	require.NoError(t, err)
	require.NotContains(t, body, "writeKey", "rules cannot store it")
}

func TestSurveysMoneyAndProducts(t *testing.T) {
	e, r := one(t, "/v1/track", `{"event":"Survey Responded","userId":"u","properties":{"kind":"NPS","score":"9"}}`)
	require.Nil(t, r)
	require.Equal(t, event.Survey{Kind: "nps", Score: 9_000_000, Scale: 10_000_000}, e.Survey)
	e, r = one(t, "/v1/track", `{"event":"Survey Responded","userId":"u","properties":{"kind":"text","score":"nice"}}`)
	require.Nil(t, r)
	require.Zero(t, e.Survey)
	_, r = one(t, "/v1/track", `{"event":"Survey Responded","userId":"u","properties":{"kind":"csat","score":6}}`)
	require.Equal(t, "properties.score", r.Field)
	e, r = one(t, "/v1/track", `{"event":"Chat Ended","userId":"u","properties":{"survey":{"kind":"csat","score":4,"scale":4}}}`)
	require.Nil(t, r)
	require.Equal(t, event.Survey{Kind: "csat", Score: 4_000_000, Scale: 4_000_000}, e.Survey)
	e, r = one(t, "/v1/track", `{"event":"Order Refunded","userId":"u","properties":{"total":-12.5,"currency":"EUR","products":{"a":1}}}`)
	require.Nil(t, r)
	require.EqualValues(t, -12_500_000, e.Amount, "the sign is made one for all transports, later")
	require.Empty(t, e.Items)
	e, r = one(t, "/v1/track", `{"event":"Order Completed","userId":"u","properties":{"total":"about ten"}}`)
	require.Nil(t, r, "without a currency it is no amount")
	require.Zero(t, e.Amount)
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"batch":[{"type":"identify","messageId":"2","userId":"1","anonymousId":"a","timestamp":"2026-11-21T10:14:50.000Z",` +
			`"traits":{"email":"ana@example.test"}},{"type":"page","name":"P","properties":{"url":"x"}},{"type":"alias","previousId":"a","userId":"1"}],` +
			`"sentAt":"2026-11-21T10:14:58.000Z"}`,
		`{"type":"track","event":"Order Completed","properties":{"total":1.5,"currency":"EUR","products":[{}]},"context":{"traits":{},"device":{"id":1},` +
			`"campaign":{"name":"x"},"externalIds":[{"type":"email","id":"a@b.c"}]}}`,
		`{"batch":{}}`, `{"batch":[null,[],"x",1]}`, `{"context":[],"traits":7,"properties":"x","userId":{},"timestamp":{}}`, `{"a":"\ud800"}`, `{`, ``,
		`{"event":"\u0000"}`,
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, batch bool) {
		path := "/v1/track"
		if batch {
			path = "/v1/batch"
		}
		d, rejection := decode(t, path, string(body))
		if rejection != nil {
			return
		}
		for _, c := range d.Candidates {
			if c.Rejection != nil {
				continue
			}
			if c.Time == 0 {
				t.Fatalf("no time: %s", body)
			}
			if _, r := c.ContentID(); r != nil && json.Valid(body) {
				continue
			}
			if _, err := c.Body(); err != nil && json.Valid(body) {
				// numbers beyond floats are valid JSON, but not a valid document
				continue
			}
			e, r := c.BuiltIn()
			if r != nil {
				continue
			}
			for _, raw := range []json.RawMessage{e.Properties, e.Traits, e.Items, e.Groups} {
				if raw != nil && !json.Valid(raw) {
					t.Fatalf("%s gave %s", body, raw)
				}
			}
		}
	})
}
