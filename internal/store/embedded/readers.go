// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"sync"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/scan"
)

// readers knows which manifests running scans read, so that their files stay until they are done.
type readers struct {
	mu     sync.Mutex
	active map[*scan.Scan]int64
	// retired files by the number of the first manifest that does not name them.
	retired map[string]int64
}

func (r *readers) begin(sc *scan.Scan, number int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active == nil {
		r.active = map[*scan.Scan]int64{}
	}
	r.active[sc] = number
}

func (r *readers) end(sc *scan.Scan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.active, sc)
}

func (r *readers) retire(name string, number int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.retired == nil {
		r.retired = map[string]int64{}
	}
	r.retired[name] = number
}

// unread gives the retired files that no scan reads, and forgets them.
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

// endAll closes the running scans and waits until they are.
func (r *readers) endAll() {
	r.mu.Lock()
	var open []*scan.Scan
	for sc := range r.active {
		open = append(open, sc)
	}
	r.mu.Unlock()
	for _, sc := range open {
		sc.Interrupt(errClosed)
		_ = sc.Close()
	}
}

// interruptBefore ends the scans that read a manifest older than the number.
func (r *readers) interruptBefore(number int64, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for sc, n := range r.active {
		if n < number {
			sc.Interrupt(why)
		}
	}
}
