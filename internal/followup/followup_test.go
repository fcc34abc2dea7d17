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
	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/followup"
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

func (a *api) count(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked[path]
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
	r.Keep(budget.New(1<<30).Share(), 1<<30)
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
	o := r.Complete(t.Context(), mapping.Input{}, list, anyMemory)
	require.Nil(t, o.Rejection)
	return o.Failure
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

// unauthorized lets a path with the suffix fail, and the others work.
func (a *api) unauthorized(suffix string) {
	works := a.answer
	a.becomes(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasSuffix(q.URL.Path, suffix) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		works(w, q)
	})
}

func TestFailuresConcernTheRequestAndReadsAreKept(t *testing.T) {
	a := serve(t)
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	r := reader(t, spec(a.URL), func() time.Time { return now })
	works := a.answer
	a.unauthorized("/2")
	// The record that works arrives before the refusal of the other.
	fail := func() {
		before := a.count("/v1/orders/1")
		require.Eventually(t, func() bool {
			failure := complete(t, r, order("1"), order("2"))
			require.Contains(t, failure.Message, "answers the request of transport.webhook.followUp.reads[0] with 401 Unauthorized: it refuses the credentials")
			require.NotContains(t, failure.Message, "k3y")
			require.NotContains(t, failure.Message, "orders")
			require.Equal(t, time.Minute, failure.RetryAfter)
			return a.count("/v1/orders/1") > before
		}, 10*time.Second, time.Millisecond)
	}
	fail()
	before := a.count("/v1/orders/1")
	a.becomes(works)
	list := []transport.Candidate{order("1"), order("2")}
	require.Nil(t, complete(t, r, list...))
	require.NotNil(t, record(t, list[1]))
	require.Equal(t, before, a.count("/v1/orders/1"), "the next attempt finds what was read")

	a.unauthorized("/2")
	fail()
	// A read does not end with its request. The record has to be kept before the clock moves.
	time.Sleep(200 * time.Millisecond)
	before = a.count("/v1/orders/1")
	a.becomes(works)
	now = now.Add(6 * time.Minute)
	require.Nil(t, complete(t, r, order("1")))
	require.Equal(t, before+1, a.count("/v1/orders/1"), "a record is not kept for long")
}

