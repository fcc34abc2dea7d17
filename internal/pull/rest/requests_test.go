// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rest_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/test/rig/authority"
)

// A redirect to another host is not followed: without credentials, it could answer with something else than the records.
func TestARedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", `{"after":"$(cursor)"}`} {
		var seen atomic.Int64
		elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			seen.Add(1)
			send(w, `{"data":[]}`)
		}))
		t.Cleanup(elsewhere.Close)
		s := faulty(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/list?key=k", http.StatusTemporaryRedirect)
		})
		s.rest.Body = body
		reason, message := said(t, s)
		require.Equal(t, pull.Misconfigured, reason)
		require.Equal(t, strings.TrimSuffix(s.rest.URL, "/list")+" redirects to "+elsewhere.URL+": not followed: use "+elsewhere.URL+
			" in the URL of the API if that is right (spec.transport.rest.url)", message)
		require.Zero(t, seen.Load(), "it is not asked")
	}
}

// A redirect to another path of the API is followed, with the body and the credentials.
func TestARedirectToAnotherPath(t *testing.T) {
	t.Parallel()
	s := faulty(t, func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		switch {
		case r.URL.Path == "/list":
			http.Redirect(w, r, "/v2/list?"+r.URL.RawQuery, http.StatusPermanentRedirect)
		case err != nil || r.Method != http.MethodPost || string(content) != `{"size":7}` || r.Header.Get("Authorization") != "Bearer k3y":
			w.WriteHeader(http.StatusBadRequest)
		default:
			sendOne(w, 1, "")
		}
	})
	s.rest.Body = `{"size":7,"after":"$(cursor)"}`
	p := pulltest.NewPod(t, s)
	p.Run()
	p.Await(1)
	p.Check(1, true)
}

