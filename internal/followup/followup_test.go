// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package followup_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/followup"
	"github.com/journeyman-dev/journeyman/internal/httpapi"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// api is a CRM that counts the requests by path.
type api struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
	// answer is called for each request.
	answer func(w http.ResponseWriter, r *http.Request)
}

func serve(t *testing.T) *api {
	a := &api{asked: map[string]int{}, answer: func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"path":%q,"key":%q}`, r.URL.RequestURI(), r.Header.Get("Authorization"))
	}}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asked[r.URL.EscapedPath()]++
		answer := a.answer
		a.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *api) becomes(answer func(w http.ResponseWriter, r *http.Request)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = answer
}

func (a *api) total() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range a.asked {
		n += k
	}
	return n
}

func spec(url string, reads ...v1alpha1.FollowUpRead) *v1alpha1.TouchpointSourceSpec {
	if len(reads) == 0 {
		reads = []v1alpha1.FollowUpRead{{
			When: `body.kind == "order"`, Path: `["orders", body.id]`, Query: map[string]v1alpha1.CELExpression{"fields": `"a b"`, "none": `body.?absent`},
		}}
	}
	return &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
		SecretRef: &v1alpha1.SecretKeyReference{Name: "journeyman-crm"}, FollowUp: &v1alpha1.FollowUp{BaseURL: url + "/v1", Reads: reads},
	}}}
}

func reader(t *testing.T, s *v1alpha1.TouchpointSourceSpec, now func() time.Time) *followup.Reader {
	loopback, err := egress.Parse([]string{"127.0.0.0/8"}, nil)
	require.NoError(t, err)
	r, err := followup.New(s, "k3y", egress.New(egress.Options{Allowed: loopback, Permitted: loopback}), now)
	require.NoError(t, err)
	t.Cleanup(r.Close)
	return r
}

func document(fields map[string]any) transport.Candidate {
	return transport.Candidate{
		Body:      func() (any, error) { return fields, nil },
		ContentID: func() (string, *reject.Rejection) { return transport.ContentID(fields) },
	}
}

func order(id any) transport.Candidate {
	return document(map[string]any{"kind": "order", "id": id})
}

func anyMemory([]byte) *reject.Rejection { return nil }

func complete(t *testing.T, r *followup.Reader, list ...transport.Candidate) *followup.Failure {
	failure, rejection := r.Complete(t.Context(), mapping.Input{}, list, anyMemory)
	require.Nil(t, rejection)
	return failure
}

func record(t *testing.T, c transport.Candidate) any {
	body, err := c.Body()
	require.NoError(t, err)
	return body.(map[string]any)[followup.Record]
}

func TestRecordsAreAddedToTheirDocuments(t *testing.T) {
	a := serve(t)
	r := reader(t, spec(a.URL), time.Now)
	list := []transport.Candidate{order("1"), document(map[string]any{"kind": "other"}), order("a/../b?x=1"), order("1"), {Rejection: transport.NotJSON("")}}
	before, rejection := order("1").ContentID()
	require.Nil(t, rejection)
	require.Nil(t, complete(t, r, list...))
	require.Equal(t, map[string]any{"path": "/v1/orders/1?fields=a+b", "key": "Bearer k3y"}, record(t, list[0]))
	require.Nil(t, record(t, list[1]))
	require.Equal(t, "/v1/orders/a%2F..%2Fb%3Fx=1?fields=a+b", record(t, list[2]).(map[string]any)["path"])
	require.Equal(t, record(t, list[0]), record(t, list[3]))
	require.Equal(t, 2, a.total(), "a record is read once")
	after, rejection := list[0].ContentID()
	require.Nil(t, rejection)
	require.Equal(t, before, after, "what was read is no part of the id")
}

func TestADocumentWithoutAnIDIsRejectedAlone(t *testing.T) {
	a := serve(t)
	list := []transport.Candidate{order(".."), order(""), document(map[string]any{"kind": "order"}), order("1")}
	require.Nil(t, complete(t, reader(t, spec(a.URL), time.Now), list...))
	for _, c := range list[:3] {
		require.NotNil(t, c.Rejection)
		require.Equal(t, reject.MappingError, c.Rejection.Reason)
	}
	require.NotNil(t, record(t, list[3]))
}

func TestFailuresConcernTheRequestAndReadsAreKept(t *testing.T) {
	a := serve(t)
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	r := reader(t, spec(a.URL), func() time.Time { return now })
	works := a.answer
	a.becomes(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasSuffix(q.URL.Path, "/2") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		works(w, q)
	})
	require.Nil(t, complete(t, r, order("1")))
	failure := complete(t, r, order("1"), order("2"))
	require.Equal(t, httpapi.Unauthorized, failure.Reason)
	require.Contains(t, failure.Message, "it refuses the credentials")
	require.NotContains(t, failure.Message, "k3y")
	require.Positive(t, failure.RetryAfter)

	a.becomes(works)
	list := []transport.Candidate{order("1"), order("2")}
	require.Nil(t, complete(t, r, list...))
	require.NotNil(t, record(t, list[1]))
	require.Equal(t, 1, a.asked["/v1/orders/1"], "the next attempt finds what was read")
	now = now.Add(6 * time.Minute)
	require.Nil(t, complete(t, r, order("1")))
	require.Equal(t, 2, a.asked["/v1/orders/1"], "a record is not kept for long")
}

func TestARecordThatIsGoneLeavesTheNotification(t *testing.T) {
	a := serve(t)
	for _, status := range []int{http.StatusNotFound, http.StatusGone, http.StatusNoContent} {
		a.becomes(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		list := []transport.Candidate{order("1")}
		require.Nil(t, complete(t, reader(t, spec(a.URL), time.Now), list...), status)
		require.Nil(t, list[0].Rejection)
		require.Nil(t, record(t, list[0]))
	}
}

func TestAReadOutlivesTheRequestThatBeganIt(t *testing.T) {
	a := serve(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	works := a.answer
	a.becomes(func(w http.ResponseWriter, q *http.Request) {
		arrived <- struct{}{}
		<-release
		works(w, q)
	})
	r := reader(t, spec(a.URL), time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	failure, _ := r.Complete(ctx, mapping.Input{}, []transport.Candidate{order("1")}, anyMemory)
	require.NotNil(t, failure)
	close(release)
	list := []transport.Candidate{order("1")}
	require.Nil(t, complete(t, r, list...))
	require.NotNil(t, record(t, list[0]))
	require.Equal(t, 1, a.total())
}

func TestAnswersThatAreNoRecords(t *testing.T) {
	a := serve(t)
	for body, message := range map[string]string{"<html>": "not valid JSON", strings.Repeat("[", 100): "levels deep", strings.Repeat(" ", 2<<20): "too large"} {
		a.becomes(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		failure := complete(t, reader(t, spec(a.URL), time.Now), order("1"))
		require.NotNil(t, failure)
		require.Contains(t, failure.Message, message)
	}
}

func TestMemoryIsAskedFor(t *testing.T) {
	a := serve(t)
	full := reject.New(reject.RateLimited, "", "full")
	failure, rejection := reader(t, spec(a.URL), time.Now).Complete(t.Context(), mapping.Input{}, []transport.Candidate{order("1")},
		func([]byte) *reject.Rejection { return full })
	require.Nil(t, failure)
	require.Same(t, full, rejection)
}

func TestPrivateAddressesNeedEgress(t *testing.T) {
	a := serve(t)
	r, err := followup.New(spec(a.URL), "k3y", egress.New(egress.Options{Permitted: egress.Private()}), time.Now)
	require.NoError(t, err)
	failure := complete(t, r, order("1"))
	require.Equal(t, httpapi.Misconfigured, failure.Reason)
	require.Contains(t, failure.Message, "127.0.0.1 is a loopback address")
	require.Zero(t, a.total())
}

func TestCheckNamesTheField(t *testing.T) {
	for path, change := range map[string]func(w *v1alpha1.WebhookTransport){
		"transport.webhook.secretRef":                    func(w *v1alpha1.WebhookTransport) { w.SecretRef = nil },
		"transport.webhook.followUp.baseURL":             func(w *v1alpha1.WebhookTransport) { w.FollowUp.BaseURL = "" },
		"transport.webhook.followUp.reads":               func(w *v1alpha1.WebhookTransport) { w.FollowUp.Reads = nil },
		"transport.webhook.followUp.reads[0].when":       func(w *v1alpha1.WebhookTransport) { w.FollowUp.Reads[0].When = "body.(" },
		"transport.webhook.followUp.reads[0].path":       func(w *v1alpha1.WebhookTransport) { w.FollowUp.Reads[0].Path = `"/orders"` },
		"transport.webhook.followUp.reads[0].query.none": func(w *v1alpha1.WebhookTransport) { w.FollowUp.Reads[0].Query["none"] = "[1]" },
	} {
		s := spec("https://api.example.test")
		require.NoError(t, followup.Check(s))
		change(s.Transport.Webhook)
		var wrong mapping.Errors
		require.ErrorAs(t, followup.Check(s), &wrong, path)
		require.Equal(t, path, wrong[0].Path)
	}
	require.NoError(t, followup.Check(&v1alpha1.TouchpointSourceSpec{}))
}