// The second notification of a record says that the record has changed, or that it exists now.
func TestTheNextNotificationReadsItsRecordAgain(t *testing.T) {
	a := serve(t)
	r := reader(t, spec(a.URL), time.Now)
	works := a.answer
	a.becomes(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	require.Nil(t, complete(t, r, order("1")))
	a.becomes(works)
	list := []transport.Candidate{order("1")}
	require.Nil(t, complete(t, r, list...))
	require.Equal(t, "/v1/orders/1?fields=a+b", record(t, list[0]).(map[string]any)["path"])
	a.becomes(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"path":"changed"}`) })
	list = []transport.Candidate{order("1")}
	require.Nil(t, complete(t, r, list...))
	require.Equal(t, "changed", record(t, list[0]).(map[string]any)["path"])
}

func TestWhatIsKeptIsAccountedFor(t *testing.T) {
	a := serve(t)
	held := func(b *budget.Budget) int64 {
		n, _ := b.Held()
		return n
	}
	b := budget.New(1 << 30)
	r := reader(t, spec(a.URL), time.Now)
	r.Keep(b.Share(), 1<<30)
	works := a.answer
	// The sender of a request ends it while its record is read.
	abandon := func() {
		gone, cancel := context.WithCancel(t.Context())
		defer cancel()
		a.becomes(func(w http.ResponseWriter, q *http.Request) {
			cancel()
			works(w, q)
		})
		require.NotNil(t, r.Complete(gone, mapping.Input{}, []transport.Candidate{order("1")}, anyMemory).Failure)
		a.becomes(works)
		require.Eventually(t, func() bool { return held(b) > 0 }, 10*time.Second, time.Millisecond, "it is kept for the next attempt")
	}
	abandon()
	require.Nil(t, complete(t, r, order("1")))
	require.Zero(t, held(b), "and dropped when it was used")
	abandon()
	r.Close()
	require.Zero(t, held(b))
}

func TestARecordThatIsGoneLeavesTheNotification(t *testing.T) {
	a := serve(t)
	for _, status := range []int{http.StatusNotFound, http.StatusGone, http.StatusNoContent} {
		a.becomes(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		list := []transport.Candidate{order("1"), order("1"), document(map[string]any{"kind": "other"})}
		o := reader(t, spec(a.URL), time.Now).Complete(t.Context(), mapping.Input{}, list, anyMemory)
		require.Equal(t, followup.Outcome{Absent: 2}, o, status)
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
	failure := r.Complete(ctx, mapping.Input{}, []transport.Candidate{order("1")}, anyMemory).Failure
	require.Equal(t, "the sender ended the request while its records were read from "+strings.TrimPrefix(a.URL, "http://"), failure.Message)
	close(release)
	list := []transport.Candidate{order("1")}
	require.Nil(t, complete(t, r, list...))
	require.NotNil(t, record(t, list[0]))
	require.Equal(t, 1, a.total())
}

// A record that can never be used is no reason to refuse the whole batch until its sender gives up.
func TestARecordThatCannotBeUsedConcernsItsDocument(t *testing.T) {
	a := serve(t)
	works := a.answer
	for name, c := range map[string]struct {
		status  int
		body    string
		message string
	}{
		"HTML":        {http.StatusOK, "<html>", "not valid JSON"},
		"deep":        {http.StatusOK, strings.Repeat("[", 100), "levels deep"},
		"large":       {http.StatusOK, strings.Repeat(" ", 2<<20), "too large"},
		"bad request": {http.StatusBadRequest, "", "400 Bad Request: it does not understand the request"},
		"no entity":   {http.StatusUnprocessableEntity, "", "422 Unprocessable Entity"},
	} {
		a.becomes(func(w http.ResponseWriter, q *http.Request) {
			if !strings.HasSuffix(q.URL.Path, "/2") {
				works(w, q)
				return
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		list := []transport.Candidate{order("1"), order("2"), order("3")}
		require.Nil(t, complete(t, reader(t, spec(a.URL), time.Now), list...), name)
		require.NotNil(t, record(t, list[0]), name)
		require.NotNil(t, record(t, list[2]), name)
		require.Equal(t, reject.BadRecord, list[1].Rejection.Reason, name)
		require.Equal(t, "transport.webhook.followUp.reads[0]", list[1].Rejection.Field, name)
		require.Contains(t, list[1].Rejection.Message, c.message, name)
		require.Equal(t, http.StatusBadRequest, list[1].Rejection.Status(), "it is not repeated")
	}
}

// A host that gets no credentials can refuse every request, so its refusal is no reason to give up a document.
func TestARefusalAfterARedirectConcernsTheRequest(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer other.Close()
	a := serve(t)
	a.becomes(func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, other.URL+q.URL.Path, http.StatusFound)
	})
	list := []transport.Candidate{order("1")}
	failure := complete(t, reader(t, spec(a.URL), time.Now), list...)
	require.NotNil(t, failure)
	require.Contains(t, failure.Message, "use "+other.URL+" in the URL of the API")
	require.Nil(t, list[0].Rejection)
}

// Whose record it is can be in the path, and messages are in responses, counters and the status.
func TestMessagesDoNotHaveThePath(t *testing.T) {
	a := serve(t)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusInternalServerError, http.StatusBadRequest} {
		a.becomes(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		people := v1alpha1.FollowUpRead{Path: `["people", body.email]`, Query: map[string]v1alpha1.CELExpression{"q": "body.email"}}
		list := []transport.Candidate{document(map[string]any{"email": "ana@example.com"})}
		failure := complete(t, reader(t, spec(a.URL, people), time.Now), list...)
		message := ""
		if failure != nil {
			message = failure.Message
		} else {
			message = list[0].Rejection.Example()
		}
		require.Contains(t, message, "followUp.reads[0]")
		require.NotContains(t, message, "ana")
	}
}

func TestADocumentThatIsNoObjectIsRejected(t *testing.T) {
	a := serve(t)
	always := v1alpha1.FollowUpRead{Path: `["orders", "1"]`}
	list := []transport.Candidate{{Body: func() (any, error) { return "text", nil }}}
	require.Nil(t, complete(t, reader(t, spec(a.URL, always), time.Now), list...))
	require.Equal(t, reject.MappingError, list[0].Rejection.Reason)
	require.Zero(t, a.total())
}

// After a failure, the reads of the other documents would only burden the API: it refuses them as well, or nobody waits for them.
func TestNoReadBeginsAfterAFailure(t *testing.T) {
	a := serve(t)
	a.becomes(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	fast := spec(a.URL)
	fast.Transport.Webhook.FollowUp.RequestsPerSecond = new(int32(1000))
	list := make([]transport.Candidate, 500)
	for i := range list {
		list[i] = order(fmt.Sprint(i))
	}
	require.NotNil(t, complete(t, reader(t, fast, time.Now), list...))
	// Each of the eight reads that were in progress can have begun another one before the failure was known.
	require.LessOrEqual(t, a.total(), 32)
	time.Sleep(50 * time.Millisecond)
	require.LessOrEqual(t, a.total(), 32)
}

func TestWhyARequestWaitsTooLong(t *testing.T) {
	a := serve(t)
	host := strings.TrimPrefix(a.URL, "http://")
	slow := spec(a.URL)
	slow.Transport.Webhook.FollowUp.RequestsPerSecond = new(int32(1))
	list := make([]transport.Candidate, 12)
	for i := range list {
		list[i] = order(fmt.Sprint(i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	failure := reader(t, slow, time.Now).Complete(ctx, mapping.Input{}, list, anyMemory).Failure
	require.Equal(t, "the reads from "+host+" take longer than a sender waits, because of the limit of 1 a second; raise requestsPerSecond if the API permits more",
		failure.Message)

	release := make(chan struct{})
	defer close(release)
	a.becomes(func(http.ResponseWriter, *http.Request) { <-release })
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	failure = reader(t, spec(a.URL), time.Now).Complete(ctx, mapping.Input{}, []transport.Candidate{order("1")}, anyMemory).Failure
	require.Equal(t, host+" did not answer in the time that a sender waits; the reads that began continue for its next attempt", failure.Message)
}

// The memory of each record is asked for when it arrives, and not of all after all have arrived.
func TestMemoryIsAskedFor(t *testing.T) {
	a := serve(t)
	full := reject.New(reject.RateLimited, "", "full")
	list := make([]transport.Candidate, 500)
	for i := range list {
		list[i] = order(fmt.Sprint(i))
	}
	fast := spec(a.URL)
	fast.Transport.Webhook.FollowUp.RequestsPerSecond = new(int32(1000))
	o := reader(t, fast, time.Now).Complete(t.Context(), mapping.Input{}, list, func([]byte) *reject.Rejection { return full })
	require.Nil(t, o.Failure)
	require.Same(t, full, o.Rejection)
	require.LessOrEqual(t, a.total(), 32)
}

func TestPrivateAddressesNeedEgress(t *testing.T) {
	a := serve(t)
	r, err := followup.New(spec(a.URL), "k3y", egress.New(egress.Options{Permitted: egress.Private()}), time.Now)
	require.NoError(t, err)
	failure := complete(t, r, order("1"))
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
