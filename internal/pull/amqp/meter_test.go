// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amqp

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// wire is a connection on which a broker has sent frames.
type wire struct {
	net.Conn
	io.Reader
}

func (w wire) Read(p []byte) (int, error) { return w.Reader.Read(p) }

func frame(kind byte, payload []byte) []byte {
	out := binary.BigEndian.AppendUint32([]byte{kind, 0, 1}, uint32(len(payload)))
	return append(append(out, payload...), 0xce)
}

// content is the header of a message of a size.
func content(size uint64) []byte {
	return frame(frameContentHeader, binary.BigEndian.AppendUint64([]byte{0, 60, 0, 0}, size))
}

func over(frames ...[]byte) *meter {
	return newMeter(wire{Reader: bytes.NewReader(bytes.Join(frames, nil))}, 1<<20)
}

func TestAMessageThatIsTooLargeArrivesWithoutItsBody(t *testing.T) {
	deliver, part := frame(1, []byte("deliver")), frame(frameBody, make([]byte, 100<<10))
	frames := [][]byte{deliver, content(5), frame(frameBody, []byte("small")), deliver, content(2_000_000)}
	for range 20 {
		frames = append(frames, part)
	}
	frames = append(frames, deliver, content(4), frame(frameBody, []byte("next")))
	m := over(frames...)
	got, err := io.ReadAll(m)
	require.NoError(t, err)
	require.Equal(t, bytes.Join([][]byte{
		deliver, content(5), frame(frameBody, []byte("small")), deliver, content(0), deliver, content(4), frame(frameBody, []byte("next")),
	}, nil), got)
	require.False(t, m.isTooLong(1))
	require.True(t, m.isTooLong(2))
	require.Equal(t, 3, m.inFlight())
	m.settle(2)
	require.Equal(t, 1, m.inFlight())
	require.Empty(t, m.tooLong)
	m.settle(3)
	require.Zero(t, m.held)
}

func TestAConnectionEndsBeforeMessagesFillTheMemory(t *testing.T) {
	m := over()
	header := content(1 << 20)[frameHeader:]
	for range mostHeld>>20 - 1 {
		require.NoError(t, m.arrives(bytes.Clone(header[:12])))
	}
	require.ErrorIs(t, m.arrives(bytes.Clone(header[:12])), errTooMuch)
	m.settle(mostHeld >> 20)
	require.NoError(t, m.arrives(bytes.Clone(header[:12])))
}

func TestWhatIsNotAMQP(t *testing.T) {
	for _, answer := range []string{"HTTP/1.1 400 Bad Request\r\n\r\n", "AMQP\x00\x00\x09\x01", "\x00\x00\x00\x00\x00\x00\x00\x00", "\x01\x00\x00\xff\xff\xff\xff\x00"} {
		m := over([]byte(answer))
		_, err := m.Read(make([]byte, 10))
		require.ErrorIs(t, err, errNotAMQP)
		require.ErrorIs(t, m.failure(), errNotAMQP)
	}
}

func TestWindow(t *testing.T) {
	w := newWindow(1 << 20)
	require.Equal(t, firstPrefetch, w.prefetch)
	require.Equal(t, 3, newWindow(10<<20).prefetch)
	require.Equal(t, 1, newWindow(100<<20).prefetch)
	for w.prefetch < mostPrefetch {
		next, differs := w.next(w.prefetch, 300)
		require.True(t, differs, w.prefetch)
		require.Greater(t, next, w.prefetch)
		w.prefetch = next
	}
	_, differs := w.next(3, 300)
	require.False(t, differs)
	next, differs := w.next(5, 1<<20)
	require.True(t, differs)
	require.Equal(t, 7, next, "about the size of the window")
	w.prefetch = next
	_, differs = w.next(1, 10)
	require.False(t, differs, "one small message does not make it larger")
}

func FuzzMeter(f *testing.F) {
	f.Add(bytes.Join([][]byte{frame(1, []byte("a")), content(3), frame(frameBody, []byte("abc")), frame(frameHeartbeat, nil)}, nil))
	f.Add(bytes.Join([][]byte{content(9_000_000), frame(frameBody, make([]byte, 50)), content(1)}, nil))
	f.Fuzz(func(t *testing.T, sent []byte) {
		m := over(sent)
		got, _ := io.ReadAll(m) // What is no frame is an error.
		require.LessOrEqual(t, len(got), len(sent))
		m.settle(uint64(len(sent)))
		require.Zero(t, m.held)
		require.Empty(t, m.tooLong)
	})
}
