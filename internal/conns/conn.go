// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conns

import (
	"bytes"
	"container/list"
	"errors"
	"net"
	"net/netip"
)

// maxLines is the number of lines in the head of a request. The server keeps each line in a map, where a short one takes twenty times its bytes.
const maxLines = 128

var errLines = errors.New("the head of the request has too many lines")

// conn is a connection in the table. The table guards its fields, except head.
type conn struct {
	net.Conn
	table *Table
	peer  netip.Addr
	// client is the address that a proxy forwards; invalid for none.
	client netip.Addr
	state  state
	// since numbers the changes of state: of two unfinished requests, the one with the smaller number started earlier.
	since uint64
	// at and ofPeer are its elements in the lists; nil for none.
	at, ofPeer *list.Element
	head       head
}

// counted returns the address for which an unfinished request counts.
func (c *conn) counted() netip.Addr {
	if c.client.IsValid() {
		return c.client
	}
	return c.peer
}

// address returns the full address of the peer.
func (c *conn) address() netip.Addr {
	p, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr().Unmap()
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.table.mu.Lock()
		if c.state == idle {
			c.head = head{}
		}
		victims := c.table.begin(c)
		c.table.mu.Unlock()
		c.table.close(victims)
	}
	if c.table.limits.Encrypted {
		return n, err
	}
	if c.head.read(p[:n]); c.head.lines > maxLines {
		c.table.closed(CauseHeaders)
		return 0, errors.Join(errLines, c.Close())
	}
	return n, err
}

// head counts the lines of a request until the empty line.
type head struct {
	lines int
	// ended is set after the head, content if the current line is not empty.
	ended, content bool
}

func (h *head) read(p []byte) {
	for !h.ended && len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		line := p
		if end >= 0 {
			line = p[:end]
		}
		h.content = h.content || len(bytes.TrimRight(line, "\r")) > 0
		if end < 0 {
			return
		}
		// Empty lines before a request do not belong to its head.
		h.ended = !h.content && h.lines > 0
		if h.content {
			h.lines++
		}
		h.content, p = false, p[end+1:]
	}
}
