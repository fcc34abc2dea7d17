// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package httpapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/httpapi"
)

var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// clock counts the pauses instead of waiting.
type clock struct {
	now    time.Time
	pauses []time.Duration
}

func (c *clock) sleep(_ context.Context, d time.Duration) error {
	c.pauses = append(c.pauses, d)
	c.now = c.now.Add(d)
	return nil
}

func guarded(t *testing.T) *http.Client {
	allowed, err := egress.Parse([]string{"127.0.0.0/8"}, nil)
	require.NoError(t, err)
	c := egress.New(egress.Options{Allowed: allowed, Permitted: allowed}).Client(egress.ClientOptions{MaxResponse: 1 << 16, Timeout: 30 * time.Second})
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func newClient(t *testing.T, o httpapi.Options) (*httpapi.Client, *clock) {
	k := &clock{now: start}
	o.HTTP, o.Now, o.Sleep, o.Rate, o.Burst = guarded(t), func() time.Time { return k.now }, k.sleep, 1000, 1000
	c, err := httpapi.New(o)
	require.NoError(t, err)
	return c, k
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, c *httpapi.Client, text string) (*httpapi.Response, error) {
	u, err := url.Parse(text)
	require.NoError(t, err)
	return c.Do(t.Context(), &httpapi.Request{URL: u, Name: "followUp.reads[0]"})
}

func failure(t *testing.T, err error) *httpapi.Error {
	var failed *httpapi.Error
	require.ErrorAs(t, err, &failed)
	return failed
}

func TestCredentials(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		_ = json.NewEncoder(w).Encode(map[string]string{
			"authorization": r.Header.Get("Authorization"), "key": r.Header.Get("X-Api-Token"), "query": r.URL.Query().Get("api_key"),
			"user": user, "password": password, "other": r.URL.Query().Get("q"),
		})
	})
	for name, c := range map[string]struct {
		credentials httpapi.Credentials
		field, want string
	}{
		"bearer":    {httpapi.Credentials{Secret: "k"}, "authorization", "Bearer k"},
		"header":    {httpapi.Credentials{Secret: "k", Header: "X-Api-Token"}, "key", "k"},
		"prefix":    {httpapi.Credentials{Secret: "k", Header: "Authorization", Prefix: "Zoho-oauthtoken "}, "authorization", "Zoho-oauthtoken k"},
		"parameter": {httpapi.Credentials{Secret: "k&x", Parameter: "api_key"}, "query", "k&x"},
		"basic":     {httpapi.Credentials{Secret: "k", Basic: true, User: "u"}, "user", "u"},
		"password":  {httpapi.Credentials{Secret: "k", Basic: true}, "password", "k"},
		"none":      {httpapi.Credentials{}, "authorization", ""},
	} {
		client, _ := newClient(t, httpapi.Options{Credentials: c.credentials})
		response, err := get(t, client, s.URL+"/?q=1")
		require.NoError(t, err, name)
		got := map[string]string{}
		require.NoError(t, json.Unmarshal(response.Body, &got))
		require.Equal(t, c.want, got[c.field], name)
		require.Equal(t, "1", got["other"], name)
	}
	_, err := httpapi.New(httpapi.Options{HTTP: guarded(t), Credentials: httpapi.Credentials{Secret: "a\nb"}})
	require.ErrorContains(t, err, "line break")
}

