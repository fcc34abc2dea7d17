// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import "sync"

// Reader reads what a snapshot has: a scan.
type Reader interface {
	// Interrupt ends it soon, with the reason.
	Interrupt(why error)
	// Close waits until it has ended. It calls Release.
	Close() error
}

// readers knows which manifests are read, so that their parts stay until nobody reads them.
type readers struct {
	mu     sync.Mutex
	active map[Reader]int64
	// retired parts by the number of the first manifest that does not name them.
	retired map[string]int64
}

func newReaders() readers { return readers{active: map[Reader]int64{}, retired: map[string]int64{}} }

func (r *readers) begin(reader Reader, number int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active[reader] = number
}

func (r *readers) end(reader Reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.active, reader)
}

func (r *readers) retire(name string, number int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.retired[name] = number
}

// unread returns the retired parts that nobody reads, and forgets them.
func (r *readers) unread() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	oldest := int64(1<<63 - 1)
	for _, number := range r.active {
		oldest = min(oldest, number)
	}
	var names []string
	for name, number := range r.retired {
		if number <= oldest {
			names = append(names, name)
			delete(r.retired, name)
		}
	}
	return names
}

// EndReaders ends all readers and waits until they have.
func (c *Catalog) EndReaders(why error) {
	c.readers.mu.Lock()
	var open []Reader
	for r := range c.readers.active {
		open = append(open, r)
	}
	c.readers.mu.Unlock()
	for _, r := range open {
		r.Interrupt(why)
		_ = r.Close()
	}
}

// InterruptOlder ends the readers of manifests before the current one.
func (c *Catalog) InterruptOlder(why error) {
	number := c.Manifest().Number
	c.readers.mu.Lock()
	defer c.readers.mu.Unlock()
	for r, n := range c.readers.active {
		if n < number {
			r.Interrupt(why)
		}
	}
}