// The body of a request has the values of its placeholders, and is sent again as it is after an error.
func TestBodies(t *testing.T) {
	t.Parallel()
	const start = `{"paging":{"size":7},"filters":[{"field":"updated","gt":1793491200}],"fixed":[1,null,true,"$(other)"]}`
	const later = `{"paging":{"size":7,"after":"b"},"filters":[{"field":"updated","gt":1793491200}],"fixed":[1,null,true,"$(other)"]}`
	for name, c := range map[string]struct {
		body   string
		change func(r *v1alpha1.RESTTransport)
		want   []string
	}{
		"a cursor, and a time as a number": {
			`{"paging":{"size":7,"after":"$(cursor)"},"filters":[{"field":"updated","gt":"$(since)"}],"fixed":[1,null,true,"$(other)"]}`,
			func(r *v1alpha1.RESTTransport) {
				r.Incremental = &v1alpha1.RESTIncremental{Time: &v1alpha1.RESTTime{Start: day(2026, 11), Format: v1alpha1.RESTUnixSeconds}}
			}, []string{start, start, later},
		},
		"a page in a text, and as a number": {
			`{"page":"$(page)","key":"orders/$(page)"}`,
			func(r *v1alpha1.RESTTransport) {
				r.Query, r.Pagination = nil, &v1alpha1.RESTPagination{PageNumber: &v1alpha1.RESTPageNumber{}}
			}, []string{`{"page":1,"key":"orders/1"}`, `{"page":1,"key":"orders/1"}`, `{"page":2,"key":"orders/2"}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var bodies []string
			s := faulty(t, func(w http.ResponseWriter, r *http.Request) {
				content, err := io.ReadAll(r.Body)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Tenant") != "shop" {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				switch bodies = append(bodies, string(content)); len(bodies) {
				case 1:
					w.WriteHeader(http.StatusServiceUnavailable)
				case 2:
					sendOne(w, 1, "b")
				case 3:
					sendOne(w, 2, "")
				default:
					send(w, `{"data":[]}`)
				}
			})
			s.rest.Body, s.rest.Headers = c.body, map[string]v1alpha1.RESTValue{"X-Tenant": "shop"}
			c.change(&s.rest)
			p := pulltest.NewPod(t, s)
			p.Run()
			p.Await(2)
			p.Check(2, true)
			mu.Lock()
			defer mu.Unlock()
			for i, want := range c.want {
				require.JSONEq(t, want, bodies[i])
			}
		})
	}
}

// An answer that says that it was the last one for now is obeyed before the API has to refuse a request.
func TestTheLastRequestForNow(t *testing.T) {
	t.Parallel()
	var refused atomic.Int64
	var until atomic.Pointer[time.Time]
	s := faulty(t, func(w http.ResponseWriter, r *http.Request) {
		if end := until.Load(); end != nil && time.Now().Before(*end) {
			refused.Add(1)
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if r.URL.Query().Get("cursor") != "" {
			sendOne(w, 2, "")
			return
		}
		// The clock of the client begins a little later.
		end := time.Now().Add(time.Second)
		until.Store(&end)
		w.Header().Set("RateLimit-Remaining", "0")
		w.Header().Set("RateLimit-Reset", "1")
		sendOne(w, 1, "b")
	})
	p := pulltest.NewPod(t, s)
	p.Run()
	p.Await(2)
	require.Zero(t, refused.Load())
}

// secure returns an API with a certificate of the authority for the name, which asks for one of its clients.
func secure(t *testing.T, a *authority.Authority, name string, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	certificate, key := a.Issue(t, name)
	pair, err := tls.X509KeyPair(certificate, key)
	require.NoError(t, err)
	clients := x509.NewCertPool()
	require.True(t, clients.AppendCertsFromPEM(a.PEM))
	h := httptest.NewUnstartedServer(answer)
	h.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
	h.StartTLS()
	t.Cleanup(h.Close)
	return h
}

// Servers with certificates of a private authority, which ask for one of the client. Each has its own name.
func TestCertificates(t *testing.T) {
	t.Parallel()
	a := authority.New(t)
	tokens := secure(t, a, "localhost", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		send(w, `{"access_token":"t0ken","token_type":"Bearer"}`)
	})
	api := secure(t, a, "api.example.com", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		sendOne(w, 1, "")
	})
	certificate, key := a.Issue(t, "client")
	right := map[string][]byte{
		podconfig.FilePassword: []byte("s3cret"), podconfig.FileCA: a.PEM, podconfig.FileClientCert: certificate, podconfig.FileClientKey: key,
	}
	source := func() *system {
		s := faulty(t, nil)
		s.rest.URL = api.URL
		s.rest.TLS = &v1alpha1.ClientTLS{
			CASecretRef: &v1alpha1.SecretKeyReference{Name: "ca"}, CertificateSecretRef: &v1alpha1.CertificateReference{Name: "client"}, ServerName: "api.example.com",
		}
		s.rest.Credentials = &v1alpha1.APICredentials{OAuth2: &v1alpha1.APIOAuth2{
			TokenURL: strings.Replace(tokens.URL, "127.0.0.1", "localhost", 1), ClientID: "journeyman",
		}}
		return s
	}
	p := pulltest.NewPod(t, source())
	p.Files = right
	p.Config.Source.Egress.CIDRs = append(p.Config.Source.Egress.CIDRs, "::1/128")
	p.Config.EgressPermitted = append(p.Config.EgressPermitted, "::1/128")
	p.Run()
	p.Await(1)

	for name, c := range map[string]struct {
		change          func(s *system, files map[string][]byte)
		reason, message string
	}{
		"another authority": {func(_ *system, files map[string][]byte) { files[podconfig.FileCA] = authority.New(t).PEM }, pull.Misconfigured,
			"set the authority in spec.transport.rest.tls, or the name in tls.serverName"},
		"another name": {func(s *system, _ map[string][]byte) { s.rest.TLS.ServerName = "" }, pull.Misconfigured, "or the name in tls.serverName"},
		"no certificate": {func(s *system, _ map[string][]byte) { s.rest.TLS.CertificateSecretRef = nil }, pull.Misconfigured,
			"compare spec.transport.rest.tls.certificateSecretRef with what the API accepts"},
		"no PEM": {func(_ *system, files map[string][]byte) { files[podconfig.FileCA] = []byte("x") }, pull.Misconfigured,
			"spec.transport.rest.tls: the certificates of authorities are not in PEM"},
		"another key": {func(_ *system, files map[string][]byte) { _, files[podconfig.FileClientKey] = a.Issue(t, "client") }, pull.Misconfigured,
			"spec.transport.rest.tls.certificateSecretRef"},
	} {
		t.Run(name, func(t *testing.T) {
			s, files := source(), map[string][]byte{}
			s.rest.Credentials = nil
			for n, content := range right {
				files[n] = content
			}
			c.change(s, files)
			p := pulltest.NewPod(t, s)
			p.Files = files
			reason, message := problemOf(t, p)
			require.Equal(t, c.reason, reason, message)
			require.Contains(t, message, c.message)
		})
	}
}
