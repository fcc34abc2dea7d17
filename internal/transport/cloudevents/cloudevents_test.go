// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudevents_test

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
	"github.com/journeyman-dev/journeyman/internal/transport/cloudevents"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

func open(t testing.TB) transport.Transport {
	t.Helper()
	tr, err := cloudevents.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{
		CloudEvents: &v1alpha1.CloudEventsTransport{Unauthenticated: &v1alpha1.Unauthenticated{}},
	}}})
	require.NoError(t, err)
	return tr
}

func decode(t testing.TB, body string, header ...string) (transport.Decoded, *reject.Rejection) {
	t.Helper()
	m := transporttest.Message{Path: "/any/path", Body: body, Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		m.Header[http.CanonicalHeaderKey(header[i])] = []string{header[i+1]}
	}
	return open(t).Decode(transporttest.Request(http.MethodPost, m))
}

var binaryHeaders = []string{
	"Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "/shop", "Ce-Type", "order.completed", "Ce-Time", "2026-11-21T10:14:57.5Z",
	"Ce-Channel", "store", "Ce-Customerid", "880011", "Ce-Initiator", "system", "Content-Type", "application/json",
}

func TestBinaryAndStructuredGiveTheSameEvent(t *testing.T) {
	data := `{"total":129.9,"currency":"EUR","order_id":"55","email":"ana@example.test","user_id":"ignored","session_id":"s","colour":"red",` +
		`"traits":{"tier":"gold"}}`
	b, rejection := decode(t, data, binaryHeaders...)
	require.Nil(t, rejection)
	s, rejection := decode(t, `{"specversion":"1.0","id":"1","source":"/shop","type":"order.completed","time":"2026-11-21T10:14:57.5Z",
		"channel":"store","customerid":"880011","initiator":"system","datacontenttype":"application/json","data":`+data+`}`, "Content-Type", "application/cloudevents+json; charset=utf-8")
	require.Nil(t, rejection)
	for _, c := range []transport.Candidate{b.Candidates[0], s.Candidates[0]} {
		require.Nil(t, c.Rejection)
		require.Equal(t, "/shop|1", c.Scope+"|"+c.ID)
		require.Equal(t, time.Date(2026, 11, 21, 10, 14, 57, 500e6, time.UTC).UnixMicro(), c.Time)
		e, r := c.BuiltIn()
		require.Nil(t, r)
		require.JSONEq(t, `{"total":129.9,"currency":"EUR","order_id":"55","session_id":"s","colour":"red"}`, string(e.Properties))
		require.JSONEq(t, `{"tier":"gold"}`, string(e.Traits))
		e.Properties, e.Traits = nil, nil
		require.Equal(t, &event.Event{
			Name: "order.completed", Channel: "store", Initiator: event.Machine, SessionID: "s", OrderID: "55", Amount: 129_900_000, Currency: "EUR",
			Identities: []event.Identity{{Type: "customerId", Value: "880011"}, {Type: "email", Value: "ana@example.test"}},
		}, e)
	}
	bb, err := b.Candidates[0].Body()
	require.NoError(t, err)
	sb, err := s.Candidates[0].Body()
	require.NoError(t, err)
	require.Equal(t, bb, sb, "rules see the same document")
}

func TestInvalidAttributes(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"id":"1","source":"/s","type":"t"}`:                                           {reject.BadJSON, "specversion"},
		`{"specversion":"0.3","id":"1","source":"/s","type":"t"}`:                       {reject.BadJSON, "specversion"},
		`{"specversion":"1.0","source":"/s","type":"t"}`:                                {reject.MissingID, "id"},
		`{"specversion":"1.0","id":"1","type":"t"}`:                                     {reject.MissingID, "source"},
		`{"specversion":"1.0","id":"1","source":"/s"}`:                                  {reject.MissingEventName, "type"},
		`{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"soon"}`:         {reject.BadTime, "time"},
		`{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"%%"}`:    {reject.BadJSON, ""},
		`{"specversion":"1.0","id":"1","source":"http://a b","type":"t"}`:               {reject.BadJSON, ""},
		`{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":{"no":"no"}}`: {reject.BadJSON, ""},
	} {
		d, rejection := decode(t, body, "Content-Type", "application/cloudevents+json")
		require.Nil(t, rejection)
		require.NotNil(t, d.Candidates[0].Rejection, body)
		require.Equal(t, want, [2]string{d.Candidates[0].Rejection.Reason, d.Candidates[0].Rejection.Field}, body)
	}
}