func TestOAuth2ClientCredentials(t *testing.T) {
	var tokens, calls atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			body, _ := io.ReadAll(r.Body)
			form, _ := url.ParseQuery(string(body))
			id, secret, _ := r.BasicAuth()
			if form.Get("grant_type") != "client_credentials" || form.Get("audience") != "crm" || form.Get("scope") != "read" || id != "shop" || secret != "s3cret" {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, `{"error":"invalid_client","error_description":"s3cret is wrong"}`)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "t" + strconv.Itoa(int(tokens.Add(1))), "token_type": "Bearer", "expires_in": 3600})
			return
		}
		// The first token is revoked after two calls.
		if calls.Add(1) > 2 && r.Header.Get("Authorization") == "Bearer t1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, r.Header.Get("Authorization"))
	})
	grant := httpapi.OAuth2{TokenURL: s.URL + "/token", ClientID: "shop", Scopes: []string{"read"}, Parameters: map[string]string{"audience": "crm"}}
	client, _ := newClient(t, httpapi.Options{Credentials: httpapi.Credentials{Secret: "s3cret", OAuth2: &grant}})
	for _, want := range []string{"Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2"} {
		response, err := get(t, client, s.URL+"/records")
		require.NoError(t, err)
		require.Equal(t, want, string(response.Body))
	}
	require.Equal(t, int32(2), tokens.Load())
	named := grant
	named.Scheme = "Zoho-oauthtoken"
	client, _ = newClient(t, httpapi.Options{Credentials: httpapi.Credentials{Secret: "s3cret", OAuth2: &named}})
	response, err := get(t, client, s.URL+"/records")
	require.NoError(t, err)
	require.Equal(t, "Zoho-oauthtoken t3", string(response.Body))

	wrong, _ := newClient(t, httpapi.Options{Credentials: httpapi.Credentials{Secret: "other", OAuth2: &grant}})
	_, err = get(t, wrong, s.URL+"/records")
	failed := failure(t, err)
	require.Equal(t, httpapi.Unauthorized, failed.Reason)
	require.Contains(t, failed.Message, "answers 401 invalid_client")
	require.NotContains(t, failed.Message, "s3cret")
}

// A request that was refused with an older token does not cost the token that another one just got, and nobody waits for a token beyond its context.
func TestTokensOfRequestsAtOnce(t *testing.T) {
	var tokens atomic.Int32
	asked, give := make(chan struct{}, 2), make(chan struct{})
	refuse := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			asked <- struct{}{}
			<-give
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "t" + strconv.Itoa(int(tokens.Add(1))), "token_type": "Bearer", "expires_in": 3600})
		case r.Header.Get("Authorization") == "Bearer t1":
			if r.URL.Path == "/late" {
				<-refuse
			}
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_, _ = io.WriteString(w, r.Header.Get("Authorization"))
		}
	})
	client, _ := newClient(t, httpapi.Options{Credentials: httpapi.Credentials{Secret: "s3cret", OAuth2: &httpapi.OAuth2{TokenURL: s.URL + "/token", ClientID: "shop"}}})
	result := make(chan string, 2)
	read := func(path string) {
		response, err := get(t, client, s.URL+path)
		if err != nil {
			result <- err.Error()
			return
		}
		result <- string(response.Body)
	}
	go read("/late")
	<-asked
	hasty, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	_, err = client.Do(hasty, &httpapi.Request{URL: u, Name: "followUp.reads[0]"})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(give)
	go read("/early") // is refused with t1, and gets t2
	require.Equal(t, "Bearer t2", <-result)
	close(refuse)
	require.Equal(t, "Bearer t2", <-result)
	require.Equal(t, int32(2), tokens.Load(), "the token of the other request is used")
}

// A redirect to another host loses the credentials. What that host says about them is no reason to renew them.
func TestARefusalAfterARedirectNamesTheHost(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
	})
	client, _ := newClient(t, httpapi.Options{Credentials: httpapi.Credentials{Secret: "k3y"}})
	_, err := get(t, client, s.URL+"/people/ana")
	failed := failure(t, err)
	require.Equal(t, httpapi.Redirected, failed.Reason)
	require.Equal(t, strings.TrimPrefix(s.URL, "http://")+" redirects to "+other.URL+", which gets no credentials and answers with 401 Unauthorized: use "+
		other.URL+" in the URL of the API", failed.Message)
}

// An API that does not say how long to wait is left alone for a moment by all requests of the client.
func TestARateLimitWithoutAPause(t *testing.T) {
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.WriteHeader(http.StatusTooManyRequests)
	})
	client, k := newClient(t, httpapi.Options{})
	for range 2 {
		_, err := get(t, client, s.URL)
		require.Equal(t, httpapi.RateLimited, failure(t, err).Reason)
	}
	require.Equal(t, int32(1), n.Load())
	k.now = k.now.Add(time.Second)
	_, err := get(t, client, s.URL)
	require.Error(t, err)
	require.Equal(t, int32(2), n.Load())
}

