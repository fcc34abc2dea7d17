// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package egress_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/egress"
)

// serveOn serves HTTP at an address of loopback.
func serveOn(t *testing.T, address string, h http.HandlerFunc) *httptest.Server {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(h)
	require.NoError(t, s.Listener.Close())
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T, g *egress.Guard, o egress.ClientOptions) *http.Client {
	o.Timeout, o.MaxResponse = cmp.Or(o.Timeout, 30*time.Second), cmp.Or(o.MaxResponse, 1<<20)
	c := g.Client(o)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// keyed returns a request with credentials of several kinds.
func keyed(t *testing.T, method, url, body string) *http.Request {
	var b io.Reader
	if body != "" {
		b = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, b)
	require.NoError(t, err)
	for _, name := range []string{"Authorization", "X-Api-Token", "Cookie"} {
		r.Header.Set(name, "secret-key")
	}
	r.Header.Set("Accept", "application/json")
	return r
}

func fetch(c *http.Client, r *http.Request) (string, error) {
	response, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // nothing is written
	b, err := io.ReadAll(response.Body)
	return string(b), err
}

func TestARedirectToAnAddressThatIsNotPermitted(t *testing.T) {
	reached := false
	inside := serveOn(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) { reached = true })
	outside := serveOn(t, "127.0.0.2:0", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL+"/latest/meta-data", http.StatusFound)
	})
	_, err := fetch(client(t, guard(t, "127.0.0.2/32"), egress.ClientOptions{}), keyed(t, http.MethodGet, outside.URL, ""))
	var refused *egress.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "127.0.0.1", refused.Address.String())
	require.False(t, reached)
}

func TestAnotherHostGetsNoCredentials(t *testing.T) {
	var seen []http.Header
	var first *httptest.Server
	second := serveOn(t, "127.0.0.3:0", func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Clone())
		if r.URL.Path == "/back" {
			http.Redirect(w, r, first.URL+"/end", http.StatusFound)
		}
	})
	first = serveOn(t, "127.0.0.2:0", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/end":
			seen = append(seen, r.Header.Clone())
		case "/same":
			http.Redirect(w, r, "/end", http.StatusFound)
		default:
			http.Redirect(w, r, second.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}
	})
	c := client(t, guard(t, "127.0.0.0/8"), egress.ClientOptions{})
	for path, keys := range map[string]int{"/same": 3, "/other": 0, "/back": 0} {
		seen = nil
		_, err := fetch(c, keyed(t, http.MethodGet, first.URL+path+"?key=secret-key", ""))
		require.NoError(t, err, path)
		require.NotEmpty(t, seen, path)
		for _, h := range seen {
			got := 0
			for _, values := range h {
				if strings.Contains(strings.Join(values, " "), "secret-key") {
					got++
				}
			}
			require.Equal(t, keys, got, "%s: %v", path, h)
			require.Equal(t, "application/json", h.Get("Accept"))
		}
	}
	_, err := fetch(c, keyed(t, http.MethodPost, first.URL+"/other", "client_secret=secret-key"))
	require.ErrorContains(t, err, "not followed, because the request has a body")
}

func TestRedirectsEnd(t *testing.T) {
	var s *httptest.Server
	s = serveOn(t, "127.0.0.2:0", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.URL+"/again", http.StatusFound) })
	c := client(t, guard(t, "127.0.0.0/8"), egress.ClientOptions{})
	_, err := fetch(c, keyed(t, http.MethodGet, s.URL, ""))
	require.ErrorContains(t, err, "more than 5 redirects")
}

func TestCertificatesAreVerified(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/plain" {
			http.Redirect(w, r, "http://example.test/", http.StatusFound)
		}
	}))
	s.StartTLS()
	defer s.Close()
	g := guard(t, "127.0.0.0/8")
	_, err := fetch(client(t, g, egress.ClientOptions{}), keyed(t, http.MethodGet, s.URL, ""))
	require.ErrorContains(t, err, "certificate signed by unknown authority")

	trusting := client(t, g, egress.ClientOptions{})
	egress.Trust(trusting, s.Certificate())
	_, err = fetch(trusting, keyed(t, http.MethodGet, s.URL, ""))
	require.NoError(t, err)
	_, err = fetch(trusting, keyed(t, http.MethodGet, s.URL+"/plain", ""))
	require.ErrorContains(t, err, "from https to http: not followed")
}

func TestLimitsOfResponses(t *testing.T) {
	held := make(chan struct{})
	s := serveOn(t, "127.0.0.2:0", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(bytes.Repeat([]byte{'0'}, 1<<20))
			_ = z.Close()
		case "/slow":
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-held:
			case <-r.Context().Done():
			}
		default:
			_, _ = w.Write(bytes.Repeat([]byte{'0'}, 1000))
		}
	})
	defer close(held)
	g := guard(t, "127.0.0.0/8")
	exact := client(t, g, egress.ClientOptions{MaxResponse: 1000})
	got, err := fetch(exact, keyed(t, http.MethodGet, s.URL, ""))
	require.NoError(t, err)
	require.Len(t, got, 1000)
	_, err = fetch(client(t, g, egress.ClientOptions{MaxResponse: 999}), keyed(t, http.MethodGet, s.URL, ""))
	require.ErrorIs(t, err, egress.ErrTooLarge)
	_, err = fetch(exact, keyed(t, http.MethodGet, s.URL+"/bomb", ""))
	require.ErrorIs(t, err, egress.ErrTooLarge)
	_, err = fetch(client(t, g, egress.ClientOptions{Timeout: 50 * time.Millisecond}), keyed(t, http.MethodGet, s.URL+"/slow", ""))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestAProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	asked := false
	proxy := serveOn(t, "127.0.0.1:0", func(http.ResponseWriter, *http.Request) { asked = true })
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	s := serveNames(t, map[string][][]string{"api.example.test": {{"127.0.0.1"}}})
	_, err := fetch(client(t, only(t, s), egress.ClientOptions{}), keyed(t, http.MethodGet, "http://api.example.test/", ""))
	require.ErrorContains(t, err, "a loopback address")
	require.False(t, asked)
}
