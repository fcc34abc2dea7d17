// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mixpanel_test

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
	"github.com/journeyman-dev/journeyman/internal/transport/mixpanel"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
)

func newTransport(t testing.TB) transport.Transport {
	t.Helper()
	tr, err := mixpanel.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Secrets: []string{"tok", "svc:pass"}})
	require.NoError(t, err)
	return tr
}

func post(path, body string, header ...string) transporttest.Message {
	m := transporttest.Message{Path: path, Body: body, Header: http.Header{"Content-Type": {"application/json"}}}
	for i := 0; i+1 < len(header); i += 2 {
		m.Header.Set(header[i], header[i+1])
	}
	return m
}

// Each event is as the documentation shows it, or as mixpanel-browser 2 and mixpanel 0.24 for Node send it.
func TestMeaning(t *testing.T) {
	for name, c := range map[string]struct {
		event string
		want  transporttest.Event
	}{
		"an order": {
			`{"event":"Order Completed","properties":{"time":1795256097,"distinct_id":"880011","$insert_id":"mx-1","$user_id":"880011","$device_id":"anon-31",
			  "$email":"ana@example.test","mp_lib":"web","$browser":"Chrome","$current_url":"https://s/thanks","total":129.9,"currency":"EUR",
			  "products":[{"sku":"TEE"}]}}`,
			transporttest.Event{
				Name: "Order Completed", ID: "mx-1", At: "2026-11-21T10:14:57Z", Amount: 129_900_000, Currency: "EUR",
				People:     []string{"customerId 880011", "anonymousId anon-31", "email ana@example.test"},
				Properties: `{"total":129.9,"currency":"EUR","url":"https://s/thanks"}`, Items: `[{"sku":"TEE"}]`,
			},
		},
		"a page": {
			`{"event":"$mp_web_page_view","properties":{"time":1795256097123,"distinct_id":"$device:d1","$device_id":"d1","current_page_title":"Shop",
			  "current_url_path":"/p","current_domain":"s","utm_source":"news"}}`,
			transporttest.Event{
				Name: "Page Viewed", At: "2026-11-21T10:14:57.123Z", People: []string{"anonymousId d1"},
				Properties: `{"title":"Shop","path":"/p","campaign_source":"news"}`,
			},
		},
		"before the log-in, in a project with the original merge": {
			`{"event":"A","properties":{"distinct_id":"18c5-1","$device_id":"18c5-1"}}`,
			transporttest.Event{Name: "A", People: []string{"anonymousId 18c5-1"}},
		},
		"of a server":  {`{"event":"A","properties":{"distinct_id":"u"}}`, transporttest.Event{Name: "A", People: []string{"customerId u"}}},
		"of a device":  {`{"event":"A","properties":{"distinct_id":"$device:d"}}`, transporttest.Event{Name: "A", People: []string{"anonymousId d"}}},
		"of an old id": {`{"event":"A","properties":{"distinct_id":"v","$user_id":"u"}}`, transporttest.Event{Name: "A", People: []string{"customerId u", "anonymousId v"}}},
		"of nobody":    {`{"event":"A","properties":{"distinct_id":""}}`, transporttest.Event{Name: "A"}},
		"a log-in": {
			`{"event":"$identify","properties":{"distinct_id":"u","$anon_distinct_id":"$device:d1","$user_id":"u","$device_id":"d1"}}`,
			transporttest.Event{Name: "Identified", Kind: event.Identify, Initiator: event.Machine, People: []string{"anonymousId d1", "customerId u"}},
		},
		"a log-in of a server": {
			`{"event":"$identify","properties":{"$identified_id":"u","$anon_id":"v1"}}`,
			transporttest.Event{Name: "Identified", Kind: event.Identify, Initiator: event.Machine, People: []string{"customerId u", "anonymousId v1"}},
		},
		"an alias of a visitor": {
			`{"event":"$create_alias","properties":{"distinct_id":"v1","alias":"u","$device_id":"v1"}}`,
			transporttest.Event{Name: "Identities Merged", Kind: event.Alias, Initiator: event.Machine, People: []string{"customerId u", "anonymousId v1"}},
		},
		"a merge": {
			`{"event":"$merge","properties":{"$distinct_ids":["u","$device:d"]}}`,
			transporttest.Event{Name: "Identities Merged", Kind: event.Alias, Initiator: event.Machine, People: []string{"customerId u", "anonymousId d"}},
		},
		"a click":      {`{"event":"$mp_click","properties":{"distinct_id":"u"}}`, transporttest.Event{Dropped: true}},
		"a session":    {`{"event":"$session_start","properties":{"distinct_id":"u"}}`, transporttest.Event{Dropped: true}},
		"no name":      {`{"properties":{"distinct_id":"u"}}`, transporttest.Event{Reason: reject.MissingEventName}},
		"a wrong time": {`{"event":"A","properties":{"distinct_id":"u","time":12}}`, transporttest.Event{Reason: reject.BadTime}},
		"a time as a text": {
			`{"event":"A","properties":{"distinct_id":"u","time":"2026-11-21T10:14:57"}}`,
			transporttest.Event{Name: "A", At: "2026-11-21T10:14:57Z", People: []string{"customerId u"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := transporttest.Events(t, newTransport(t), http.MethodPost, post("/track?api_key=tok", "["+c.event+"]"))
			require.Equal(t, []transporttest.Event{c.want}, got)
		})
	}
}

func TestPersons(t *testing.T) {
	for name, c := range map[string]struct {
		path, body string
		want       transporttest.Event
	}{
		"set": {"/engage", `{"$token":"tok","$distinct_id":"u","$time":1795256097,"$set":{"$email":"a@b.de","$first_name":"Ana","plan":"x","$os":"y"}}`, transporttest.Event{
			Name: "Identified", Kind: event.Identify, Initiator: event.Machine, At: "2026-11-21T10:14:57Z",
			People: []string{"customerId u", "email a@b.de"}, Traits: `{"plan":"x","email":"a@b.de","first_name":"Ana"}`,
		}},
		"set once": {"/engage#profile-set-once", `[{"$token":"tok","$distinct_id":"$device:d","$set_once":{"first":1}}]`, transporttest.Event{
			Name: "Identified", Kind: event.Identify, Initiator: event.Machine, People: []string{"anonymousId d"}, Traits: `{"first":1}`,
		}},
		"add":    {"/engage", `{"$token":"tok","$distinct_id":"u","$add":{"n":2}}`, transporttest.Event{Dropped: true}},
		"delete": {"/engage", `{"$token":"tok","$distinct_id":"u","$delete":""}`, transporttest.Event{Dropped: true}},
		"group":  {"/groups", `{"$token":"tok","$group_key":"company","$group_id":"c1","$set":{"n":1}}`, transporttest.Event{Dropped: true}},
	} {
		path, _, _ := cut(c.path)
		require.Equal(t, []transporttest.Event{c.want}, transporttest.Events(t, newTransport(t), http.MethodPost, post(path, c.body)), name)
	}
}

func cut(path string) (string, string, bool) {
	u, err := url.Parse(path)
	return u.Path, u.Fragment, err == nil
}

func TestForms(t *testing.T) {
	const one = `{"event":"A","properties":{"distinct_id":"u","token":"tok"}}`
	packed := base64.StdEncoding.EncodeToString([]byte(one))
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for name, m := range map[string]transporttest.Message{
		"JSON":              post("/track/", one),
		"a list":            post("/track", "["+one+"]"),
		"lines":             post("/import", `{"event":"A","properties":{"distinct_id":"u","token":"tok","time":1795256097}}`+"\n\n", "Content-Type", "application/x-ndjson"),
		"a form":            post("/track?verbose=1&ip=0", "data="+url.QueryEscape(packed), form...),
		"a form of JSON":    post("/track/?verbose=1", "ip=1&data="+url.QueryEscape("["+one+"]"), form...),
		"Basic":             post("/track", `{"event":"A","properties":{"distinct_id":"u"}}`, "Authorization", "Basic c3ZjOnBhc3M="),
		"Basic and a token": post("/track", `{"event":"A","properties":{"distinct_id":"u"}}`, "Authorization", "Basic dG9rOg=="),
	} {
		t.Run(name, func(t *testing.T) {
			got := transporttest.Events(t, newTransport(t), http.MethodPost, m)
			require.Len(t, got, 1)
			require.Equal(t, []string{"customerId u"}, got[0].People)
		})
	}
	got := transporttest.Events(t, newTransport(t), http.MethodGet, transporttest.Message{Path: "/track?ip=0&data=" + url.QueryEscape(packed)})
	require.Equal(t, []transporttest.Event{{Name: "A", People: []string{"customerId u"}}}, got)
}

// A line that is no JSON costs that line, as an element of a list does that is no object.
func TestLines(t *testing.T) {
	body := `{"event":"A","properties":{"distinct_id":"u","token":"tok","time":1795256097}}` + "\n{\n7\n"
	got := transporttest.Events(t, newTransport(t), http.MethodPost, post("/import?strict=1", body))
	require.Len(t, got, 3)
	require.Equal(t, "A", got[0].Name)
	require.Equal(t, reject.BadJSON, got[1].Reason)
	require.Equal(t, reject.BadJSON, got[2].Reason)
}

func TestWhoMaySend(t *testing.T) {
	for name, m := range map[string]transporttest.Message{
		"no token":                 post("/track", `{"event":"A","properties":{"distinct_id":"u"}}`),
		"a wrong token":            post("/track", `{"event":"A","properties":{"distinct_id":"u","token":"no"}}`),
		"one wrong token":          post("/track", `[{"event":"A","properties":{"token":"tok"}},{"event":"A","properties":{"token":"no"}}]`),
		"one without":              post("/track", `[{"event":"A","properties":{"token":"tok"}},{"event":"A"}]`),
		"a wrong service account":  post("/import", `[{"event":"A","properties":{"time":1795256097}}]`, "Authorization", "Basic eDp5"),
		"the user of a right one":  post("/import", `[{"event":"A","properties":{"time":1795256097}}]`, "Authorization", "Basic c3ZjOg=="),
		"another key in the query": post("/track?api_key=no", `{"event":"A","properties":{"distinct_id":"u"}}`),
		"nothing that has a token": post("/track", `[7]`),
	} {
		_, rejection := newTransport(t).Decode(transporttest.Request(http.MethodPost, m))
		require.NotNil(t, rejection, name)
		require.Equal(t, reject.BadToken, rejection.Reason, name)
	}
}

func TestAnswers(t *testing.T) {
	tr := newTransport(t)
	const body = `[{"event":"A","properties":{"distinct_id":"u","token":"tok","time":1795256097}}]`
	good := transport.Result{Status: 200, Success: true, Accepted: 1}
	partly := transport.Result{Status: 200, Success: true, Accepted: 1, RejectedCount: 1, Rejected: []transport.Refusal{
		{Index: 1, Rejection: reject.New(reject.BadTime, "properties.time", "the value is not a time")}}}
	failed := transport.Result{Status: 503, Error: "the store is not available"}
	for name, c := range map[string]struct {
		path   string
		result transport.Result
		status int
		body   string
	}{
		"track":                       {"/track", good, 200, `1`},
		"track, described":            {"/track?verbose=1", good, 200, `{"error":"","status":1}`},
		"track that fails":            {"/track?verbose=0", failed, 503, `0`},
		"track that fails, described": {"/track?verbose=1", failed, 503, `{"error":"the store is not available","status":0}`},
		"track with a bad event":      {"/track", partly, 200, `1`},
		"import":                      {"/import?strict=1", good, 200, `{"code":200,"num_records_imported":1,"status":"OK"}`},
		"import of the SDK":           {"/import?verbose=0", good, 200, `1`},
		"import with a bad event": {"/import?strict=1&project_id=1", partly, 400, `{"code":400,"error":"some data points in the request failed validation",
			"num_records_imported":1,"status":"Bad Request","failed_records":[{"index":1,"field":"properties.time","message":"the value is not a time"}]}`},
		"import that fails": {"/import?strict=1", failed, 503, `{"code":503,"error":"the store is not available","num_records_imported":0,"status":"Service Unavailable"}`},
	} {
		status, text := transporttest.Answer(t, tr, post(c.path, body), c.result)
		require.Equal(t, c.status, status, name)
		require.JSONEq(t, c.body, text, name)
	}
	status, text := transporttest.Answer(t, tr, post("/import?strict=1", body, "Authorization", "Basic eDp5"), transport.Result{})
	require.Equal(t, 401, status)
	require.JSONEq(t, `{"code":401,"error":"the project token is wrong","num_records_imported":0,"status":"Unauthorized"}`, text)
}

// An imported event without a time would be dated to today.
func TestImportNeedsATime(t *testing.T) {
	got := transporttest.Events(t, newTransport(t), http.MethodPost, post("/import", `[{"event":"A","properties":{"distinct_id":"u","token":"tok"}}]`))
	require.Equal(t, []transporttest.Event{{Reason: reject.BadTime}}, got)
}

func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`[{"event":"A","properties":{"time":1795256097,"distinct_id":"u","$insert_id":"1","token":"k","$email":"a@b.de"}}]`,
		`{"$token":"k","$distinct_id":"u","$set":{"$email":"a@b.de","a":1},"$set_once":{"b":[1]}}`,
		"data=eyJldmVudCI6IkEifQ==", "{\"event\":\"$merge\",\"properties\":{\"$distinct_ids\":[\"a\",\"b\"]}}\n{}\n",
	} {
		f.Add(body, "verbose=1")
	}
	tr, err := mixpanel.Kind.New(transport.Settings{Spec: &v1alpha1.TouchpointSourceSpec{}, Recorded: true})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body, query string) {
		for _, path := range []string{"/track", "/engage"} {
			transporttest.Fuzz(t, tr, transporttest.Message{Path: path + "?" + query, Body: body})
		}
	})
}