func TestWhatStatusesMean(t *testing.T) {
	var status atomic.Int32
	var after atomic.Pointer[string]
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if a := after.Load(); a != nil {
			w.Header().Set("Retry-After", *a)
		}
		w.WriteHeader(int(status.Load()))
	})
	o := httpapi.Options{Credentials: httpapi.Credentials{Secret: "k3y", Parameter: "api_key"}}
	for code, want := range map[int32]struct {
		reason    string
		temporary bool
	}{
		400: {httpapi.Misconfigured, false}, 401: {httpapi.Unauthorized, false}, 403: {httpapi.Unauthorized, false}, 404: {httpapi.NotFound, false},
		408: {httpapi.Unavailable, true}, 410: {httpapi.NotFound, false}, 422: {httpapi.Misconfigured, false}, 304: {httpapi.Misconfigured, false},
		500: {httpapi.Unavailable, true}, 502: {httpapi.Unavailable, true}, 503: {httpapi.Unavailable, true}, 429: {httpapi.RateLimited, true},
	} {
		status.Store(code)
		client, _ := newClient(t, o)
		_, err := get(t, client, s.URL+"/v1/people/ana@example.com?person=ana")
		failed := failure(t, err)
		require.Equal(t, want.reason, failed.Reason, code)
		require.Equal(t, want.temporary, failed.Temporary, code)
		require.Equal(t, int(code), failed.Status)
		require.NotContains(t, failed.Message, "k3y")
		require.NotContains(t, failed.Message, "ana")
		require.NotContains(t, failed.Message, "people", "a path can have what identifies a person")
		require.Contains(t, failed.Message, "followUp.reads[0]")
	}
	// A secondary rate limit is not a lack of permission.
	seven := "7"
	after.Store(&seven)
	status.Store(http.StatusForbidden)
	client, _ := newClient(t, o)
	_, err := get(t, client, s.URL)
	require.Equal(t, httpapi.RateLimited, failure(t, err).Reason)
	require.Equal(t, 7*time.Second, failure(t, err).RetryAfter)
}

func TestAttemptsWaitAsLongAsAsked(t *testing.T) {
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) {
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
		case 2:
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusTooManyRequests)
		case 3:
			w.Header().Set("Retry-After", start.Add(10*time.Minute).Format(http.TimeFormat))
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = io.WriteString(w, "ok")
		}
	})
	client, k := newClient(t, httpapi.Options{Attempts: 5})
	response, err := get(t, client, s.URL)
	require.NoError(t, err)
	require.Equal(t, "ok", string(response.Body))
	require.Len(t, k.pauses, 3)
	require.InDelta(t, 0.75, k.pauses[0].Seconds(), 0.26)
	require.Equal(t, 90*time.Second, k.pauses[1])
	require.False(t, k.now.Before(start.Add(10*time.Minute)))

	n.Store(1)
	hasty, k := newClient(t, httpapi.Options{Attempts: 5, Patience: time.Minute})
	_, err = get(t, hasty, s.URL)
	require.Equal(t, 90*time.Second, failure(t, err).RetryAfter)
	require.Empty(t, k.pauses)
	// The pause holds for all requests of the client.
	before := n.Load()
	_, err = get(t, hasty, s.URL)
	require.Equal(t, httpapi.RateLimited, failure(t, err).Reason)
	require.Equal(t, before, n.Load())
	k.now = k.now.Add(2 * time.Minute)
	_, err = get(t, hasty, s.URL)
	require.Error(t, err)
	require.Equal(t, before+1, n.Load())
}

func TestWhatCannotSucceedIsNotRepeated(t *testing.T) {
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.WriteHeader(http.StatusForbidden)
	})
	client, k := newClient(t, httpapi.Options{Attempts: 5})
	_, err := get(t, client, s.URL)
	require.Error(t, err)
	require.Equal(t, int32(1), n.Load())
	require.Empty(t, k.pauses)
}

