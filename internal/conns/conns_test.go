// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conns_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/conns"
)

// fixture is a server with a table that answers after it has read the body.
type fixture struct {
	t       *testing.T
	table   *conns.Table
	address string

	mu     sync.Mutex
	closed map[string]int
}

func start(t *testing.T, l conns.Limits) *fixture {
	t.Helper()
	f := &fixture{t: t, closed: map[string]int{}}
	f.table = conns.New(l, func(cause string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.closed[cause]++
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f.address = listener.Addr().String()
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conns.Forwarded(r.Context(), r.Header)
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		conns.Finished(r.Context())
		if r.URL.Path == "/wait" {
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, "ok")
	})}
	f.table.Serve(s)
	go func() { _ = s.Serve(f.table.Listener(listener)) }()
	t.Cleanup(func() { _ = s.Close() })
	return f
}

// open opens a connection and sends the text.
func (f *fixture) open(text string) net.Conn {
	c, err := net.Dial("tcp", f.address)
	require.NoError(f.t, err)
	f.t.Cleanup(func() { _ = c.Close() })
	_, err = io.WriteString(c, text)
	require.NoError(f.t, err)
	return c
}

func (f *fixture) eventually(what string, holds func() bool) {
	f.t.Helper()
	require.Eventually(f.t, holds, time.Minute, time.Millisecond, what)
}

func (f *fixture) unfinished(n int) {
	f.t.Helper()
	f.eventually(fmt.Sprintf("%d unfinished requests", n), func() bool { got, _, _ := f.table.Counts(); return got == n })
}

func (f *fixture) causes() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]int{}
	for k, v := range f.closed {
		out[k] = v
	}
	return out
}

// ended requires that the server has closed the connection.
func ended(t *testing.T, c net.Conn) {
	t.Helper()
	require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Minute)))
	_, err := io.Copy(io.Discard, c)
	require.False(t, err != nil && strings.Contains(err.Error(), "timeout"), "the connection is still open: %v", err)
}

// answered sends a complete request on the connection.
func answered(t *testing.T, c net.Conn) {
	t.Helper()
	_, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
	require.NoError(t, err)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, r.Body)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
}

func TestLongestUnfinishedRequestIsClosedFirst(t *testing.T) {
	f := start(t, conns.Limits{Connections: 100, Unfinished: 3, PerPeer: 100})
	first := f.open("POST / HTTP/1.1\r\n")
	f.unfinished(1)
	second := f.open("")
	f.unfinished(2)
	f.open("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
	f.unfinished(3)
	answered(t, f.open(""))
	ended(t, first)
	answered(t, second)
	require.Equal(t, map[string]int{conns.CauseUnfinished: 1}, f.causes())
}

func TestPeerHasAShareUnlessItIsAProxy(t *testing.T) {
	f := start(t, conns.Limits{Connections: 100, Unfinished: 100, PerPeer: 2})
	first := f.open("POST /")
	f.unfinished(1)
	f.open("POST /")
	f.unfinished(2)
	answered(t, f.open(""))
	ended(t, first)
	require.Equal(t, map[string]int{conns.CausePeer: 1}, f.causes())

	f.table.Trust([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	for range 5 {
		f.open("POST /")
	}
	f.unfinished(6)
	require.Equal(t, map[string]int{conns.CausePeer: 1}, f.causes())
}

func TestClientsOfAProxyHaveShares(t *testing.T) {
	f := start(t, conns.Limits{Connections: 100, Unfinished: 100, PerPeer: 2})
	f.table.Trust([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")})
	half := func(forwarded string) net.Conn {
		return f.open("POST / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + forwarded + "\r\nContent-Length: 9\r\n\r\n{")
	}
	// The client's own entries in the header come before those of the proxies.
	first := half("192.0.2.9, 198.51.100.7, 10.1.1.1")
	f.unfinished(1)
	half("198.51.100.7")
	half("203.0.113.5")
	f.unfinished(3)
	// Some proxies also write the port.
	half("192.0.2.1, 198.51.100.7:4711")
	ended(t, first)
	require.Equal(t, map[string]int{conns.CausePeer: 1}, f.causes())
	f.unfinished(3)

	first = half("[2001:db8::1]:80, 10.1.1.1:80")
	f.unfinished(4)
	half("2001:db8::2")
	f.unfinished(5)
	half("[2001:db8::3]")
	ended(t, first)
	require.Equal(t, map[string]int{conns.CausePeer: 2}, f.causes(), "a network of 64 bits is one client")
}

// The request that started first is closed first, even if its header was read later.
func TestOldestRequestOfAClientIsClosedFirst(t *testing.T) {
	f := start(t, conns.Limits{Connections: 100, Unfinished: 100, PerPeer: 2})
	f.table.Trust([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	const head = "POST / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.7\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
	// The server requests the body when the handler starts to read it, so the client is known by then.
	known := func(c net.Conn) {
		line, err := bufio.NewReader(c).ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, line, "100 Continue")
	}
	first := f.open("POST / HTTP/1.1\r\n")
	f.unfinished(1)
	second := f.open(head)
	known(second)
	_, err := io.WriteString(first, strings.TrimPrefix(head, "POST / HTTP/1.1\r\n"))
	require.NoError(t, err)
	known(first)
	f.open(head)
	ended(t, first)
	_, err = io.WriteString(second, "{}")
	require.NoError(t, err)
	r, err := http.ReadResponse(bufio.NewReader(second), nil)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	require.Equal(t, map[string]int{conns.CausePeer: 1}, f.causes())
}

func TestIdleConnectionsMakeRoom(t *testing.T) {
	f := start(t, conns.Limits{Connections: 2, Unfinished: 10, PerPeer: 10})
	idle, other := f.open(""), f.open("")
	answered(t, idle)
	answered(t, other)
	f.eventually("both are idle", func() bool { _, _, n := f.table.Counts(); return n == 2 })
	answered(t, other)
	answered(t, f.open(""))
	ended(t, idle)
	require.Equal(t, map[string]int{conns.CauseConnections: 1}, f.causes())
}

func TestAnsweredRequestsAreNotClosed(t *testing.T) {
	f := start(t, conns.Limits{Connections: 2, Unfinished: 1, PerPeer: 1})
	for i := range 2 {
		f.open("POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
		f.eventually("it is answered", func() bool { _, n, _ := f.table.Counts(); return n == i+1 })
	}
	ended(t, f.open("POST /"))
	_, serving, _ := f.table.Counts()
	require.Equal(t, 2, serving)
}

func TestHeadersWithManyLinesAreRefused(t *testing.T) {
	f := start(t, conns.Limits{Connections: 10, Unfinished: 10, PerPeer: 10})
	ended(t, f.open("POST / HTTP/1.1\r\nHost: x\r\n"+strings.Repeat("a: b\n", 200)))
	require.Equal(t, map[string]int{conns.CauseHeaders: 1}, f.causes())
	lines := strings.Repeat("\n", 5000)
	c := f.open("")
	for range 3 { // lines of a body do not count as lines of a header, also in the second request
		_, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(lines), lines)
		require.NoError(t, err)
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
	}
	_, err := io.WriteString(c, "POST / HTTP/1.1\r\n"+strings.Repeat("a: b\r\n", 200))
	require.NoError(t, err)
	ended(t, c)
	require.Equal(t, map[string]int{conns.CauseHeaders: 2}, f.causes())
}
