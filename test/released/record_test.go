// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// exchange is a request of the store protocol with its response. JSON bodies are in the list of exchanges, others in separate files.
type exchange struct {
	Name   string `json:"name"`
	Method string `json:"method"`
	// URL without the host. Admin is set for requests to the admin listener.
	URL   string `json:"url"`
	Admin bool   `json:"admin,omitempty"`
	// Protocol is a header of the request.
	Protocol string `json:"protocol"`
	Request  body   `json:"request"`
	Status   int    `json:"status"`
	// Header and Trailer of the response that belong to the protocol.
	Header  map[string]string `json:"header"`
	Trailer map[string]string `json:"trailer,omitempty"`
	Answer  body              `json:"answer"`
}

// body of a message.
type body struct {
	JSON json.RawMessage `json:"json,omitempty"`
	// File with an Arrow stream.
	File    string `json:"file,omitempty"`
	content []byte
}

// bodyOf returns a body as JSON or, for an Arrow stream, as a file.
func bodyOf(content []byte, file string) body {
	switch {
	case len(content) == 0:
		return body{}
	case json.Valid(content):
		return body{JSON: bytes.TrimSpace(content), content: content}
	}
	return body{File: file, content: content}
}

// bytes of the body.
func (b *body) bytes(t *testing.T, dir string) []byte {
	t.Helper()
	if b.File == "" {
		return b.JSON
	}
	return read(t, dir, protocolDir, b.File)
}

// recorder records the exchanges of a server.
type recorder struct {
	mu   sync.Mutex
	list []*exchange
}

func (r *recorder) wrap(next http.Handler, admin bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked := &bytes.Buffer{}
		q.Body = io.NopCloser(io.TeeReader(q.Body, asked))
		tap := &tap{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(tap, q)
		r.mu.Lock()
		defer r.mu.Unlock()
		name := fmt.Sprintf("%03d-%s", len(r.list)+1, strings.ReplaceAll(strings.TrimPrefix(q.URL.Path, "/v1/"), "/", "-"))
		x := &exchange{
			Name: name, Method: q.Method, URL: q.URL.String(), Admin: admin, Protocol: q.Header.Get(wire.HeaderProtocol), Status: tap.status,
			Header:  picked(w.Header(), "Content-Type", wire.HeaderProtocol, wire.HeaderSnapshot),
			Trailer: picked(w.Header(), wire.TrailerStats, wire.TrailerChecksum, wire.TrailerError),
			Request: bodyOf(asked.Bytes(), name+".request.arrow"), Answer: bodyOf(tap.answer.Bytes(), name+".answer.arrow"),
		}
		r.list = append(r.list, x)
	})
}

func picked(h http.Header, names ...string) map[string]string {
	out := map[string]string{}
	for _, n := range names {
		if v := h.Get(n) + h.Get(http.TrailerPrefix+n); v != "" {
			out[n] = v
		}
	}
	return out
}

// tap records a response.
type tap struct {
	http.ResponseWriter

	status int
	answer bytes.Buffer
}

func (t *tap) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tap) Write(b []byte) (int, error) {
	t.answer.Write(b)
	return t.ResponseWriter.Write(b)
}

// Unwrap allows the server to set deadlines.
func (t *tap) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// save writes the exchanges into the folder.
func (r *recorder) save(t *testing.T, dir string) {
	t.Helper()
	for _, x := range r.list {
		for _, b := range []body{x.Request, x.Answer} {
			if b.File != "" {
				put(t, b.content, dir, protocolDir, b.File)
			}
		}
	}
	put(t, indented(t, r.list), dir, protocolDir, "exchanges.json")
}

// loadExchanges returns the exchanges of a release.
func loadExchanges(t *testing.T, dir string) (list []*exchange) {
	t.Helper()
	require.NoError(t, json.Unmarshal(read(t, dir, protocolDir, "exchanges.json"), &list))
	require.NotEmpty(t, list)
	return list
}

// service is a store behind the protocol.
type service struct {
	pki.StoreMaterial

	url, adminURL string
}

// serve serves a store until the end of the test. wrap can be nil.
func serve(t *testing.T, s store.Store, wrap func(h http.Handler, admin bool) http.Handler) *service {
	t.Helper()
	dir := t.TempDir()
	v := &service{StoreMaterial: servertest.WriteMaterial(t, dir, pki.OperatorKey{1, 2, 3})}
	srv, err := server.New(server.Options{
		Store: s, Dir: dir, Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now },
	})
	require.NoError(t, err)
	listen := func(f func(net.Listener) (*http.Server, net.Listener), admin bool) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		web, callers := f(l)
		if wrap != nil {
			web.Handler = wrap(web.Handler, admin)
		}
		done := make(chan error, 1)
		go func() { done <- web.ServeTLS(callers, "", "") }()
		t.Cleanup(func() {
			require.NoError(t, web.Close())
			require.ErrorIs(t, <-done, http.ErrServerClosed)
		})
		return "https://" + l.Addr().String()
	}
	v.url, v.adminURL = listen(srv.Listen, false), listen(srv.ListenAdmin, true)
	return v
}

// clients returns clients of the service with each of its keys.
func (v *service) clients(t *testing.T) (appends, scans, admin *client.Client) {
	t.Helper()
	made := func(url, key string) *client.Client {
		c, err := client.New(client.Options{URL: url, Key: []byte(key), CA: v.CA, ServerName: servertest.Host, Timeout: time.Minute})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, c.Close()) })
		return c
	}
	return made(v.url, v.AppendKey), made(v.url, v.ScanKey), made(v.adminURL, v.AdminKey)
}
