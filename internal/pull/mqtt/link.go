// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mqtt

import (
	"bufio"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/packets"
)

const (
	// headMax is the size of what a message has next to its payload: topic and properties. Other packets are not larger either.
	headMax = 128 << 10
	// lengthMax is the number of bytes of a length.
	lengthMax = 4
)

// errNotMQTT is the answer of something else than a broker.
var errNotMQTT = errors.New("the answer is not MQTT 5")

// link is a connection that limits the memory for messages. A message that is larger than the limit of documents arrives cut, one byte too long: it is
// counted and set aside then. The broker would drop it without a word if it knew the limit. While much is not settled, nothing is read.
type link struct {
	net.Conn
	largest int64
	inbox   *inbox
	in      *bufio.Reader
	// head is the beginning of the packet that is handed out, pass the number of bytes that follow, and skip of those that are left out.
	head       []byte
	pass, skip int64
	// began is set after the first packet.
	began   bool
	closed  chan struct{}
	closing sync.Once

	// written protects what is sent. While corked is set, it is collected in out.
	written sync.Mutex
	corked  bool
	out     []byte

	mu      sync.Mutex
	heardAt time.Time
	waits   bool
	failed  error
}

func newLink(conn net.Conn, largest int64, i *inbox) *link {
	return &link{Conn: conn, largest: largest, inbox: i, in: bufio.NewReaderSize(conn, 64<<10), closed: make(chan struct{}), heardAt: time.Now()}
}

// Read implements net.Conn.
func (l *link) Read(p []byte) (n int, err error) {
	if len(l.head) == 0 && l.pass == 0 {
		err = l.next()
	}
	switch {
	case err != nil:
	case len(l.head) > 0:
		n = copy(p, l.head)
		l.head = l.head[n:]
	default:
		n, err = l.in.Read(p[:min(int64(len(p)), l.pass)])
		l.pass -= int64(n)
	}
	if err != nil {
		l.fail(err)
	}
	return n, err
}

// next begins a packet.
func (l *link) next() error {
	for l.skip > 0 {
		n, err := l.in.Discard(int(min(l.skip, 1<<20)))
		l.skip -= int64(n)
		if err != nil {
			return err
		}
	}
	if err := l.await(); err != nil {
		return err
	}
	first, err := l.in.ReadByte()
	if err != nil {
		return err
	}
	length, err := binary.ReadUvarint(l.in)
	if err != nil {
		return err
	}
	l.heard(false)
	kind, most := first>>4, uint64(headMax)
	if kind == packets.PUBLISH {
		most += uint64(l.largest) + 1
	}
	if !l.isPossible(first, length) || kind != packets.PUBLISH && length > most {
		return errNotMQTT
	}
	l.began = true
	l.pass = int64(min(length, most))
	l.skip = int64(length) - l.pass
	l.head = binary.AppendUvarint([]byte{first}, uint64(l.pass))
	return nil
}

// isPossible reports whether a broker can send a packet with the first byte and the length.
func (l *link) isPossible(first byte, length uint64) bool {
	if length >= 1<<(7*lengthMax) {
		return false
	}
	switch kind := first >> 4; kind {
	case packets.CONNACK:
		return !l.began && first&0xf == 0 && length > 2 // That of MQTT 3.1.1 has two bytes, and no properties.
	case packets.AUTH, packets.DISCONNECT:
		return first&0xf == 0
	case 0, packets.CONNECT, packets.SUBSCRIBE, packets.UNSUBSCRIBE, packets.PINGREQ:
		return false
	default:
		return l.began
	}
}

// await waits until there is room for a message.
func (l *link) await() error {
	for l.inbox.isFull() {
		l.heard(true)
		select {
		case <-l.inbox.room:
		case <-l.closed:
			return net.ErrClosed
		}
	}
	l.heard(false)
	return nil
}

// heard notes that something was received, or that nothing is read because too much waits.
func (l *link) heard(waits bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heardAt, l.waits = time.Now(), waits
}

// isSilent reports whether nothing was received for the time, although it is read.
func (l *link) isSilent(d time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.waits && time.Since(l.heardAt) > d
}

func (l *link) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.failed = err
	}
}

// failure is why nothing arrives any more; nil while something can.
func (l *link) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// Lock and Unlock make a packet, which the client writes in parts, one.
func (l *link) Lock() { l.written.Lock() }

// Unlock ends what Lock begins.
func (l *link) Unlock() { l.written.Unlock() }

// Write implements net.Conn. The client calls it between Lock and Unlock.
func (l *link) Write(p []byte) (int, error) {
	if l.corked {
		l.out = append(l.out, p...)
		return len(p), nil
	}
	if err := l.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return l.Conn.Write(p)
}

// together calls f, and sends what it writes at once.
func (l *link) together(f func()) error {
	l.Lock()
	l.corked = true
	l.Unlock()
	f()
	l.Lock()
	defer l.Unlock()
	l.corked = false
	out := l.out
	l.out = l.out[:0]
	if len(out) == 0 {
		return nil
	}
	_, err := l.Write(out)
	return err
}

// Close implements net.Conn.
func (l *link) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return l.Conn.Close()
}
