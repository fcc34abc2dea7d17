// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package posthog_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/posthog"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

func newTransport(t testing.TB, keys ...string) transport.Transport {
	t.Helper()
	if keys == nil {
		keys = []string{"phc_key"}
	}
	tr, err := posthog.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Secrets: keys})
	require.NoError(t, err)
	return tr
}

func post(path, body string) transporttest.Message {
	return transporttest.Message{Path: path, Body: body, Header: http.Header{"Content-Type": {"application/json"}}}
}

// Each event is as the documentation shows it, or as posthog-js 1.4 and posthog-node 5 send it.
func TestMeaning(t *testing.T) {
	for name, c := range map[string]struct {
		event string
		want  transporttest.Event
	}{
		"an order": {
			`{"event":"Order Completed","distinct_id":"880011","uuid":"019a-1","timestamp":"2026-11-21T10:14:57.000Z",
			  "properties":{"$device_id":"anon-31","$current_url":"https://s/thanks","$browser":"Chrome","$ip":"10.0.0.1","token":"phc_key","order_id":"o1",
			  "total":129.9,"currency":"EUR","products":[{"sku":"TEE"}],"$session_id":"s1","$set":{"email":"ana@example.test","$initial_os":"x"}}}`,
			transporttest.Event{
				Name: "Order Completed", ID: "019a-1", At: "2026-11-21T10:14:57Z", Session: "s1", Order: "o1", Amount: 129_900_000, Currency: "EUR",
				People:     []string{"customerId 880011", "anonymousId anon-31", "email ana@example.test"},
				Properties: `{"order_id":"o1","total":129.9,"currency":"EUR","url":"https://s/thanks"}`, Items: `[{"sku":"TEE"}]`,
				Traits: `{"email":"ana@example.test"}`,
			},
		},
		"a page before the log-in": {
			`{"event":"$pageview","properties":{"distinct_id":"v1","$device_id":"v1","$is_identified":false,"$current_url":"https://s/?a","$pathname":"/",
			  "$referrer":"https://r","title":"Shop","utm_source":"news","utm_campaign":"may"}}`,
			transporttest.Event{
				Name: "Page Viewed", People: []string{"anonymousId v1"},
				Properties: `{"title":"Shop","url":"https://s/?a","path":"/","referrer":"https://r","campaign_source":"news","campaign":"may"}`,
			},
		},
		"a screen": {
			`{"event":"$screen","distinct_id":"u","properties":{"$screen_name":"Cart"}}`,
			transporttest.Event{Name: "Screen Viewed", People: []string{"customerId u"}, Properties: `{"screen":"Cart"}`},
		},
		"the log-in of a visitor": {
			`{"event":"$identify","distinct_id":"u","properties":{"$anon_distinct_id":"v1","$device_id":"v1","$is_identified":true},
			  "$set":{"email":"a@b.de","tier":"gold"},"$set_once":{"tier":"old","first":1}}`,
			transporttest.Event{
				Name: "Identified", Kind: event.Identify, Initiator: event.Machine,
				People: []string{"customerId u", "anonymousId v1", "email a@b.de"}, Traits: `{"email":"a@b.de","tier":"gold","first":1}`,
			},
		},
		"properties of a person": {
			`{"event":"$set","distinct_id":"u","properties":{"$set":{"loyaltyId":"c7","phone":"+4915112345678"}}}`,
			transporttest.Event{
				Name: "Identified", Kind: event.Identify, Initiator: event.Machine, Traits: `{"loyaltyId":"c7","phone":"+4915112345678"}`,
				People: []string{"customerId u", "loyaltyId c7", "phone +4915112345678"},
			},
		},
		"an alias of a server": {
			`{"event":"$create_alias","distinct_id":"u","properties":{"distinct_id":"u","alias":"v1"}}`,
			transporttest.Event{Name: "Identities Merged", Kind: event.Alias, Initiator: event.Machine, People: []string{"customerId u", "anonymousId v1"}},
		},
		"an alias of a visitor": {
			`{"event":"$create_alias","distinct_id":"v1","properties":{"alias":"u","$device_id":"v1"}}`,
			transporttest.Event{Name: "Identities Merged", Kind: event.Alias, Initiator: event.Machine, People: []string{"anonymousId v1", "customerId u"}},
		},
		"two customers": {
			`{"event":"$merge_dangerously","distinct_id":"u","properties":{"alias":"w"}}`,
			transporttest.Event{Name: "Identities Merged", Kind: event.Alias, Initiator: event.Machine, People: []string{"customerId u", "customerId w"}},
		},
		"a group of a person": {
			`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":"c1","$group_set":{"n":1}}}`,
			transporttest.Event{
				Name: "Group Joined", Kind: event.Identify, Initiator: event.Machine, People: []string{"customerId u"}, Groups: `{"company":"c1"}`,
				Properties: `{"group_type":"company","group_key":"c1"}`,
			},
		},
		"a group alone": {
			`{"event":"$groupidentify","distinct_id":"$company_c1","properties":{"$group_type":"company","$group_key":"c1"}}`,
			transporttest.Event{Dropped: true},
		},
		"an event of a group": {
			`{"event":"A","distinct_id":"u","properties":{"$groups":{"company":"c1","plan":["p",2]}}}`,
			transporttest.Event{Name: "A", People: []string{"customerId u"}, Groups: `{"company":"c1","plan":"p"}`},
		},
		"an NPS": {
			`{"event":"survey sent","distinct_id":"u","properties":{"$survey_id":"1","$survey_name":"NPS May","$survey_response":"9"}}`,
			transporttest.Event{
				Name: "Survey Responded", People: []string{"customerId u"}, Survey: event.Survey{Kind: "nps", Score: 9_000_000, Scale: 10_000_000},
				Properties: `{"survey_id":"1","survey_name":"NPS May","response":"9","score":"9","kind":"nps"}`,
			},
		},
		"a survey of a kind that is sent": {
			`{"event":"survey sent","distinct_id":"u","properties":{"$survey_response":4,"kind":"csat","scale":5}}`,
			transporttest.Event{
				Name: "Survey Responded", People: []string{"customerId u"}, Survey: event.Survey{Kind: "csat", Score: 4_000_000, Scale: 5_000_000},
				Properties: `{"kind":"csat","scale":5,"response":4,"score":4}`,
			},
		},
		"a survey of current SDKs": {
			`{"event":"survey sent","distinct_id":"u","properties":{"$survey_name":"NPS","$survey_completed":true,"$survey_questions":[{"id":"q1"}],
			  "$survey_response_q0":"fine","$survey_response_q1":7,"$survey_submission_id":"s"}}`,
			transporttest.Event{
				Name: "Survey Responded", People: []string{"customerId u"}, Survey: event.Survey{Kind: "nps", Score: 7_000_000, Scale: 10_000_000},
				Properties: `{"survey_name":"NPS","response":"fine","score":7,"kind":"nps"}`,
			},
		},
		"a survey that is not completed": {
			`{"event":"survey sent","distinct_id":"u","properties":{"$survey_completed":false,"$survey_response_q1":7}}`, transporttest.Event{Dropped: true},
		},
		"a survey of words": {
			`{"event":"survey sent","distinct_id":"u","properties":{"$survey_response":"fine"}}`,
			transporttest.Event{Name: "Survey Responded", People: []string{"customerId u"}, Properties: `{"response":"fine"}`},
		},
		"a survey on a page": {
			`{"event":"survey shown","distinct_id":"u"}`,
			transporttest.Event{Name: "survey shown", Initiator: event.Brand, People: []string{"customerId u"}},
		},
		"a robot": {
			`{"event":"A","distinct_id":"u","properties":{"$browser_type":"bot"}}`,
			transporttest.Event{Name: "A", People: []string{"customerId u"}, Flags: event.FlagBot},
		},
		"a site without cookies":  {`{"event":"A","distinct_id":"$posthog_cookieless","properties":{"$device_id":"$posthog_cookieless"}}`, transporttest.Event{Name: "A"}},
		"a click":                 {`{"event":"$autocapture","distinct_id":"u"}`, transporttest.Event{Dropped: true}},
		"a flag":                  {`{"event":"$feature_flag_called","distinct_id":"u"}`, transporttest.Event{Dropped: true}},
		"the end of a page":       {`{"event":"$pageleave","distinct_id":"u"}`, transporttest.Event{Dropped: true}},
		"no name":                 {`{"distinct_id":"u"}`, transporttest.Event{Reason: reject.MissingEventName}},
		"no time":                 {`{"event":"A","distinct_id":"u","timestamp":"soon"}`, transporttest.Event{Reason: reject.BadTime}},
		"a time without zone":     {`{"event":"A","distinct_id":"u","timestamp":"2026-08-16T09:03:11.913767"}`, transporttest.Event{Name: "A", At: "2026-08-16T09:03:11.913767Z", People: []string{"customerId u"}}},
		"an event of 5 s ago":     {`{"event":"A","distinct_id":"u","offset":5000}`, transporttest.Event{Name: "A", At: "2026-11-21T10:15:05Z", People: []string{"customerId u"}}},
		"an event of the future":  {`{"event":"A","distinct_id":"u","offset":-1}`, transporttest.Event{Reason: reject.BadTime}},
		"an event of an old time": {`{"event":"A","distinct_id":"u","offset":1e30}`, transporttest.Event{Reason: reject.BadTime}},
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"api_key":"phc_key","batch":[` + c.event + `]}`
			require.Equal(t, []transporttest.Event{c.want}, transporttest.Events(t, newTransport(t), http.MethodPost, post("/batch/", body)))
		})
	}
}

// The forms of a request: where the key is, and how the event is packed.
func TestForms(t *testing.T) {
	const keyed = `{"event":"A","distinct_id":"u","api_key":"phc_key"}`
	packed := base64.StdEncoding.EncodeToString([]byte(keyed))
	for name, m := range map[string]transporttest.Message{
		"one":                    post("/capture/", keyed),
		"without a slash":        post("/i/v0/e", keyed),
		"of old SDKs":            post("/track", `{"event":"A","properties":{"distinct_id":"u","token":"phc_key"}}`),
		"a list":                 post("/e/", `[`+keyed+`]`),
		"a list of browsers":     post("/e/?compression=gzip-js&ip=1", `[{"event":"A","properties":{"distinct_id":"u","token":"phc_key"}}]`),
		"a batch":                post("/batch/", `{"token":"phc_key","batch":[{"event":"A","distinct_id":"u"}]}`),
		"a form":                 {Path: "/e/", Body: "data=" + url.QueryEscape(packed), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}},
		"a form without escapes": {Path: "/e/", Body: "ver=1&data=" + packed},
		"a form of JSON":         {Path: "/e/", Body: "data=" + url.QueryEscape(keyed)},
		"Base64":                 {Path: "/e/", Body: packed},
	} {
		t.Run(name, func(t *testing.T) {
			got := transporttest.Events(t, newTransport(t), http.MethodPost, m)
			require.Equal(t, []transporttest.Event{{Name: "A", People: []string{"customerId u"}}}, got)
		})
	}
	got := transporttest.Events(t, newTransport(t), http.MethodGet, transporttest.Message{Path: "/e/?data=" + url.QueryEscape(packed)})
	require.Equal(t, []transporttest.Event{{Name: "A", People: []string{"customerId u"}}}, got)
	got = transporttest.Events(t, newTransport(t), http.MethodPost, post("/engage/", `{"$token":"phc_key","$distinct_id":"u","$set":{"a":1}}`))
	require.Equal(t, []transporttest.Event{{
		Name: "Identified", Kind: event.Identify, Initiator: event.Machine, People: []string{"customerId u"}, Traits: `{"a":1}`,
	}}, got)
}

// A clock that is an hour ahead cancels out, by the time of sending in the body or in the query.
func TestClock(t *testing.T) {
	const ahead = `{"api_key":"phc_key","event":"A","distinct_id":"u","timestamp":"2026-11-21T11:15:00Z"`
	for name, m := range map[string]transporttest.Message{
		"in the body":  post("/e/", ahead+`,"sent_at":"2026-11-21T11:15:10Z"}`),
		"in the query": post("/e/?_=1795259710000", ahead+`}`),
	} {
		got := transporttest.Events(t, newTransport(t), http.MethodPost, m)
		require.Equal(t, "2026-11-21T10:15:00Z", got[0].At, name)
	}
	got := transporttest.Events(t, newTransport(t), http.MethodPost, post("/e/", ahead+`}`))
	require.Equal(t, "2026-11-21T11:15:00Z", got[0].At, "without it, the time is as it was sent")
}

func TestAnswers(t *testing.T) {
	tr := newTransport(t)
	const body = `{"api_key":"phc_key","event":"A","distinct_id":"u"}`
	status, text := transporttest.Answer(t, tr, post("/capture/", body), transport.Result{Status: 200, Success: true, Accepted: 1})
	require.Equal(t, 200, status)
	require.Equal(t, `{"status":1}`, text)
	status, text = transporttest.Answer(t, tr, post("/e/?beacon=1", body), transport.Result{Status: 200, Success: true, Accepted: 1})
	require.Equal(t, 204, status)
	require.Empty(t, text)
	refused := transport.Result{Status: 200, Success: true, Accepted: 1, RejectedCount: 1, Rejected: []transport.Refusal{
		{Index: 1, Rejection: reject.New(reject.BadTime, "timestamp", "the value is not a time")}}}
	status, text = transporttest.Answer(t, tr, post("/batch/", body), refused)
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"status":1,"success":true,"accepted":1,"rejectedCount":1,
		"rejected":[{"index":1,"reason":"bad-time","field":"timestamp","message":"the value is not a time"}]}`, text)
	status, _ = transporttest.Answer(t, tr, post("/batch/", body), transport.Result{Status: 503, Error: "the store is not available"})
	require.Zero(t, status, "a failure has the usual response")
	_, rejection := tr.Decode(transporttest.Request(http.MethodPost, post("/capture/", `{"api_key":"nope","event":"A","distinct_id":"u"}`)))
	require.Equal(t, 401, rejection.Status())
}

