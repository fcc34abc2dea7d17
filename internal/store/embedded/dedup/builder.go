// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// builder writes a key file of keys that come in ascending order.
type builder struct {
	volume *volume.Volume
	meta   Meta
	path   string
	out    volume.File
	buffer *bufio.Writer
	sum    *xxh3.Hasher
}

func newBuilder(v *volume.Volume, newest int64) (*builder, error) {
	b := &builder{volume: v, meta: Meta{Name: v.NewName("keys"), NewestCommit: newest}, sum: xxh3.New()}
	b.path = v.Path(volume.Keys, b.meta.Name)
	var err error
	if b.out, err = v.Create(b.path); err != nil {
		return nil, err
	}
	b.buffer = bufio.NewWriterSize(b.out, keysBuffer)
	if err := b.write([]byte(keyMagic)); err != nil {
		return nil, errors.Join(err, b.abort())
	}
	return b, nil
}

func (b *builder) write(bytes []byte) error {
	_, _ = b.sum.Write(bytes) // a hash accepts everything
	_, err := b.buffer.Write(bytes)
	return err
}

func (b *builder) put(k event.Key) error {
	var bytes [keyBytes]byte
	binary.BigEndian.PutUint64(bytes[:], k.Hi)
	binary.BigEndian.PutUint64(bytes[8:], k.Lo)
	b.meta.Keys++
	return b.write(bytes[:])
}

// finish makes the file durable and opens it.
func (b *builder) finish() (*file, error) {
	err := errors.Join(b.write(binary.BigEndian.AppendUint64(nil, b.sum.Sum64())), b.buffer.Flush())
	if err == nil {
		err = b.out.Sync()
	}
	err = errors.Join(err, b.out.Close())
	b.out = nil
	if err == nil {
		err = b.volume.SyncDir(b.volume.Path(volume.Keys))
	}
	var f *file
	if err == nil {
		f, err = openFile(b.volume, b.meta)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("key file %s: %w", b.meta.Name, err), b.volume.RemoveIfThere(b.path))
	}
	return f, nil
}

// abort removes the file if it was not finished.
func (b *builder) abort() error {
	if b.out == nil {
		return nil
	}
	err := errors.Join(b.out.Close(), b.volume.RemoveIfThere(b.path))
	b.out = nil
	return err
}

// reading reads the keys of a file in order, to look up keys in ascending order.
type reading struct {
	from *file
	in   *bufio.Reader
	next event.Key
	more bool
	left int64
}

// newReading returns a reading of a file. If only a few of its keys are looked up, it searches for each instead.
func newReading(f *file, lookups int64) (*reading, error) {
	r := &reading{from: f, left: f.meta.Keys}
	if f.meta.Keys/keysPerBlock > lookups {
		return r, nil
	}
	r.in = bufio.NewReaderSize(io.NewSectionReader(f.reader, int64(len(keyMagic)), math.MaxInt64-int64(len(keyMagic))), keysBuffer)
	return r, r.advance()
}

func (r *reading) advance() error {
	if r.more = r.left > 0; !r.more {
		return nil
	}
	r.left--
	var b [keyBytes]byte
	if _, err := io.ReadFull(r.in, b[:]); err != nil {
		return fmt.Errorf("key file %s: %w", r.from.meta.Name, err)
	}
	r.next = keyAt(b[:], 0)
	return nil
}

// has looks up a key that is not before the previous one.
func (r *reading) has(k event.Key) (bool, error) {
	if r.in == nil {
		return r.from.has(k)
	}
	for r.more && compareKeys(r.next, k) < 0 {
		if err := r.advance(); err != nil {
			return false, err
		}
	}
	return r.more && r.next == k, nil
}
