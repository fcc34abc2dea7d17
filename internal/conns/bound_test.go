// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conns_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/conns"
)

// encrypted starts a TLS server that authenticates callers by a word.
func encrypted(t *testing.T, l conns.Limits) (address string, table *conns.Table) {
	t.Helper()
	l.Encrypted = true
	table = conns.New(l, func(string) {})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "key" {
			conns.Finished(r.Context())
		}
		if r.URL.Path == "/wait" {
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, "ok")
	}))
	s.Config.ReadHeaderTimeout = time.Minute
	table.Serve(s.Config)
	s.Listener = table.Listener(s.Listener)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), table
}

// Connections that have not authenticated make room for new ones. Authenticated connections stay, whatever they send.
func TestEncryptedConnectionsAreBounded(t *testing.T) {
	address, table := encrypted(t, conns.Limits{Connections: 100, Unfinished: 100, PerPeer: 2})
	open := func(text string) net.Conn {
		c, err := net.Dial("tcp", address)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		if text == "" {
			return c
		}
		e := tls.Client(c, &tls.Config{InsecureSkipVerify: true}) // the certificate does not matter here
		_, err = io.WriteString(e, text)
		require.NoError(t, err)
		return e
	}
	counts := func(unfinished, serving int) {
		t.Helper()
		require.Eventually(t, func() bool { a, b, _ := table.Counts(); return a == unfinished && b == serving }, time.Minute, time.Millisecond)
	}
	mute := open("")
	counts(1, 0)
	wrong := open("GET /wait HTTP/1.1\r\nHost: x\r\nAuthorization: other\r\n\r\n")
	counts(2, 0)
	open("GET /wait HTTP/1.1\r\nHost: x\r\nAuthorization: key\r\n" + strings.Repeat("a: b\r\n", 400) + "\r\n")
	ended(t, mute)
	counts(1, 1)
	open("GET")
	open("GET")
	ended(t, wrong)
	counts(2, 1)
}

// Clients that only connect do not prevent probes of the kubelet.
func TestProbesAreBounded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })}
	bound := conns.Bound(s, l, conns.Limits{Connections: 4, Unfinished: 3, PerPeer: 2})
	go func() { _ = s.Serve(bound) }()
	t.Cleanup(func() { _ = s.Close() })
	var mute []net.Conn
	for range 10 {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		mute = append(mute, c)
		r, err := http.Get("http://" + l.Addr().String())
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
	}
	for _, c := range mute[:7] {
		ended(t, c)
	}
}
