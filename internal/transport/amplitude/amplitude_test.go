// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amplitude_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/amplitude"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

func newTransport(t testing.TB) transport.Transport {
	t.Helper()
	tr, err := amplitude.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Secrets: []string{"amp-key"}})
	require.NoError(t, err)
	return tr
}

func post(path, body string) transporttest.Message {
	return transporttest.Message{Path: path, Body: body, Header: http.Header{"Content-Type": {"application/json"}}}
}

func identified(people []string, traits, groups string) transporttest.Event {
	return transporttest.Event{
		Name: "Identified", Kind: event.Identify, Initiator: event.Machine, People: people, Traits: traits, Groups: groups,
	}
}

// Each event is as the documentation shows it, or as the SDKs for browsers and Node send it.
func TestMeaning(t *testing.T) {
	user := []string{"customerId user-1"}
	for name, c := range map[string]struct {
		event string
		want  transporttest.Event
	}{
		"an order": {
			`{"user_id":"880011","device_id":"anon-31","event_type":"Order Completed","time":1795256097000,"insert_id":"i1","session_id":1795256000000,
			  "event_id":3,"ip":"10.0.0.1","library":"x","user_properties":{"email":"ana@example.test","tier":"gold"},"groups":{"company":["c1"]},
			  "event_properties":{"order_id":"o1","total":129.9,"currency":"EUR","products":[{"sku":"TEE"}],"utm_medium":"mail"}}`,
			transporttest.Event{
				Name: "Order Completed", ID: "i1", At: "2026-11-21T10:14:57Z", Session: "1795256000000", Order: "o1", Amount: 129_900_000, Currency: "EUR",
				People:     []string{"customerId 880011", "anonymousId anon-31", "email ana@example.test"},
				Properties: `{"order_id":"o1","total":129.9,"currency":"EUR","campaign_medium":"mail"}`, Items: `[{"sku":"TEE"}]`,
				Traits: `{"email":"ana@example.test","tier":"gold"}`, Groups: `{"company":"c1"}`,
			},
		},
		"a page": {
			`{"device_id":"d","session_id":-1,"event_type":"[Amplitude] Page Viewed","event_properties":{"[Amplitude] Page Location":"https://s/p",
			  "[Amplitude] Page Path":"/p","[Amplitude] Page Title":"Shop","[Amplitude] Page Counter":3,"referrer":"https://r"}}`,
			transporttest.Event{
				Name: "Page Viewed", People: []string{"anonymousId d"},
				Properties: `{"url":"https://s/p","path":"/p","title":"Shop","referrer":"https://r"}`,
			},
		},
		"revenue of the SDK": {
			`{"user_id":"user-1","event_type":"revenue_amount","event_properties":{"$productId":"TEE","$quantity":2,"$price":12.55,"$revenueType":"purchase",
			  "$currency":"EUR"}}`,
			transporttest.Event{
				Name: "revenue_amount", People: user, Amount: 25_100_000, Currency: "EUR",
				Properties: `{"revenue":25.1,"price":12.55,"quantity":2,"currency":"EUR","product_id":"TEE","revenue_type":"purchase"}`,
			},
		},
		"revenue next to the properties": {
			`{"user_id":"user-1","event_type":"Order Refunded","revenue":-30,"currency":"EUR","productId":"TEE"}`,
			transporttest.Event{
				Name: "Order Refunded", People: user, Amount: -30_000_000, Currency: "EUR", Properties: `{"revenue":-30,"currency":"EUR","product_id":"TEE"}`,
			},
		},
		"a price without a currency": {
			`{"user_id":"user-1","event_type":"A","price":3,"event_properties":{"a":1}}`,
			transporttest.Event{Name: "A", People: user, Properties: `{"a":1,"revenue":3,"price":3}`},
		},
		"an identify": {
			`{"user_id":"user-1","device_id":"d","event_type":"$identify","user_properties":{"$set":{"plan":"x"},"$setOnce":{"plan":"y","first":1},"$add":{"n":2}}}`,
			identified([]string{"customerId user-1", "anonymousId d"}, `{"plan":"x","first":1}`, ""),
		},
		"a group of a person": {
			`{"user_id":"user-1","event_type":"$identify","user_properties":{"$set":{"company":"c1"}},"groups":{"company":"c1"}}`,
			identified(user, `{"company":"c1"}`, `{"company":"c1"}`),
		},
		"a group":       {`{"user_id":"user-1","event_type":"$groupidentify","group_properties":{"$set":{"n":1}},"groups":{"company":"c1"}}`, transporttest.Event{Dropped: true}},
		"a session":     {`{"user_id":"user-1","event_type":"session_start"}`, transporttest.Event{Dropped: true}},
		"a click":       {`{"user_id":"user-1","event_type":"[Amplitude] Element Clicked"}`, transporttest.Event{Dropped: true}},
		"an experiment": {`{"user_id":"user-1","event_type":"$exposure"}`, transporttest.Event{Dropped: true}},
		"no type":       {`{"user_id":"user-1"}`, transporttest.Event{Reason: reject.MissingEventName}},
		"a wrong time":  {`{"user_id":"user-1","event_type":"A","time":7}`, transporttest.Event{Reason: reject.BadTime}},
		"seconds":       {`{"user_id":"user-1","event_type":"A","time":1795256097}`, transporttest.Event{Name: "A", At: "2026-11-21T10:14:57Z", People: user}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/2/httpapi", "/batch/"} {
				got := transporttest.Events(t, newTransport(t), http.MethodPost, post(path, `{"api_key":"amp-key","events":[`+c.event+`]}`))
				require.Equal(t, []transporttest.Event{c.want}, got)
			}
		})
	}
}

