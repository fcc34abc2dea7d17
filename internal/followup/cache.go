// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package followup

import (
	"container/list"
	"sync"
	"time"
)

const (
	// keepFor is how long a record is used again: senders repeat a request that was answered with 503, and must find what was read for it.
	keepFor = 5 * time.Minute
	// maxKept is the memory of all records in bytes, and entryBytes that of an entry without its record.
	maxKept    = 16 << 20
	entryBytes = 512
)

// cache keeps the latest records by URL. nil means that there is none.
type cache struct {
	now   func() time.Time
	mu    sync.Mutex
	byURL map[string]*list.Element
	// order has the oldest first.
	order list.List
	bytes int
}

type entry struct {
	url string
	raw []byte
	at  time.Time
}

func (e *entry) bytes() int { return entryBytes + len(e.url) + len(e.raw) }

func newCache(now func() time.Time) *cache {
	return &cache{now: now, byURL: map[string]*list.Element{}}
}

func (c *cache) get(url string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trim()
	if e, ok := c.byURL[url]; ok {
		return e.Value.(*entry).raw, true
	}
	return nil, false
}

func (c *cache) put(url string, raw []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.byURL[url]; ok {
		c.remove(old)
	}
	e := &entry{url: url, raw: raw, at: c.now()}
	c.byURL[url] = c.order.PushBack(e)
	c.bytes += e.bytes()
	c.trim()
}

// trim removes what is too old or too much.
func (c *cache) trim() {
	oldest := c.now().Add(-keepFor)
	for e := c.order.Front(); e != nil && (c.bytes > maxKept || e.Value.(*entry).at.Before(oldest)); e = c.order.Front() {
		c.remove(e)
	}
}

func (c *cache) remove(e *list.Element) {
	it := c.order.Remove(e).(*entry)
	delete(c.byURL, it.url)
	c.bytes -= it.bytes()
}
