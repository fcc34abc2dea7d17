// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
)

const (
	// frameMax is the size of a frame that is agreed with the broker, its usual one.
	frameMax = 128 << 10
	// frameHeader is the size of what comes before the payload: type, channel and size. One byte follows it.
	frameHeader = 7
	// mostHeld is the size of messages that a broker may have sent and that are not settled. The number of messages is set so that it is seldom reached.
	mostHeld = 32 << 20
)

// Types of frames.
const (
	frameContentHeader = 2
	frameBody          = 3
	frameHeartbeat     = 8
)

var (
	// errNotAMQP is the answer of something else than a broker.
	errNotAMQP = errors.New("the answer is not AMQP 0-9-1")
	// errTooMuch ends a connection on which more arrives than fits into memory. The messages are delivered again, fewer at once.
	errTooMuch = errors.New("the messages in flight became too large, and are delivered again in smaller numbers")
)

// meter is a connection that limits the memory for messages. The protocol limits only their number, and the client keeps what arrives. A message that
// is larger than the limit of documents arrives without its body.
type meter struct {
	net.Conn
	largest int64
	in      *bufio.Reader
	// frame is what is left of the frame that is handed out, and buffer its memory. skip is what is left of a body that is left out.
	frame, buffer []byte
	skip          uint64

	mu sync.Mutex
	// sizes are those of the messages after the one with the tag settled: on a connection with one channel, tags are the numbers of its messages.
	sizes   []int64
	settled uint64
	held    int64
	tooLong map[uint64]bool
	failed  error
}

func newMeter(conn net.Conn, largest int64) *meter {
	return &meter{Conn: conn, largest: largest, in: bufio.NewReaderSize(conn, 64<<10), tooLong: map[uint64]bool{}}
}

// Read implements net.Conn.
func (m *meter) Read(p []byte) (int, error) {
	for len(m.frame) == 0 {
		if err := m.next(); err != nil {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.failed == nil {
				m.failed = err
			}
			return 0, err
		}
	}
	n := copy(p, m.frame)
	m.frame = m.frame[n:]
	return n, nil
}

// next reads a frame.
func (m *meter) next() error {
	head, err := m.in.Peek(frameHeader)
	if err != nil {
		if errors.Is(err, io.EOF) && len(head) > 0 {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	size := binary.BigEndian.Uint32(head[3:])
	kind := head[0]
	if kind == 0 || kind > frameBody && kind != frameHeartbeat || size > frameMax {
		return errNotAMQP
	}
	whole := frameHeader + int(size) + 1
	if cap(m.buffer) < whole {
		m.buffer = make([]byte, whole)
	}
	frame := m.buffer[:whole]
	if _, err := io.ReadFull(m.in, frame); err != nil {
		return err
	}
	payload := frame[frameHeader : whole-1]
	switch {
	case kind == frameContentHeader && len(payload) >= 12:
		if err := m.arrives(payload); err != nil {
			return err
		}
	case kind == frameBody && m.skip > 0:
		m.skip -= min(m.skip, uint64(len(payload)))
		return nil
	}
	m.frame = frame
	return nil
}

// arrives counts a message by the header of its content, and takes its body out of it if that is too large.
func (m *meter) arrives(header []byte) error {
	length := header[4:12]
	size := binary.BigEndian.Uint64(length)
	m.mu.Lock()
	defer m.mu.Unlock()
	tag := m.settled + uint64(len(m.sizes)) + 1
	if size > uint64(m.largest) {
		m.tooLong[tag] = true
		m.skip = size
		binary.BigEndian.PutUint64(length, 0)
		size = 0
	}
	held := int64(size) + int64(len(header))
	m.sizes, m.held = append(m.sizes, held), m.held+held
	if m.held > mostHeld && len(m.sizes) > 1 {
		return errTooMuch
	}
	return nil
}

// isTooLong reports whether the body of a message was left out.
func (m *meter) isTooLong(tag uint64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tooLong[tag]
}

// settle forgets the messages up to a tag.
func (m *meter) settle(tag uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.settled < tag && len(m.sizes) > 0 {
		m.settled++
		m.held -= m.sizes[0]
		m.sizes = m.sizes[1:]
		delete(m.tooLong, m.settled)
	}
}

// inFlight is the number of messages that arrived and are not settled.
func (m *meter) inFlight() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sizes)
}

// failure is why nothing arrives any more; nil while something can.
func (m *meter) failure() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failed
}