func TestBinaryHeaders(t *testing.T) {
	d, rejection := decode(t, ``, "Ce-Specversion", "1.0", "Ce-Id", "a%20b%C3%A4", "Ce-Source", "/s", "Ce-Type", "t", "Ce-", "x", "Ce-Not-A-Name", "x",
		"Ce-Email", "a%40b.c")
	require.Nil(t, rejection)
	require.Nil(t, d.Candidates[0].Rejection)
	require.Equal(t, "/s|a bä", d.Candidates[0].Scope+"|"+d.Candidates[0].ID)
	e, r := d.Candidates[0].BuiltIn()
	require.Nil(t, r)
	require.Equal(t, []event.Identity{{Type: "email", Value: "a@b.c"}}, e.Identities)

	d, rejection = decode(t, ``, "Ce-Specversion", "1.0", "Ce-Id", "1", "Ce-Source", "/s", "Ce-Type", "t", "Ce-Customerid", "kunde \xe4")
	require.Nil(t, rejection)
	e, r = d.Candidates[0].BuiltIn()
	require.Nil(t, r)
	require.Equal(t, []event.Identity{{Type: "customerId", Value: "kunde ä"}}, e.Identities, "a header that is not encoded is in ISO 8859-1")

	d, rejection = decode(t, "<x/>", append(binaryHeaders[:len(binaryHeaders)-1:len(binaryHeaders)-1], "text/xml")...)
	require.Nil(t, rejection)
	body, err := d.Candidates[0].Body()
	require.NoError(t, err)
	require.Equal(t, "<x/>", body.(map[string]any)["data"], "rules may read data of any type")

	d, rejection = decode(t, `{"a":`, binaryHeaders...)
	require.Nil(t, rejection)
	require.Equal(t, reject.BadJSON, d.Candidates[0].Rejection.Reason)
}

func TestHandshake(t *testing.T) {
	m := transporttest.Message{Path: "/", Header: http.Header{}}
	m.Header.Set("WebHook-Request-Origin", "eventemitter.example.com")
	m.Header.Set("WebHook-Request-Rate", "120")
	d, rejection := open(t).Decode(transporttest.Request(http.MethodOptions, m))
	require.Nil(t, rejection)
	require.Equal(t, http.StatusOK, d.Reply.Status)
	require.Equal(t, "eventemitter.example.com", d.Reply.Header.Get("WebHook-Allowed-Origin"))
	require.Equal(t, "120", d.Reply.Header.Get("WebHook-Allowed-Rate"))
	require.Equal(t, "OPTIONS, POST", d.Reply.Header.Get("Allow"))
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"specversion":"1.0","id":"ce-1","source":"/shop","type":"t","time":"2026-11-21T10:14:57Z","data":{"total":1,"currency":"EUR","email":"a@b.c"}}`,
		`[{"specversion":"1.0","id":"1","source":"/s","type":"t","x":1,"y":true,"data_base64":"aGk="},7,null]`,
		`{"specversion":"1.0","id":"1","source":"","type":"t"}`, `{"specversion":1}`, `[]`, `{}`, `x`, `{"specversion":"1.0","id":"1","source":"/s",` +
			`"type":"t","data":"text","datacontenttype":"text/plain"}`,
	} {
		for mode := range uint8(3) {
			f.Add([]byte(s), "id%20", mode)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, header string, mode uint8) {
		h := [][]string{
			{"Content-Type", "application/cloudevents+json"}, {"Content-Type", "application/cloudevents-batch+json"},
			{"Ce-Specversion", "1.0", "Ce-Id", header, "Ce-Source", header, "Ce-Type", "t", "Ce-Time", header, "Ce-" + header, header, "Content-Type",
				"application/json"},
		}[mode%3]
		d, rejection := decode(t, string(body), h...)
		if rejection != nil {
			return
		}
		for _, c := range d.Candidates {
			if c.Rejection != nil {
				continue
			}
			_, _ = c.Body()
			e, r := c.BuiltIn()
			if r != nil {
				continue
			}
			for _, raw := range []json.RawMessage{e.Properties, e.Traits, e.Items} {
				if raw != nil && !json.Valid(raw) {
					t.Fatalf("%s gave %s", body, raw)
				}
			}
		}
	})
}
