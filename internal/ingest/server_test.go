// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const writeKey = "Basic dGVzdC13cml0ZS1rZXk6" // test-write-key

func TestSegmentTrackIsStoredBeforeItIsAnswered(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key\n")
	r := p.send(http.MethodPost, "/shop/till/v1/track", `{"type":"track","event":"Order Completed","messageId":"m-1","userId":880011,
		"anonymousId":"a-1","timestamp":"2026-11-21T10:14:57.000Z","sentAt":"2026-11-21T10:15:00Z",
		"context":{"ip":"10.1.1.1","traits":{"email":" Ana@Example.test "},"campaign":{"name":"spring"},"sessionId":17},
		"properties":{"order_id":"5512001","total":129.9,"revenue":"119.90","currency":"eur","products":[{"sku":"TEE"}]}}`,
		"Authorization", writeKey, "Content-Type", "application/json")
	require.Equal(t, http.StatusOK, r.Code, r.ResponseRecorder.Body.String())
	require.True(t, r.Body.Success)
	require.Equal(t, "*", r.Header().Get("Access-Control-Allow-Origin"))
	require.Len(t, p.store.events(), 1)
	e := p.store.events()[0]
	require.Equal(t, event.Event{
		ID: "m-1", Source: "till", Channel: "web", Name: "Order Completed", Time: testNow.Add(-3e9).UnixMicro(), TimeSource: event.TimeFromSent,
		ReceivedAt: testNow.UnixMicro(), SessionID: "17", OrderID: "5512001", Amount: 129_900_000, Currency: "EUR", MappingGeneration: 3,
		Identities: []event.Identity{{Type: "customerId", Value: "880011"}, {Type: "email", Value: "ana@example.test"}, {Type: "anonymousId", Value: "a-1"}},
		Traits:     e.Traits, Items: e.Items, Properties: e.Properties,
	}, e)
	require.JSONEq(t, `{"email":" Ana@Example.test "}`, string(e.Traits))
	require.JSONEq(t, `[{"sku":"TEE"}]`, string(e.Items))
	require.JSONEq(t, `{"order_id":"5512001","total":129.9,"revenue":"119.90","currency":"eur","campaign":"spring"}`, string(e.Properties))
	require.Equal(t, int64(1), p.store.counters().Accepted)
}

func TestValidEventsOfABatchAreStored(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	r := p.send(http.MethodPost, "/v1/batch", `{"batch":[
		{"type":"track","event":"A","messageId":"1","userId":"u"},
		{"type":"track","messageId":"2","userId":"u"},
		{"type":"track","event":"B","messageId":"3","userId":"guest"},
		{"type":"track","event":"C","messageId":"4","userId":"u","timestamp":"yesterday"},
		{"type":"dance","messageId":"5","userId":"u"},
		7,
		{"type":"track","event":"D","messageId":"6","userId":"u","properties":{"total":"1,5","currency":"EUR"}},
		{"type":"track","event":"`+strings.Repeat("x", 129)+`","messageId":"7","userId":"u"},
		{"type":"alias","messageId":"8","userId":"u","previousId":"null"},
		{"type":"track","event":"E","messageId":"9","userId":"u"}]}`, "Authorization", writeKey)
	require.Equal(t, http.StatusOK, r.Code, "the good ones are stored, so sending again would be wrong")
	require.Equal(t, 2, r.Body.Accepted)
	var got []string
	for _, x := range r.Body.Rejected {
		require.NotEmpty(t, x.Message)
		got = append(got, fmt.Sprintf("%d %s %s", x.Index, x.Reason, x.Field))
	}
	require.Equal(t, []string{
		"1 missing-event-name event", "2 missing-identity identities", "3 bad-time timestamp", "4 mapping-error type", "5 bad-json ",
		"6 bad-amount properties.total", "7 field-too-long event", "8 missing-identity previousId",
	}, got)
	c := p.store.counters()
	require.Equal(t, int64(2), c.Accepted)
	require.Equal(t, int64(2), c.Rejected[reject.MissingIdentity].Count)
	require.Equal(t, int64(1), c.Rejected[reject.BadTime].Count)
}

func TestRequestWithoutValidEventsIsRefused(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	r := p.send(http.MethodPost, "/v1/track", `{"messageId":"2","userId":"u"}`, "Authorization", writeKey)
	require.Equal(t, http.StatusBadRequest, r.Code)
	require.Equal(t, "missing-event-name", r.Body.Reason)
	require.Equal(t, "event", r.Body.Field)
	require.False(t, r.Body.Success)
	require.Eventually(t, func() bool { return p.store.counters().Rejected[reject.MissingEventName].Count == 1 },
		waitFor, poll, "a refusal without an event is flushed by itself")
	require.Equal(t, int64(1), p.stats().Counters.Rejected[reject.MissingEventName].Count)
}

