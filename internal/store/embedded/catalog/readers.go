// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"errors"
	"math"
	"sync"
)

// Reader reads a snapshot, such as a scan.
type Reader interface {
	// Interrupt makes it end soon, for a reason.
	Interrupt(why error)
	// Discard waits until it has ended, and removes its temporary files from the volume. It is called after Interrupt.
	Discard() error
	// Close waits until it has ended. It calls Release.
	Close() error
}

// readers tracks which manifests are read, so that their parts are kept until nobody reads them.
type readers struct {
	mu     sync.Mutex
	active map[Reader]int64
	// retired parts, by the number of the first manifest that does not name them.
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

// unread returns the retired parts that nobody reads, and drops them from the list.
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

// EndReaders ends all readers and waits for them.
func (c *Catalog) EndReaders(why error) {
	for _, r := range c.readers.before(math.MaxInt64) {
		r.Interrupt(why)
		_ = r.Close()
	}
}

// EndOlder ends the readers of manifests before the current one. Their temporary files have been removed when it returns.
func (c *Catalog) EndOlder(why error) error {
	older := c.readers.before(c.Manifest().Number)
	for _, r := range older {
		r.Interrupt(why)
	}
	var err error
	for _, r := range older {
		err = errors.Join(err, r.Discard())
	}
	return err
}

// before returns the readers of manifests before a number.
func (r *readers) before(number int64) []Reader {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Reader
	for reader, n := range r.active {
		if n < number {
			list = append(list, reader)
		}
	}
	return list
}
