// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package send

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

var end = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func testWorld(t *testing.T, persons int) *world.World {
	t.Helper()
	p := world.Defaults(end)
	p.Persons = persons
	w, err := world.New(p)
	require.NoError(t, err)
	return w
}

// receiver is the endpoint of one source, independent of the sender's code, which fails in various ways.
type receiver struct {
	t      *testing.T
	source world.Source
	secret string

	mu sync.Mutex
	// acknowledged ids with their number; bad and dropped documents are acknowledged, too
	ids     map[string]int
	bad     map[string]int
	dropped int
	trouble *rand.Rand
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.trouble.IntN(10) {
	case 0:
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case 1:
		panic(http.ErrAbortHandler) // the connection breaks before the request is accepted
	case 2:
		r.take(q, body)
		panic(http.ErrAbortHandler) // the request is accepted, but the response is lost
	}
	status, answer := r.take(q, body)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

type verdict map[string]any

func refused(reason string) (int, verdict) { return 401, verdict{"reason": reason} }

func (r *receiver) take(q *http.Request, body []byte) (int, verdict) {
	if reason := r.authenticate(q, body); reason != "" {
		r.bad[reason]++
		return refused(reason)
	}
	if !json.Valid(body) {
		r.bad["bad-json"]++
		return refused("bad-json")
	}
	if strings.Count(string(body), "{") > 100 && strings.HasPrefix(string(body), `{"properties":{"properties"`) {
		r.bad["too-deep"]++
		return refused("too-deep")
	}
	accepted, dropped, rejected := 0, 0, []map[string]string{}
	for _, d := range documents(r.t, body) {
		switch what := decide(r.source, d); what {
		case "":
			r.ids[idOf(q, d)]++
			accepted++
		case "dropped":
			dropped++
		default:
			rejected = append(rejected, map[string]string{"reason": what})
		}
	}
	r.dropped += dropped
	for _, x := range rejected {
		r.bad[x["reason"]]++
	}
	status := 200
	if accepted+dropped == 0 {
		status = 400
	}
	return status, verdict{"accepted": accepted, "dropped": dropped, "rejected": rejected}
}

func (r *receiver) authenticate(q *http.Request, body []byte) string {
	mac := hmac.New(sha256.New, []byte(r.secret))
	switch r.source {
	case world.Web:
		if user, password, ok := q.BasicAuth(); !ok || user != r.secret || password != "" {
			return "bad-token"
		}
	case world.CRM, world.Support:
		if q.Header.Get("Authorization") != "Bearer "+r.secret {
			return "bad-token"
		}
	case world.Tills:
		mac.Write(body)
		switch got := q.Header.Get("X-Till-Signature"); got {
		case "":
			return "missing-signature"
		case "sha256=" + hex.EncodeToString(mac.Sum(nil)):
		default:
			return "bad-signature"
		}
	default:
		stamp, signature, _ := strings.Cut(strings.TrimPrefix(q.Header.Get("X-Survey-Signature"), "t="), ",v1=")
		mac.Write([]byte(stamp + "." + string(body)))
		if signature != hex.EncodeToString(mac.Sum(nil)) {
			return "bad-signature"
		}
		sent, err := strconv.ParseInt(stamp, 10, 64)
		require.NoError(r.t, err)
		if time.Since(time.Unix(sent, 0)).Abs() > 5*time.Minute {
			return "stale-timestamp"
		}
	}
	return ""
}

// documents returns the documents of a body: a list, the batch of a message, or the body itself.
func documents(t *testing.T, body []byte) []map[string]any {
	var list []map[string]any
	if body[0] == '[' {
		require.NoError(t, json.Unmarshal(body, &list))
		return list
	}
	var one map[string]any
	require.NoError(t, json.Unmarshal(body, &one))
	parts, _ := one["batch"].([]any)
	if kind, _ := one["kind"].(string); kind == "receipts" {
		parts, _ = one["receipts"].([]any)
	}
	if parts == nil {
		return []map[string]any{one}
	}
	for _, p := range parts {
		list = append(list, p.(map[string]any))
	}
	return list
}

func decide(source world.Source, d map[string]any) string {
	text := func(key string) string { s, _ := d[key].(string); return s }
	switch {
	case source == world.Tills && text("kind") == "heartbeat":
		return "dropped"
	case source == world.Tills && text("kind") != "", source == world.Support && text("type") == "conversation.tagged":
		return "unmapped"
	case source == world.Tills && strings.Contains(text("total"), ","):
		return "bad-amount"
	case source == world.Surveys && text("customer") == "undefined":
		return "missing-identity"
	case source == world.Web && text("type") == "track" && text("event") == "":
		return "missing-event-name"
	case source == world.Web && text("userId") == "" && (text("anonymousId") == "" || text("anonymousId") == "null"):
		return "missing-identity"
	case source == world.Web && text("timestamp") == "yesterday":
		return "bad-time"
	}
	return ""
}

func idOf(q *http.Request, d map[string]any) string {
	for _, key := range []string{"messageId", "number", "response", "id"} {
		if id, ok := d[key].(string); ok {
			return id
		}
	}
	return q.Header.Get("Ce-Id")
}

func TestEveryEventIsDeliveredAtLeastOnce(t *testing.T) {
	w := testWorld(t, 300)
	endpoints := map[world.Source]wire.Endpoint{}
	receivers := map[world.Source]*receiver{}
	for i, s := range world.Sources {
		r := &receiver{t: t, source: s, secret: "secret-of-" + string(s), ids: map[string]int{}, bad: map[string]int{}, trouble: rand.New(rand.NewPCG(7, uint64(i)))}
		server := httptest.NewServer(r)
		server.Config.ErrorLog = nil
		t.Cleanup(server.Close)
		receivers[s], endpoints[s] = r, wire.Endpoint{URL: server.URL, Secret: r.secret}
	}
	run := Run{
		World: w, Workers: 8, Now: time.Now,
		Sender: New(Options{Endpoints: endpoints, Client: &http.Client{Timeout: time.Minute}, RetryFor: time.Hour, Now: time.Now}),
	}
	summary, err := run.Do(context.Background())
	require.NoError(t, err)
	require.Positive(t, summary.Retries)
	want := map[world.Source]map[string]bool{}
	for _, e := range w.Events() {
		if want[e.Source] == nil {
			want[e.Source] = map[string]bool{}
		}
		want[e.Source][e.ID] = true
	}
	again := 0
	for _, s := range world.Sources {
		got := receivers[s]
		require.Len(t, got.ids, len(want[s]), s)
		var total int64
		for id, n := range got.ids {
			require.True(t, want[s][id], "%s: unknown id %s", s, id)
			total += int64(n)
			again += n - 1
		}
		require.EqualValues(t, len(want[s]), summary.Sent[s].Events, s)
		require.GreaterOrEqual(t, total, summary.Sent[s].Accepted(), s)
		for reason, n := range summary.Sent[s].Rejected {
			require.GreaterOrEqual(t, int64(got.bad[reason]), n, "%s %s", s, reason)
		}
		require.Len(t, got.bad, len(summary.Sent[s].Rejected), s)
		require.GreaterOrEqual(t, int64(got.dropped), summary.Sent[s].Dropped)
	}
	require.Positive(t, again, "no redelivery was drawn")
}

func TestSameWorldGivesTheSameBytes(t *testing.T) {
	write := func() (out []byte) {
		requests, _ := Plan(testWorld(t, 60), 0, time.Time{})
		for _, r := range requests {
			body, _, err := r.Write(end, "secret")
			require.NoError(t, err)
			out = append(append(out, string(r.Source)+r.Path...), body...)
		}
		return out
	}
	require.Equal(t, string(write()), string(write()))
}

func TestUnexpectedResponseEndsTheRun(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"accepted": 1}`))
	}))
	t.Cleanup(server.Close)
	endpoints := map[world.Source]wire.Endpoint{}
	for _, s := range world.Sources {
		endpoints[s] = wire.Endpoint{URL: server.URL}
	}
	run := Run{
		World: testWorld(t, 20), Workers: 2, Now: time.Now,
		Sender: New(Options{Endpoints: endpoints, Client: server.Client(), RetryFor: time.Minute, Now: time.Now}),
	}
	_, err := run.Do(context.Background())
	require.ErrorContains(t, err, "the answer is")
}

func TestFutureEventsAreSentOnlyLive(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	t.Cleanup(server.Close)
	w := testWorld(t, 40)
	before := func() time.Time { return w.Params.Start().Add(-time.Hour) }
	run := Run{World: w, Workers: 1, Now: before, Sender: New(Options{Client: server.Client(), RetryFor: time.Minute, Now: before})}
	summary, err := run.Do(context.Background())
	require.NoError(t, err)
	require.Positive(t, summary.NotYet)
	require.Zero(t, summary.Requests)
}

// With a clock that only advances while the sender waits, a day of a world is sent. No event is sent before its time, and later events are sent at
// their time.
func TestLiveSendsEventsAtTheirTime(t *testing.T) {
	w := testWorld(t, 150)
	started := w.Params.Now.Add(-24 * time.Hour)
	var mu sync.Mutex
	clock, after := started, 0
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return clock
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil || q.Header.Get("Authorization") != "Bearer crm" || q.Header.Get("Content-Type") == "application/cloudevents-batch+json" {
			status, answer := crmAnswer(q, body)
			rw.WriteHeader(status)
			_ = json.NewEncoder(rw).Encode(answer)
			return
		}
		var e struct{ Time time.Time }
		if stamp := q.Header.Get("Ce-Time"); stamp != "" {
			e.Time, err = time.Parse(time.RFC3339, stamp)
		} else {
			err = json.Unmarshal(body, &e)
		}
		if err != nil || e.Time.After(now()) {
			t.Errorf("sent at %s what happened at %s (%v)", now(), e.Time, err)
		}
		mu.Lock()
		if e.Time.After(started) {
			after++
		}
		mu.Unlock()
		_ = json.NewEncoder(rw).Encode(verdict{"accepted": 1})
	}))
	t.Cleanup(server.Close)
	crm := map[world.Source]wire.Endpoint{world.CRM: {URL: server.URL, Secret: "crm"}}
	requests, _ := Plan(w, 0, started)
	sender := New(Options{Endpoints: crm, Client: server.Client(), RetryFor: time.Minute, Now: now})
	queue := make(chan *wire.Request)
	run := Run{World: w, Workers: 1, Live: true, Now: now, Sender: sender, Wait: func(_ context.Context, d time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		clock = clock.Add(d)
		return nil
	}}
	done := make(chan error, 1)
	go func() {
		notYet, err := run.feed(context.Background(), requests, queue)
		if notYet != 0 {
			t.Errorf("%d requests were left out", notYet)
		}
		close(queue)
		done <- err
	}()
	for q := range queue {
		if q.Source == world.CRM {
			_, err := sender.Deliver(context.Background(), q)
			require.NoError(t, err)
		}
	}
	require.NoError(t, <-done)
	require.Positive(t, after)
}

// crmAnswer returns the responses of the CRM to batches and to refused requests.
func crmAnswer(q *http.Request, body []byte) (int, verdict) {
	if q.Header.Get("Authorization") != "Bearer crm" {
		return refused("bad-token")
	}
	return 200, verdict{"accepted": strings.Count(string(body), `"specversion"`)}
}
