// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// endless returns n spaces, and then blocks until it may end.
type endless struct {
	left int
	end  chan struct{}
	full func()
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		e.full()
		<-e.end
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = ' '
	}
	e.left -= n
	return n, nil
}

func TestRejectionsAreListedUpToTwenty(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	batch := func(n int) string {
		return `{"batch":[` + strings.Repeat(`{"type":"track"},7,`, n/2)[:19*(n/2)-1] + `]}`
	}
	r := p.send(http.MethodPost, "/v1/batch", batch(5000), "Authorization", writeKey)
	require.Equal(t, http.StatusBadRequest, r.Code)
	require.Len(t, r.Body.Rejected, 20, r.ResponseRecorder.Body.String())
	require.Less(t, r.ResponseRecorder.Body.Len(), 4<<10)
	var more struct {
		RejectedCount int64            `json:"rejectedCount"`
		Reasons       map[string]int64 `json:"reasons"`
	}
	require.NoError(t, json.Unmarshal(r.ResponseRecorder.Body.Bytes(), &more))
	require.Equal(t, int64(5000), more.RejectedCount)
	require.Equal(t, map[string]int64{"missing-event-name": 2500, "bad-json": 2500}, more.Reasons)
	require.Equal(t, int64(2500), p.stats().Counters.Rejected["bad-json"].Count)

	p.clock = p.clock.Add(time.Minute)
	r = p.send(http.MethodPost, "/v1/batch", batch(20), "Authorization", writeKey)
	require.Len(t, r.Body.Rejected, 20)
	require.NotContains(t, r.ResponseRecorder.Body.String(), "reasons")
}

// A rule that copies a large value into many events cannot use unbounded memory.
func TestEventsOfARequestAreBounded(t *testing.T) {
	p := newPod(t, v1alpha1.TouchpointSourceSpec{
		Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}},
		Mapping: []v1alpha1.MappingRule{{ForEach: "body.list", Event: &v1alpha1.EventMapping{
			Name: `"A"`, Identities: map[string]v1alpha1.CELExpression{"customerId": `"u"`},
			Properties: map[string]v1alpha1.CELExpression{"note": "body.note"},
		}}},
	}, "")
	send := func(events int) reply {
		return p.send(http.MethodPost, "/", `{"note":"`+strings.Repeat("n", 30_000)+`","list":[`+strings.Repeat("0,", events-1)+`0]}`)
	}
	r := send(5000)
	require.Equal(t, http.StatusRequestEntityTooLarge, r.Code)
	require.Equal(t, "body-too-large", r.Body.Reason)
	require.Contains(t, r.Body.Error, "map less")
	require.Empty(t, p.store.events())
	require.Equal(t, 200, send(500).Code)
	require.Len(t, p.store.events(), 500)
}

func TestUnauthorizedRequestsAreNotRejectedEvents(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	for range 3 {
		require.Equal(t, 401, p.send(http.MethodPost, "/v1/track", `{}`, "Authorization", "Basic d3Jvbmc6").Code)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/track", iotest.ErrReader(io.ErrUnexpectedEOF))
	r.Header.Set("Authorization", writeKey)
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, r)
	require.Equal(t, http.StatusRequestTimeout, w.Code)
	s := p.stats()
	require.Empty(t, s.Counters.Rejected)
	require.Equal(t, int64(3), s.Unauthorized[reject.BadToken].Count)
	require.Len(t, s.Unauthorized, 1)
	metrics := httptest.NewRecorder()
	p.metrics.ServeHTTP(metrics, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, metrics.Body.String(), `journeyman_ingest_unauthorized_requests_total{reason="bad-token"} 3`)
	require.Contains(t, metrics.Body.String(), `journeyman_ingest_unfinished_requests_total{cause="body"} 1`)
	require.NotContains(t, metrics.Body.String(), `journeyman_ingest_events_total{result="rejected"}`)
}

func TestStatsAnswerOnlyInsideThePod(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	for peer, want := range map[string]int{"127.0.0.1:1": 200, "[::1]:1": 200, "10.1.2.3:1": 403, "[fd00::1]:1": 403, "": 403} {
		r, w := httptest.NewRequest(http.MethodGet, "/stats", nil), httptest.NewRecorder()
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", "127.0.0.1")
		p.probes.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, peer)
		require.Equal(t, want == 200, strings.Contains(w.Body.String(), "till"), peer)
	}
	p.send(http.MethodPost, "/v1/track", track("1"), "Authorization", writeKey)
	w := httptest.NewRecorder()
	p.metrics.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.NotContains(t, w.Body.String(), "till", "series name nothing of the customer's")
	require.NotContains(t, w.Body.String(), "shop")
}

func TestManyHeadersAreRefused(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	header := []string{"Authorization", writeKey}
	for i := range 100 {
		header = append(header, fmt.Sprint("x-", i), "1")
	}
	r := p.send(http.MethodPost, "/v1/track", track("1"), header...)
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, r.Code)
	require.Equal(t, "headers-too-large", r.Body.Reason)
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", track("1"), header[:180]...).Code)
}

func TestMemoryOfAllBodiesIsBounded(t *testing.T) {
	spec := segmentSpec()
	large := resource.MustParse("16Mi")
	spec.Limits = &v1alpha1.SourceLimits{MaxBodySize: &large}
	p := newPod(t, spec, "test-write-key")
	var sending, done sync.WaitGroup
	end := make(chan struct{})
	for range 2 { // a byte counts twice while its buffer grows, and there is room for 87 MiB
		sending.Add(1)
		var once sync.Once
		body := &endless{left: 15 << 20, end: end, full: func() { once.Do(sending.Done) }}
		done.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/track", body)
			r.Header.Set("Authorization", writeKey)
			p.server.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	sending.Wait()
	message := `{"event":"A","messageId":"1","userId":"u","x":"` + strings.Repeat("x", 15<<20) + `"}`
	r := p.send(http.MethodPost, "/v1/track", message, "Authorization", writeKey)
	require.Equal(t, http.StatusTooManyRequests, r.Code)
	require.Contains(t, r.Body.Error, "need too much memory")
	require.NotEmpty(t, r.Header().Get("Retry-After"))
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", track("2"), "Authorization", writeKey).Code, "small ones still fit in")
	close(end)
	done.Wait()
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", message, "Authorization", writeKey).Code, "what was held is given back")
}