// The identify API takes a form, whose documents have no type of their own.
func TestIdentifyAPI(t *testing.T) {
	const person = `{"user_id":"user-1","user_properties":{"$set":{"plan":"x"}}}`
	want := []transporttest.Event{identified([]string{"customerId user-1"}, `{"plan":"x"}`, "")}
	for name, body := range map[string]string{
		"a form":           "api_key=amp-key&identification=" + url.QueryEscape(person),
		"a form of a list": "api_key=amp-key&identification=" + url.QueryEscape("["+person+"]"),
		"JSON":             `{"api_key":"amp-key","identification":[` + person + `]}`,
	} {
		require.Equal(t, want, transporttest.Events(t, newTransport(t), http.MethodPost, post("/identify", body)), name)
	}
	m := post("/groupidentify", "api_key=amp-key&identification="+url.QueryEscape(`{"group_type":"company","group_value":"c1"}`))
	require.Equal(t, []transporttest.Event{{Dropped: true}}, transporttest.Events(t, newTransport(t), http.MethodPost, m))
	d, rejection := newTransport(t).Decode(transporttest.Request(http.MethodPost, post("/identify", "api_key=amp-key&identification="+url.QueryEscape(person))))
	require.Nil(t, rejection)
	body, err := d.Candidates[0].Body()
	require.NoError(t, err)
	require.Equal(t, "$identify", body.(map[string]any)["event_type"])

	status, text := transporttest.Answer(t, newTransport(t), m, transport.Result{Status: 200, Success: true, Dropped: 1})
	require.Equal(t, 200, status)
	require.Equal(t, "success", text)
	status, text = transporttest.Answer(t, newTransport(t), post("/identify", "api_key=no&identification=%7B%7D"), transport.Result{})
	require.Equal(t, 400, status)
	require.Equal(t, "invalid_api_key", text)
}

// A clock that is an hour ahead cancels out.
func TestClock(t *testing.T) {
	const events = `{"api_key":"amp-key","events":[{"user_id":"user-1","event_type":"A","time":1795259700000}]`
	got := transporttest.Events(t, newTransport(t), http.MethodPost, post("/2/httpapi", events+`,"client_upload_time":"2026-11-21T11:15:10.000Z"}`))
	require.Equal(t, "2026-11-21T10:15:00Z", got[0].At)
	got = transporttest.Events(t, newTransport(t), http.MethodPost, post("/2/httpapi", events+`}`))
	require.Equal(t, "2026-11-21T11:15:00Z", got[0].At, "without it, the time is as it was sent")
}

func TestAnswers(t *testing.T) {
	refusal := func(i int, reason, field string) transport.Refusal {
		return transport.Refusal{Index: i, Rejection: reject.New(reason, field, "what is wrong")}
	}
	for name, c := range map[string]struct {
		key    string
		result transport.Result
		status int
		body   string
	}{
		"stored": {"amp-key", transport.Result{Status: 200, Success: true, Accepted: 2, Dropped: 1}, 200,
			`{"code":200,"events_ingested":3,"payload_size_bytes":0,"server_upload_time":1795256110000}`},
		"some refused": {"amp-key", transport.Result{Status: 200, Success: true, Accepted: 1, RejectedCount: 4, Rejected: []transport.Refusal{
			refusal(1, reject.BadTime, "time"), refusal(2, reject.MissingIdentity, "identities"), refusal(3, reject.MissingEventName, "event_type"),
			refusal(5, reject.BadJSON, ""),
		}}, 400, `{"code":400,"error":"Request has invalid or missing fields","events_with_invalid_fields":{"time":[1],"event":[5]},
			"events_with_missing_fields":{"user_id":[2],"event_type":[3]}}`},
		"a wrong key": {"no", transport.Result{}, 400, `{"code":400,"error":"Invalid API key"}`},
		"no key":      {"", transport.Result{}, 400, `{"code":400,"error":"Request missing required field","missing_field":"api_key"}`},
		"no store":    {"amp-key", transport.Result{Status: 503, Error: "the store is not available"}, 503, `{"code":503,"error":"the store is not available"}`},
		"too fast":    {"amp-key", transport.Result{Status: 429, Error: "too fast", Reason: reject.RateLimited}, 429, `{"code":429,"error":"too fast"}`},
	} {
		status, text := transporttest.Answer(t, newTransport(t), post("/2/httpapi", `{"api_key":"`+c.key+`","events":[{"event_type":"A"}]}`), c.result)
		require.Equal(t, c.status, status, name)
		require.JSONEq(t, c.body, text, name)
	}
}

func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"api_key":"k","events":[{"user_id":"u","event_type":"A","time":1795256097000,"price":"1e3","quantity":-2,"user_properties":{"$set":{"email":"a@b.de"}}}]}`,
		`{"api_key":"k","events":[{"event_type":"$identify","groups":{"a":[1]}}],"client_upload_time":"2026-11-21T10:14:57Z"}`,
		`api_key=k&identification=%7B%22user_id%22%3A%22u%22%7D`, `[{"event_type":"A","event_properties":{"$price":3,"revenue":null}}]`,
	} {
		f.Add(body)
	}
	tr, err := amplitude.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Recorded: true})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/2/httpapi", "/identify"} {
			transporttest.Fuzz(t, tr, transporttest.Message{Path: path, Body: body})
		}
	})
}
