// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/rest"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/test/rig/restapi"
)

// position is what the store keeps of a source.
func position(t *testing.T, p *pulltest.Pod) string {
	t.Helper()
	cursors, err := p.Store.Cursors(t.Context(), "till")
	require.NoError(t, err)
	return string(cursors.Position(""))
}

// faulty is an API that answers as a test says.
func faulty(t *testing.T, answer http.HandlerFunc) *system {
	t.Helper()
	h := httptest.NewServer(answer)
	t.Cleanup(h.Close)
	many := int32(1000)
	return &system{secret: restapi.Key, rest: v1alpha1.RESTTransport{
		URL: h.URL + "/list", SecretRef: &v1alpha1.SecretKeyReference{Name: "api"}, PollEvery: "1s", RequestsPerSecond: &many,
		ID: &v1alpha1.RESTRecordID{Field: "n"}, Query: map[string]v1alpha1.RESTValue{"cursor": "$(cursor)"}, RecordsPath: "data",
		Pagination: &v1alpha1.RESTPagination{Cursor: &v1alpha1.RESTCursor{Path: "next"}},
	}}
}

// said runs a pod until it says why it cannot read.
func said(t *testing.T, s *system) (reason, message string) {
	t.Helper()
	return problemOf(t, pulltest.NewPod(t, s))
}

func problemOf(t *testing.T, p *pulltest.Pod) (reason, message string) {
	t.Helper()
	defer p.Run()()
	require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, time.Minute, 10*time.Millisecond)
	problem := p.Runner.State().Problem
	require.NotContains(t, problem.Message, restapi.Key)
	return problem.Reason, problem.Message
}

func send(w http.ResponseWriter, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// sendOne answers with one document, and the next cursor.
func sendOne(w http.ResponseWriter, n int, next string) {
	send(w, `{"data":[%s],"next":%q}`, pulltest.Documents(n, n+1)[0], next)
}

func TestAnswersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	var other atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other.Add(1) }))
	t.Cleanup(elsewhere.Close)
	link := func(r *v1alpha1.RESTTransport) {
		r.Pagination = &v1alpha1.RESTPagination{NextLink: &v1alpha1.RESTNextLink{Path: "next"}}
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		change  func(r *v1alpha1.RESTTransport)
		reason  string
		message string
	}{
		"401": {status(401), nil, pull.Unauthorized, "refuses the credentials; renew them in the Secret (spec.transport.rest.secretRef"},
		"403": {status(403), nil, pull.Unauthorized, "the permission (scope) to read"},
		"404": {status(404), nil, pull.NotFound, "check the URL (spec.transport.rest.url)"},
		"410": {status(410), nil, pull.NotFound, "there is nothing at this path"},
		"400": {status(400), nil, pull.Misconfigured, "check its path and its parameters"},
		"500": {status(500), nil, pull.Unreachable, "it has a problem of its own"},
		"a page of HTML": {func(w http.ResponseWriter, _ *http.Request) { send(w, "<html>Sign in</html>") }, nil,
			pull.Misconfigured, "something else than JSON"},
		"half a page": {func(w http.ResponseWriter, _ *http.Request) { send(w, `{"data":[{"n":1`) }, nil, pull.Misconfigured, "only a part of it"},
		"no list":     {func(w http.ResponseWriter, _ *http.Request) { send(w, `{"items":[]}`) }, nil, pull.Misconfigured, "spec.transport.rest.recordsPath"},
		"no cursor":   {func(w http.ResponseWriter, _ *http.Request) { send(w, `{"data":[{}],"more":true}`) }, more, pull.Misconfigured, "gives no cursor"},
		"the same cursor": {func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
			sendOne(w, int(other.Add(10))+n, strconv.Itoa(n%3+1))
		}, nil, pull.Misconfigured, "page 4 of the poll leads to the same next page (cursor) as page 1"},
		"the same records": {func(w http.ResponseWriter, r *http.Request) { sendOne(w, 1, r.URL.Query().Get("cursor")+"x") }, nil,
			pull.Misconfigured, "page 2 of the poll has the same records as page 1"},
		"pages without end": {func(w http.ResponseWriter, r *http.Request) {
			n := len(r.URL.Query().Get("cursor"))
			sendOne(w, n, strings.Repeat("x", n+1))
		}, func(r *v1alpha1.RESTTransport) { most := int32(5); r.Pagination.MaxPages = &most }, pull.Misconfigured, "pagination.maxPages"},
		"a link to another host": {func(w http.ResponseWriter, _ *http.Request) { sendOne(w, 1, elsewhere.URL+"/steal") }, link,
			pull.Misconfigured, "gives a next page at " + elsewhere.URL},
		"a page that is too large": {func(w http.ResponseWriter, _ *http.Request) { send(w, `{"data":["%s"]}`, strings.Repeat("x", 17<<20)) }, nil,
			pull.Misconfigured, "ask for smaller pages"},
		"a token endpoint that refuses": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			send(w, `{"error":"invalid_client"}`)
		}, func(r *v1alpha1.RESTTransport) {
			r.Credentials = &v1alpha1.APICredentials{OAuth2: &v1alpha1.APIOAuth2{TokenURL: r.URL, ClientID: "a"}}
		}, pull.Unauthorized, "invalid_client"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := faulty(t, c.answer)
			if c.change != nil {
				c.change(&s.rest)
			}
			reason, message := said(t, s)
			require.Equal(t, c.reason, reason, message)
			require.Contains(t, message, c.message)
		})
	}
}

func more(r *v1alpha1.RESTTransport) { r.Pagination.Cursor.MorePath = "more" }