func TestErrorsWithoutAResponse(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/large" {
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<17))
			return
		}
		panic(http.ErrAbortHandler)
	})
	client, _ := newClient(t, httpapi.Options{Credentials: httpapi.Credentials{Secret: "k3y", Parameter: "api_key"}})
	_, err := get(t, client, s.URL)
	require.Equal(t, httpapi.Unreachable, failure(t, err).Reason)
	require.NotContains(t, err.Error(), "k3y")
	_, err = get(t, client, s.URL+"/large")
	require.Equal(t, httpapi.TooLarge, failure(t, err).Reason)
	require.Contains(t, err.Error(), "ask for less in one request")
	_, err = get(t, client, "http://169.254.169.254/latest")
	require.Equal(t, httpapi.Misconfigured, failure(t, err).Reason)
	require.Contains(t, err.Error(), "metadata service")
	require.False(t, failure(t, err).Temporary)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	_, err = client.Do(ctx, &httpapi.Request{URL: u, Name: "followUp.reads[0]"})
	require.ErrorIs(t, err, context.Canceled)
}

// Errors of net/http quote what an API sends, which can repeat the key.
func TestWhatAnAPISendsIsNotInErrors(t *testing.T) {
	for name, answer := range map[string]string{
		"place":  "HTTP/1.1 302 Found\r\nLocation: /%zz?api_key=k3y\r\n\r\n",
		"status": "HTTP/1.1 k3y\r\n\r\n",
		"line":   "k3y\r\n\r\n",
		"header": "HTTP/1.1 200 OK\r\nk3y\r\n\r\n",
		"length": "HTTP/1.1 200 OK\r\nContent-Length: k3y\r\n\r\n",
		"coding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: k3y\r\n\r\n",
		"chunk":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nk3y\r\n",
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, answer)
				_ = conn.Close()
			}
		})
		client, _ := newClient(t, httpapi.Options{Credentials: httpapi.Credentials{Secret: "k3y", Parameter: "api_key"}})
		_, err := get(t, client, s.URL)
		require.Equal(t, httpapi.Unreachable, failure(t, err).Reason, name)
		require.NotContains(t, err.Error(), "k3y", name)
	}
}

func TestRetryAfter(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "5": 5 * time.Second, "1.5": 1500 * time.Millisecond, "999999999": httpapi.MaxWait, "Sat, 21 Nov 2026 10:01:00 GMT": time.Minute,
		"Sat, 21 Nov 2026 09:00:00 GMT": 0, "Mon, 21 Nov 2033 09:00:00 GMT": httpapi.MaxWait,
	} {
		got, ok := httpapi.RetryAfter(http.Header{"Retry-After": {text}}, start)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "-1", "soon", "NaN"} {
		_, ok := httpapi.RetryAfter(http.Header{"Retry-After": {text}}, start)
		require.False(t, ok, text)
	}
}

// The headers of rate limits have many forms.
func TestExhausted(t *testing.T) {
	now := time.Unix(1_795_255_200, 0)
	for name, c := range map[string]struct {
		headers map[string]string
		want    time.Duration
	}{
		"seconds":                {map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "30"}, 30 * time.Second},
		"the time in seconds":    {map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795255290"}, 90 * time.Second},
		"in milliseconds":        {map[string]string{"X-Rate-Limit-Remaining": " 0 ", "X-Rate-Limit-Reset": "1795255201500"}, 1500 * time.Millisecond},
		"a time that has passed": {map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795255100"}, 0},
		"too long":               {map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795355200"}, httpapi.MaxWait},
		"far too long":           {map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "999999999"}, httpapi.MaxWait},
		"some are left":          {map[string]string{"RateLimit-Remaining": "1", "RateLimit-Reset": "30"}, 0},
		"no end":                 {map[string]string{"RateLimit-Remaining": "0"}, 0},
		"not a number":           {map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "soon"}, 0},
		"negative":               {map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "-1"}, 0},
		"none":                   {nil, 0},
	} {
		h := http.Header{}
		for header, v := range c.headers {
			h.Set(header, v)
		}
		require.Equal(t, c.want, httpapi.Exhausted(h, now), name)
	}
}
