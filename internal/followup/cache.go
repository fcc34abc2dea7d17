// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package followup

import (
	"container/list"
	"iter"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/reject"
)

const (
	// keepFor is how long a record is kept for the next attempt of a request that failed.
	keepFor = 5 * time.Minute
	// maxKept is the memory of all records in bytes, and entryBytes that of an entry without its record.
	maxKept    = 16 << 20
	entryBytes = 512
)

// Memory accounts for what is kept.
type Memory interface {
	// Hold adds n bytes, or returns an error if there is no room. Free gives them back.
	Hold(n int64) error
	Free(n int64)
}

// cache keeps what was read for requests that failed, by URL. Senders repeat a request that was answered with 503, and must find what was read for it, or
// a request with many documents would never succeed. What a request that succeeded has used is dropped: the next notification of the same record says
// that the record has changed.
type cache struct {
	now   func() time.Time
	mu    sync.Mutex
	byURL map[string]*list.Element
	// order has the oldest first.
	order list.List
	// memory of the entries, and most of it; nil keeps nothing.
	memory      Memory
	bytes, most int64
}

// answer of the API about a record.
type answer struct {
	// raw is the record; nil if there is none. rejection is set if it cannot be used.
	raw       []byte
	rejection *reject.Rejection
}

type entry struct {
	url string
	answer
	at time.Time
}

func (e *entry) bytes() int64 { return int64(entryBytes + len(e.url) + len(e.raw)) }

func newCache(now func() time.Time) *cache {
	return &cache{now: now, byURL: map[string]*list.Element{}}
}

func (c *cache) use(m Memory, most int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.memory, c.most = m, min(most, maxKept)
}

func (c *cache) get(url string) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trim(0)
	if e, ok := c.byURL[url]; ok {
		return e.Value.(*entry).answer, true
	}
	return answer{}, false
}

// put keeps an answer if there is memory for it.
func (c *cache) put(url string, a answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.byURL[url]; ok {
		c.remove(old)
	}
	e := &entry{url: url, answer: a, at: c.now()}
	c.trim(e.bytes())
	if c.memory == nil || c.bytes+e.bytes() > c.most || c.memory.Hold(e.bytes()) != nil {
		return
	}
	c.byURL[url] = c.order.PushBack(e)
	c.bytes += e.bytes()
}

// drop forgets records that were used.
func (c *cache) drop(urls iter.Seq[string]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for url := range urls {
		if e, ok := c.byURL[url]; ok {
			c.remove(e)
		}
	}
}

// close forgets everything, and keeps nothing from now on.
func (c *cache) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.order.Front(); e != nil; e = c.order.Front() {
		c.remove(e)
	}
	c.memory = nil
}

// trim removes what is too old, and the oldest until there is room for n bytes.
func (c *cache) trim(n int64) {
	oldest := c.now().Add(-keepFor)
	for e := c.order.Front(); e != nil && (c.bytes+n > c.most || e.Value.(*entry).at.Before(oldest)); e = c.order.Front() {
		c.remove(e)
	}
}

func (c *cache) remove(e *list.Element) {
	it := c.order.Remove(e).(*entry)
	delete(c.byURL, it.url)
	c.bytes -= it.bytes()
	c.memory.Free(it.bytes())
}
