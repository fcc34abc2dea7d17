// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package conns limits the connections of an HTTP server, and those with an unfinished request. A sender that starts a request and never ends it
// needs only a connection, so thousands of them are cheap. The server does not wait for such senders: a new connection replaces the one with the
// oldest unfinished request, which is hardly ever a legitimate request, because these take milliseconds.
package conns

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Limits of a table.
type Limits struct {
	// Connections in total.
	Connections int
	// Unfinished requests: connections without a request, or with an incomplete one.
	Unfinished int
	// PerPeer is the number of unfinished requests of one peer that is not a proxy.
	PerPeer int
	// Encrypted connections have no visible heads, whose lines could be counted; the server only limits their bytes.
	Encrypted bool
}

// Causes of closing a connection.
const (
	// CauseUnfinished and CausePeer: there were too many unfinished requests, in total or of the peer.
	CauseUnfinished = "unfinished"
	CausePeer       = "peer"
	// CauseConnections: there were too many connections.
	CauseConnections = "connections"
	// CauseHeaders: the head of the request had too many lines.
	CauseHeaders = "headers"
)

// state of a connection.
type state int

const (
	// unfinished: nothing was sent yet, or only part of a request.
	unfinished state = iota
	// serving: the request was read.
	serving
	// idle: between two requests.
	idle
	states
)

// Table tracks all connections of a server. Create it with New. It is safe for concurrent use.
type Table struct {
	limits  Limits
	closed  func(cause string)
	trusted atomic.Pointer[[]netip.Prefix]

	mu sync.Mutex
	// changes is the number of changes of state so far.
	changes uint64
	// by state, the oldest first
	by [states]*list.List
	// peers with unfinished requests, the oldest first
	peers map[netip.Addr]*list.List
}

// New returns a table. closed is called for each connection that is closed for one of the causes.
func New(l Limits, closed func(cause string)) *Table {
	t := &Table{limits: l, closed: closed, peers: map[netip.Addr]*list.List{}}
	for s := range t.by {
		t.by[s] = list.New()
	}
	return t
}

// Trust sets the proxies: many senders share their address, and their headers name the client.
func (t *Table) Trust(proxies []netip.Prefix) { t.trusted.Store(&proxies) }

func (t *Table) isProxy(a netip.Addr) bool {
	if proxies := t.trusted.Load(); proxies != nil {
		for _, p := range *proxies {
			if p.Contains(a) {
				return true
			}
		}
	}
	return false
}

// Counts returns the number of connections with an unfinished request, with one that is being answered, and idle ones.
func (t *Table) Counts() (unfinishedOnes, servingOnes, idleOnes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.by[unfinished].Len(), t.by[serving].Len(), t.by[idle].Len()
}

// Serve makes a server use the table.
func (t *Table) Serve(s *http.Server) {
	s.ConnState = t.changed
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, contextKey{}, below(c))
	}
}

// below returns the connection under TLS.
func below(c net.Conn) net.Conn {
	if encrypted, ok := c.(*tls.Conn); ok {
		return encrypted.NetConn()
	}
	return c
}

// Bound returns a listener for a server of probes and scrapes, whose requests are finished when the head is read.
func Bound(s *http.Server, l net.Listener, limits Limits) net.Listener {
	t := New(limits, func(string) {})
	t.Serve(s)
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Finished(r.Context())
		next.ServeHTTP(w, r)
	})
	return t.Listener(l)
}

type contextKey struct{}

// Listener returns a listener whose connections are in the table.
func (t *Table) Listener(l net.Listener) net.Listener { return &listener{Listener: l, table: t} }

type listener struct {
	net.Listener
	table *Table
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: inner, table: l.table, peer: peerOf(inner.RemoteAddr())}
	l.table.add(c)
	return c, nil
}

// peerOf returns the address that counts as one peer: for IPv6 the /64 network, which one host has for itself.
func peerOf(a net.Addr) netip.Addr {
	p, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return network(p.Addr())
}

func network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

func (t *Table) add(c *conn) {
	t.mu.Lock()
	t.enter(c, unfinished)
	victims := t.excess(c)
	t.mu.Unlock()
	t.close(victims)
}

// changed follows the server's view of a connection.
func (t *Table) changed(nc net.Conn, s http.ConnState) {
	c, ok := below(nc).(*conn)
	if !ok {
		return
	}
	var victims []victim
	t.mu.Lock()
	switch s {
	case http.StateActive:
		// The server reports this when it has read the head. It can already have read the head of a request that follows another one.
		c.head.ended = true
		victims = t.begin(c)
	case http.StateIdle:
		t.move(c, idle)
	case http.StateClosed, http.StateHijacked:
		t.leave(c)
	case http.StateNew:
	}
	t.mu.Unlock()
	t.close(victims)
}

// begin records a request that follows another one; the first one started with the connection. The caller holds the lock.
func (t *Table) begin(c *conn) []victim {
	if c.state != idle || c.at == nil {
		return nil
	}
	t.move(c, unfinished)
	return t.excess(c)
}

// Finished records that the request of the context was read completely.
func Finished(ctx context.Context) {
	if c, ok := ctx.Value(contextKey{}).(*conn); ok {
		c.table.mu.Lock()
		defer c.table.mu.Unlock()
		if c.state == unfinished {
			c.table.move(c, serving)
		}
	}
}

// Forwarded counts the request of the context for the client that a trusted proxy forwards: the last address in X-Forwarded-For that is not a proxy
// itself. Anybody can have written those before it.
func Forwarded(ctx context.Context, header http.Header) {
	c, ok := ctx.Value(contextKey{}).(*conn)
	if !ok || !c.table.isProxy(c.address()) {
		return
	}
	client, ok := c.table.client(header)
	if !ok {
		return
	}
	t := c.table
	t.mu.Lock()
	t.uncount(c)
	c.client = client
	if c.state == unfinished {
		t.count(c)
	}
	victims := t.excess(c)
	t.mu.Unlock()
	t.close(victims)
}