// SDKs ask for flags, surveys and settings when they start. Nothing is on, and nobody is authenticated for that.
func TestSettings(t *testing.T) {
	for path, want := range map[string]string{
		"/flags/?v=2": `"flags":{}`, "/decide/?v=3": `"featureFlags":{}`, "/api/surveys/?token=x": `"surveys":[]`,
		"/array/phc_key/config": `"autocapture_opt_out":true`,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			d, rejection := newTransport(t).Decode(transporttest.Request(method, post(path, "")))
			require.Nil(t, rejection)
			require.Equal(t, 200, d.Reply.Status)
			require.Contains(t, string(d.Reply.Body), want)
			require.JSONEq(t, string(d.Reply.Body), string(d.Reply.Body))
		}
		d, _ := newTransport(t).Decode(transporttest.Request(http.MethodOptions, post(path, "")))
		require.Equal(t, 204, d.Reply.Status)
	}
	d, _ := newTransport(t).Decode(transporttest.Request(http.MethodPost, post("/s/", "{}")))
	require.Equal(t, 404, d.Reply.Status, "recordings of sessions are not taken")
}

// What a rule sees, and what a hash covers, does not have the key.
func TestRulesDoNotSeeTheKey(t *testing.T) {
	m := post("/e/?data=x", `{"api_key":"phc_key","event":"A","distinct_id":"u","properties":{"token":"phc_key","a":1}}`)
	r := transporttest.Request(http.MethodPost, m)
	d, rejection := newTransport(t).Decode(r)
	require.Nil(t, rejection)
	body, err := d.Candidates[0].Body()
	require.NoError(t, err)
	require.Equal(t, map[string]any{"event": "A", "distinct_id": "u", "properties": map[string]any{"a": int64(1)}}, body)
	require.Empty(t, r.Query)
}

func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"api_key":"k","event":"A","distinct_id":"u","timestamp":"2026-11-21T10:14:57Z","properties":{"$set":{"email":"a@b.de"},"$groups":{"a":["b"]}}}`,
		`{"api_key":"k","batch":[{"event":"survey sent","properties":{"$survey_name":"nps","$survey_response":3}}],"sent_at":"2026-11-21T10:14:57Z"}`,
		"data=eyJldmVudCI6IkEifQ==", `[{"event":"$create_alias","offset":3}]`,
	} {
		f.Add(body, "_=1795259710000")
	}
	tr, err := posthog.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Recorded: true})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body, query string) {
		transporttest.Fuzz(t, tr, transporttest.Message{Path: "/e/?" + query, Body: body})
	})
}
