// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"errors"
	"io"
	"sync/atomic"
)

// maxBodies is how many bytes of bodies all requests under way may hold together. A pod has little memory, and each of
// thousands of connections may send a body up to the limit.
const maxBodies = 48 << 20

// errMemory says that the bodies of all requests together are too large.
var errMemory = errors.New("too many requests at a time for the memory")

// memory counts the bytes of bodies. They are counted as they come, so that a sender who only promises many holds none.
type memory struct {
	used atomic.Int64
	max  int64
}

// share is what one request holds of the memory.
type share struct {
	memory *memory
	bytes  int64
}

// release gives everything back.
func (s *share) release() { s.memory.used.Add(-s.bytes) }

// meter counts what is read from r.
func (s *share) meter(r io.Reader) io.Reader { return &meter{share: s, reader: r} }

type meter struct {
	share  *share
	reader io.Reader
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.reader.Read(p)
	m.share.bytes += int64(n)
	if m.share.memory.used.Add(int64(n)) > m.share.memory.max {
		return n, errMemory
	}
	return n, err
}