// A rate limit is no problem: the pod waits, and continues with the same page.
func TestRateLimits(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(h http.Header) int{
		"seconds": func(h http.Header) int { h.Set("Retry-After", "2"); return http.StatusTooManyRequests },
		"a date": func(h http.Header) int {
			h.Set("Retry-After", time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat))
			return http.StatusServiceUnavailable
		},
		"GitHub's headers": func(h http.Header) int {
			h.Set("X-RateLimit-Remaining", "0")
			h.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(2*time.Second).Unix(), 10))
			return http.StatusForbidden
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			s := faulty(t, func(w http.ResponseWriter, r *http.Request) {
				n := int(asked.Add(1))
				if n == 2 {
					w.WriteHeader(limit(w.Header()))
					return
				}
				if r.URL.Query().Get("cursor") == "" {
					sendOne(w, 1, "b")
					return
				}
				sendOne(w, 2, "")
			})
			p := pulltest.NewPod(t, s)
			p.Run()
			p.Await(2)
			p.Check(2, true)
			require.Nil(t, p.Runner.State().Problem)
		})
	}
}

// A token that was revoked before its time is requested again.
func TestARevokedToken(t *testing.T) {
	t.Parallel()
	s := zendesk(t)
	p := pulltest.NewPod(t, s)
	s.Write(t, pulltest.Documents(0, 3)...)
	p.Run()
	p.Await(3)
	s.Revoke(t)
	s.Write(t, pulltest.Documents(3, 6)...)
	p.Await(6)
	p.Check(6, true)
	require.Nil(t, p.Runner.State().Problem)
}

// What has no id is known by its content, whatever the time of receipt, and a record that changes is another event by its version.
func TestIDs(t *testing.T) {
	t.Parallel()
	var change atomic.Bool
	s := faulty(t, func(w http.ResponseWriter, _ *http.Request) {
		version := 1
		if change.Load() {
			version = 2
		}
		send(w, `{"data":[{"n":1,"v":%d},{"n":2,"v":1},{"m":3},{"m":3},"text",[],{"n":"undefined","v":1}]}`, version)
	})
	s.rest.ID.VersionField = "v"
	p := pulltest.NewPod(t, s)
	p.Config.Source.Mapping[0].Event.Time = ""
	p.Config.Source.Mapping[0].Event.Identities = map[string]v1alpha1.CELExpression{"customerId": `"c-1"`}
	stop := p.Run()
	p.Await(4)
	state := p.Source()
	require.EqualValues(t, 2, state.Counters.Rejected[reject.BadJSON].Count)
	require.EqualValues(t, 0, state.Counters.WithoutID)
	stop()
	p.Run()
	change.Store(true)
	p.Await(5)
	require.Eventually(t, func() bool { return !p.Runner.State().CaughtUpTime.IsZero() }, time.Minute, 10*time.Millisecond)
	require.Nil(t, p.Runner.State().Lag)
	state = p.Source()
	require.EqualValues(t, 0, state.Counters.WithoutID)
}

// A record of the future, and the order of records, hide nothing.
func TestTimesOfRecords(t *testing.T) {
	t.Parallel()
	var asked, late atomic.Int64
	began := time.Now().Add(-time.Hour).UTC()
	s := faulty(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", began.Format(http.TimeFormat)) // The clock of the server is behind.
		since, err := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
		if asked.Add(1) == 1 {
			send(w, `{"data":[{"n":1,"t":"2099-01-01T00:00:00Z"},{"n":2,"t":"2026-11-01T00:00:00Z"}]}`)
			return
		}
		if err != nil || !since.Before(began) {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		late.Add(1)
		send(w, `{"data":[{"n":3,"t":%q}]}`, began.Add(-time.Minute).Format(time.RFC3339))
	})
	s.rest.Pagination = nil
	s.rest.Query = map[string]v1alpha1.RESTValue{"since": "$(since)"}
	s.rest.Incremental = &v1alpha1.RESTIncremental{Time: &v1alpha1.RESTTime{Field: "t"}}
	p := pulltest.NewPod(t, s)
	p.Config.Source.Mapping[0].Event.Time = ""
	p.Run()
	p.Await(3)
	require.Positive(t, late.Load())
	require.Contains(t, position(t, p), fmt.Sprintf(`"w":%d`, began.Truncate(time.Second).UnixMicro()))
}

func TestSettingsThatReadNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(r *v1alpha1.RESTTransport)
		message string
	}{
		"no cursor": {func(r *v1alpha1.RESTTransport) { r.Query = nil }, "no parameter has $(cursor)"},
		"no since": {func(r *v1alpha1.RESTTransport) {
			r.Incremental = &v1alpha1.RESTIncremental{Time: &v1alpha1.RESTTime{}}
		}, "no parameter has $(since)"},
		"a short window": {func(r *v1alpha1.RESTTransport) {
			r.Query["since"], r.Query["until"] = "$(since)", "$(until)"
			r.Incremental = &v1alpha1.RESTIncremental{Time: &v1alpha1.RESTTime{Start: day(2026, 1), Window: "5m"}}
		}, "not longer than the overlap"},
		"a broken body": {func(r *v1alpha1.RESTTransport) { r.Body = "{" }, "it is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			s := faulty(t, nil)
			spec := v1alpha1.TouchpointSourceSpec{Transport: s.Transport()}
			require.NoError(t, rest.Kind.Check(&spec))
			c.change(&s.rest)
			spec.Transport = s.Transport()
			require.ErrorContains(t, rest.Kind.Check(&spec), c.message)
		})
	}
}
