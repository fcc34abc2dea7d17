// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conns

import (
	"container/list"
	"net/http"
	"net/netip"
	"strings"
)

// victim is a connection to close.
type victim struct {
	*conn
	cause string
}

// close closes connections. The caller must not hold the lock, because closing calls changed.
func (t *Table) close(victims []victim) {
	for _, v := range victims {
		t.closed(v.cause)
		_ = v.Close()
	}
}

// excess removes connections beyond the limits after c was added; c itself only if nothing else can be removed. The caller holds the lock.
func (t *Table) excess(c *conn) (out []victim) {
	take := func(e *list.Element, cause string) {
		v := e.Value.(*conn)
		t.leave(v)
		out = append(out, victim{v, cause})
	}
	if peer := c.counted(); peer.IsValid() && (c.client.IsValid() || !t.isProxy(c.address())) {
		if l := t.peers[peer]; l != nil && l.Len() > t.limits.PerPeer {
			take(l.Front(), CausePeer)
		}
	}
	if t.by[unfinished].Len() > t.limits.Unfinished {
		take(t.by[unfinished].Front(), CauseUnfinished)
	}
	if t.by[unfinished].Len()+t.by[serving].Len()+t.by[idle].Len() <= t.limits.Connections {
		return out
	}
	// Idle connections are the cheapest to open again.
	for _, s := range []state{idle, unfinished} {
		if e := t.by[s].Front(); e != nil {
			take(e, CauseConnections)
			return out
		}
	}
	return out
}

// enter adds a connection at the end of the list of its state.
func (t *Table) enter(c *conn, s state) {
	t.changes++
	c.state, c.since, c.at = s, t.changes, t.by[s].PushBack(c)
	if s == unfinished {
		t.count(c)
	}
}

// leave removes it from the lists; it can be called again.
func (t *Table) leave(c *conn) {
	if c.at == nil {
		return
	}
	t.uncount(c)
	t.by[c.state].Remove(c.at)
	c.at = nil
}

func (t *Table) move(c *conn, to state) {
	if c.at == nil || c.state == to {
		return
	}
	t.leave(c)
	if to == idle {
		c.client = netip.Addr{}
	}
	t.enter(c, to)
}

// count counts an unfinished request for its peer, in the order of their start. The order in which heads are read, and clients known, is a different one.
func (t *Table) count(c *conn) {
	peer := c.counted()
	if t.peers[peer] == nil {
		t.peers[peer] = list.New()
	}
	l := t.peers[peer]
	before := l.Back()
	for before != nil && before.Value.(*conn).since > c.since {
		before = before.Prev()
	}
	if before == nil {
		c.ofPeer = l.PushFront(c)
		return
	}
	c.ofPeer = l.InsertAfter(c, before)
}

func (t *Table) uncount(c *conn) {
	if c.ofPeer == nil {
		return
	}
	peer := c.counted()
	t.peers[peer].Remove(c.ofPeer)
	if t.peers[peer].Len() == 0 {
		delete(t.peers, peer)
	}
	c.ofPeer = nil
}

// addressOf parses an address as proxies write it: some in brackets, some with the port.
func addressOf(text string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a, true
	}
	p, err := netip.ParseAddrPort(text)
	return p.Addr(), err == nil
}

// client parses X-Forwarded-For from its end.
func (t *Table) client(h http.Header) (netip.Addr, bool) {
	all := strings.Split(strings.Join(h.Values("X-Forwarded-For"), ","), ",")
	for i := len(all) - 1; i >= 0; i-- {
		a, ok := addressOf(strings.TrimSpace(all[i]))
		if !ok {
			return netip.Addr{}, false
		}
		if !t.isProxy(a.Unmap()) {
			return network(a), true
		}
	}
	return netip.Addr{}, false
}
