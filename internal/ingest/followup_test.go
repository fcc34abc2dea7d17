// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

const loopback = "127.0.0.0/8"

// crm is the API of a sender, which answers each record with a status.
type crm struct {
	*httptest.Server
	status, asked atomic.Int32
}

func serveCRM(t *testing.T) *crm {
	c := &crm{}
	c.status.Store(http.StatusOK)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.asked.Add(1)
		w.WriteHeader(int(c.status.Load()))
		if c.status.Load() == http.StatusOK {
			_, _ = fmt.Fprint(w, `{"email":"ana@example.com"}`)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// notified returns a source whose notifications have only ids, and whose sender takes any refusal for a reason to send again.
func notified(api string) v1alpha1.TouchpointSourceSpec {
	spec := openSpec(v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `"Contact Updated"`, ID: `body.id`, Identities: exprs{"customerId": `body.id`, "email": `body.?record.?email`},
	}})
	w := spec.Transport.Webhook
	w.Unauthenticated, w.Bearer = nil, &v1alpha1.BearerAuth{}
	w.SecretRef = &v1alpha1.SecretKeyReference{Name: "crm"}
	w.Answer = &v1alpha1.WebhookAnswer{RefusedStatus: new(int32(200))}
	w.FollowUp = &v1alpha1.FollowUp{BaseURL: api, Reads: []v1alpha1.FollowUpRead{{Path: `["contacts", body.id]`}}}
	spec.Egress = &v1alpha1.SourceEgress{CIDRs: []string{loopback}}
	return spec
}

func newNotified(t *testing.T, api string) *pod {
	return newPod(t, notified(api), "k", func(p *pod, _ *batch.Options) {
		p.config.EgressPermitted = []string{loopback}
		p.write(v1alpha1.DefaultAPIKey, "k3y")
	})
}

func (p *pod) notify(body string) reply {
	return p.send(http.MethodPost, "/", body, "Authorization", "Bearer k", "Content-Type", "application/json")
}

func TestRecordsAreReadBeforeTheRules(t *testing.T) {
	api := serveCRM(t)
	p := newNotified(t, api.URL)
	require.Equal(t, 200, p.notify(`[{"id":"1"},{"id":"2"}]`).Code)
	require.Len(t, p.store.events(), 2)
	require.Len(t, p.store.events()[0].Identities, 2)
}

// A status that the sender expects for what is refused for good does not tell it that these events are stored.
func TestARequestWhoseRecordsAreUnreadIsSentAgain(t *testing.T) {
	api := serveCRM(t)
	p := newNotified(t, api.URL)
	api.status.Store(http.StatusUnauthorized)
	r := p.notify(`{"id":"1"}`)
	require.Equal(t, http.StatusServiceUnavailable, r.Code)
	require.Equal(t, "60", r.Header().Get("Retry-After"))
	require.Equal(t, reject.RecordUnread, r.Body.Reason)
	require.Equal(t, "transport.webhook.followUp", r.Body.Field)
	require.Contains(t, r.Body.Error, "401 Unauthorized: it refuses the credentials")
	require.Empty(t, p.store.events())
	require.EqualValues(t, 1, p.stats().Counters.Rejected[reject.RecordUnread].Count)

	api.status.Store(http.StatusOK)
	require.Equal(t, 200, p.notify(`{"id":"1"}`).Code)
	require.Len(t, p.store.events(), 1)
}

// A delivery with many documents would never succeed if each attempt read all of them again.
func TestTheNextAttemptFindsWhatWasRead(t *testing.T) {
	var first, works atomic.Int32
	answered := make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/1"):
			if first.Add(1) == 1 {
				defer close(answered)
			}
		case works.Load() == 0:
			<-answered
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprint(w, `{}`)
	}))
	defer api.Close()
	p := newNotified(t, api.URL)
	require.Equal(t, http.StatusServiceUnavailable, p.notify(`[{"id":"1"},{"id":"2"}]`).Code)
	works.Store(1)
	require.Equal(t, 200, p.notify(`[{"id":"1"},{"id":"2"}]`).Code)
	require.EqualValues(t, 1, first.Load())
	require.Equal(t, 200, p.notify(`[{"id":"1"}]`).Code)
	require.EqualValues(t, 2, first.Load(), "another notification says that the record has changed")
}