func TestRefusedRequests(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	many := `{"batch":[` + strings.Repeat(`{},`, 5000) + `{}]}`
	for name, c := range map[string]struct {
		path, body string
		header     []string
		status     int
		reason     string
	}{
		"no key":            {"/v1/track", `{"a":1}`, nil, 401, reject.BadToken},
		"wrong key":         {"/v1/track", `{"a":1}`, []string{"Authorization", "Basic d3Jvbmc6"}, 401, reject.BadToken},
		"wrong key in body": {"/v1/track", `{"writeKey":"no"}`, nil, 401, reject.BadToken},
		"form":              {"/v1/track", `a=1`, []string{"Authorization", writeKey, "Content-Type", "application/x-www-form-urlencoded"}, 400, reject.BadJSON},
		"brotli":            {"/v1/track", `{}`, []string{"Authorization", writeKey, "Content-Encoding", "br"}, 415, reject.UnsupportedMediaType},
		"double gzip":       {"/v1/track", `{}`, []string{"Authorization", writeKey, "Content-Encoding", "gzip, gzip"}, 415, reject.UnsupportedMediaType},
		"no gzip":           {"/v1/track", `{}`, []string{"Authorization", writeKey, "Content-Encoding", "gzip"}, 400, reject.BadJSON},
		"cut off":           {"/v1/track", `{"event":`, []string{"Authorization", writeKey}, 400, reject.BadJSON},
		"two documents":     {"/v1/track", `{"event":"a"}{"event":"b"}`, []string{"Authorization", writeKey}, 400, reject.BadJSON},
		"bad UTF-8":         {"/v1/track", "{\"event\":\"\xff\"}", []string{"Authorization", writeKey}, 400, reject.BadJSON},
		"a list":            {"/v1/track", `[{}]`, []string{"Authorization", writeKey}, 400, reject.BadJSON},
		"no batch":          {"/v1/batch", `{"x":[]}`, []string{"Authorization", writeKey}, 400, reject.BadJSON},
		"too deep":          {"/v1/track", deep, []string{"Authorization", writeKey}, 400, reject.TooDeep},
		"too many events":   {"/v1/batch", many, []string{"Authorization", writeKey}, 413, reject.TooManyEvents},
		"too large":         {"/v1/track", `{"a":"` + strings.Repeat("x", 1<<20) + `"}`, []string{"Authorization", writeKey}, 413, reject.BodyTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t, segmentSpec(), "test-write-key")
			r := p.send(http.MethodPost, c.path, c.body, c.header...)
			require.Equal(t, c.status, r.Code, r.ResponseRecorder.Body.String())
			require.Equal(t, c.reason, r.Body.Reason)
			require.NotEmpty(t, r.Body.Error)
			require.Empty(t, p.store.events())
			counted := p.stats().Counters.Rejected
			if reject.Unauthorized(c.reason) {
				counted = p.stats().Unauthorized
			}
			require.Equal(t, int64(1), counted[c.reason].Count)
		})
	}
}

// SDKs and proxies get the headers wrong; what counts are the bytes.
func TestTheBytesSayWhatABodyIs(t *testing.T) {
	const message = `{"event":"A","messageId":"1","userId":"u"}`
	for name, c := range map[string]struct {
		body   string
		header []string
	}{
		"JSON as a form":           {message, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		"JSON as a text":           {message, []string{"Content-Type", "text/plain;charset=UTF-8"}},
		"gzip as a form":           {gzipped(t, message), []string{"Content-Type", "application/x-www-form-urlencoded"}},
		"gzip without a header":    {gzipped(t, message), nil},
		"gzip as identity":         {gzipped(t, message), []string{"Content-Encoding", "identity"}},
		"gzip as deflate":          {gzipped(t, message), []string{"Content-Encoding", "deflate"}},
		"gzip as something else":   {gzipped(t, message), []string{"Content-Encoding", "br"}},
		"gzip with a wrong header": {gzipped(t, message), []string{"Content-Encoding", "gzip, gzip"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t, segmentSpec(), "test-write-key")
			r := p.send(http.MethodPost, "/v1/track", c.body, append(c.header, "Authorization", writeKey)...)
			require.Equal(t, 200, r.Code, r.ResponseRecorder.Body.String())
			require.Len(t, p.store.events(), 1)
			require.Equal(t, "1", p.store.events()[0].ID)
		})
	}
}