func TestARecordThatCannotBeUsedIsRefusedForGood(t *testing.T) {
	api := serveCRM(t)
	p := newNotified(t, api.URL)
	api.status.Store(http.StatusUnprocessableEntity)
	r := p.notify(`{"id":"1"}`)
	require.Equal(t, 200, r.Code, "the status that the sender expects for it")
	require.Equal(t, reject.BadRecord, r.Body.Reason)
	require.Empty(t, r.Header().Get("Retry-After"))
	require.EqualValues(t, 1, p.stats().Counters.Rejected[reject.BadRecord].Count)
}

// A wrong URL looks as if each record had been deleted, so the records that do not exist are counted.
func TestAbsentRecordsAreCounted(t *testing.T) {
	api := serveCRM(t)
	p := newNotified(t, api.URL)
	api.status.Store(http.StatusNotFound)
	require.Equal(t, 200, p.notify(`[{"id":"1"},{"id":"2"}]`).Code)
	require.Len(t, p.store.events(), 2)
	require.EqualValues(t, 2, p.stats().AbsentRecords)
	w := httptest.NewRecorder()
	p.metrics.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, w.Body.String(), "journeyman_ingest_absent_records_total 2")
}

func TestWithoutTheSecretOfTheAPINothingIsAccepted(t *testing.T) {
	api := serveCRM(t)
	p := newNotified(t, api.URL)
	p.write(v1alpha1.DefaultAPIKey, "")
	p.reloader.Reload()
	r := p.notify(`{"id":"1"}`)
	require.Equal(t, http.StatusServiceUnavailable, r.Code)
	require.Equal(t, reject.SecretMissing, r.Body.Reason)
	require.Equal(t, "30", r.Header().Get("Retry-After"))
	require.Contains(t, p.stats().SecretError, "the Secret crm with the key journeyman-api-key is missing or empty")
	require.Zero(t, api.asked.Load())
	p.write(v1alpha1.DefaultAPIKey, "k3y")
	p.reloader.Reload()
	require.Equal(t, 200, p.notify(`{"id":"1"}`).Code)
}

// The pod is of its source and reaches the store. A source whose follow-up reads go there would reach it as the pod does.
func TestThePodAndTheAPIServerAreNoAPI(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	spec := notified("http://10.96.0.1")
	spec.Egress.CIDRs = []string{"10.0.0.0/8"}
	p := newPod(t, spec, "k", func(p *pod, _ *batch.Options) { p.write(v1alpha1.DefaultAPIKey, "k3y") })
	r := p.notify(`{"id":"1"}`)
	require.Equal(t, http.StatusServiceUnavailable, r.Code)
	require.Contains(t, r.Body.Error, "10.96.0.1 is an address of the pod or of the Service of the API server: no connection is made")
}

// While a request waits for the API, others can decode.
func TestARequestThatWaitsForTheAPIHasNoTurn(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		_, _ = fmt.Fprint(w, `{}`)
	}))
	defer api.Close()
	p := newNotified(t, api.URL)
	code := make(chan int, 1)
	go func() { code <- p.notify(`{"id":"1","text":"` + strings.Repeat("x", 1<<18) + `"}`).Code }()
	<-arrived
	metrics := func() string {
		w := httptest.NewRecorder()
		p.metrics.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Body.String()
	}
	waits := metrics()
	close(release)
	require.Equal(t, 200, <-code)
	require.Contains(t, waits, "journeyman_ingest_decoding_bytes 0\n")
	require.NotContains(t, waits, "journeyman_ingest_held_bytes 0\n", "what it decoded is held meanwhile")
	require.Contains(t, metrics(), "journeyman_ingest_held_bytes 0\n")
}