func TestDecompressionIsBounded(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	small := resource.MustParse("4Ki")
	p.config.Source.Limits = &v1alpha1.SourceLimits{MaxBodySize: &small}
	p.writeConfig()
	p.reloader.Reload()
	send := func(body string) reply {
		return p.send(http.MethodPost, "/v1/track", gzipped(t, body), "Authorization", writeKey, "Content-Encoding", "gzip")
	}
	require.Equal(t, 200, send(`{"event":"A","messageId":"1","userId":"u"}`).Code)
	r := send(`{"event":"A","messageId":"1","userId":"u","x":"` + strings.Repeat("ab", 4000) + `"}`)
	require.Equal(t, 413, r.Code)
	require.Contains(t, r.Body.Error, "4096 bytes")

	p.config.Source.Limits = nil
	p.writeConfig()
	p.reloader.Reload()
	r = send(`{"event":"A","userId":"u","x":"` + strings.Repeat(" ", 900_000) + `"}`)
	require.Equal(t, 413, r.Code)
	require.Contains(t, r.Body.Error, "100-fold")
	r = p.send(http.MethodPost, "/v1/track", gzipped(t, strings.Repeat(" ", 900_000)), "Authorization", writeKey)
	require.Equal(t, 413, r.Code, "the limits do not depend on the header")
}

func TestTheRateIsLimited(t *testing.T) {
	spec := segmentSpec()
	one := int32(1)
	spec.Limits = &v1alpha1.SourceLimits{MaxEventsPerSecond: &one}
	p := newPod(t, spec, "test-write-key")
	body := `{"batch":[` + strings.TrimSuffix(strings.Repeat(`{"type":"track","event":"A","userId":"u"},`, 2600), ",") + `]}`
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/batch", body, "Authorization", writeKey).Code)
	r := p.send(http.MethodPost, "/v1/batch", body, "Authorization", writeKey)
	require.Equal(t, 429, r.Code, "one batch fits into the burst, two do not")
	require.Equal(t, "1", r.Header().Get("Retry-After"))
	require.Equal(t, reject.RateLimited, r.Body.Reason)
}

func TestStoreFailuresAreReturnedToTheSender(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		after  string
	}{
		"away":         {store.ErrUnavailable, 503, "2"},
		"full":         {store.ErrFull, 503, "30"},
		"unauthorized": {store.ErrUnauthorized, 503, "10"},
		"other":        {fmt.Errorf("broken pipe"), 503, "2"},
		"invalid":      {store.ErrInvalid, 422, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t, segmentSpec(), "test-write-key")
			p.store.set(func(store.Batch) error { return fmt.Errorf("wrapped: %w", c.err) })
			body := `{"event":"A","messageId":"1","userId":"u"}`
			r := p.send(http.MethodPost, "/v1/track", body, "Authorization", writeKey)
			require.Equal(t, c.status, r.Code)
			require.Equal(t, c.after, r.Header().Get("Retry-After"))
			require.False(t, r.Body.Success)
			require.NotEmpty(t, p.stats().Store.LastError)

			w := httptest.NewRecorder()
			p.probes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			require.Equal(t, 200, w.Code, "readiness ignores the store")

			p.store.set(nil)
			require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", body, "Authorization", writeKey).Code)
			require.Equal(t, int64(1), p.store.counters().Accepted)
		})
	}
}

func TestRejectionsAreReportedAfterAnOutage(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	p.store.set(func(store.Batch) error { return store.ErrUnavailable })
	for range 3 {
		require.Equal(t, 401, p.send(http.MethodPost, "/v1/track", `{}`, "Authorization", "Basic d3Jvbmc6").Code)
		require.Equal(t, 503, p.send(http.MethodPost, "/v1/batch",
			`{"batch":[{"type":"track","event":"A","messageId":"1","userId":"u"},{"type":"track"}]}`, "Authorization", writeKey).Code)
	}
	p.store.set(nil)
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/batch",
		`{"batch":[{"type":"track","event":"A","messageId":"1","userId":"u"},{"type":"track"}]}`, "Authorization", writeKey).Code)
	p.close()
	c := p.store.counters()
	require.Equal(t, int64(3), c.Rejected[reject.BadToken].Count)
	require.Equal(t, int64(1), c.Rejected[reject.MissingEventName].Count, "the refused event counts with the delivery that was stored")
	require.Equal(t, int64(1), c.Accepted)
}

func TestUnconfiguredPodAnswers503(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(p *pod, _ *batch.Options) { p.config.Version = 99 })
	require.Equal(t, 503, p.send(http.MethodPost, "/v1/track", `{}`).Code)
	w := httptest.NewRecorder()
	p.probes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	require.Equal(t, 503, w.Code)
	require.NotContains(t, w.Body.String(), "version 99", "anybody may ask whether it is ready")
	require.Contains(t, p.stats().ConfigError, "version 99")
}

func TestHandshakesAndUnknownCalls(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	r := p.send(http.MethodOptions, "/v1/batch", "", "Origin", "https://shop.example.test", "Access-Control-Request-Method", "POST")
	require.Equal(t, 204, r.Code)
	require.Contains(t, r.Header().Get("Access-Control-Allow-Headers"), "Authorization")
	require.Equal(t, 404, p.send(http.MethodPost, "/v1/dance", `{}`).Code)
	require.Equal(t, 405, p.send(http.MethodGet, "/v1/track", ``).Code)
}
