// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/bits"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const (
	// goneKeys is the approximate number of keys of a Gone in memory.
	goneKeys = 2 << 20
	// maxRanges is the number of temporary files of a Gone.
	maxRanges  = 128
	keysBuffer = 256 << 10
)

// Gone collects keys to remove. Temporary files hold them by ranges of their first bits, so that the keys of one range fit into memory.
type Gone struct {
	volume *volume.Volume
	// Keys is their number.
	Keys   int64
	ranges []*goneRange
}

type goneRange struct {
	path   string
	file   volume.File
	buffer *bufio.Writer
}

// NewGone returns a collection for up to that many keys. Close it.
func NewGone(v *volume.Volume, most int64) *Gone {
	return &Gone{volume: v, ranges: make([]*goneRange, min(most/goneKeys+1, maxRanges))}
}

func (g *Gone) rangeOf(k event.Key) int {
	i, _ := bits.Mul64(k.Hi, uint64(len(g.ranges)))
	return int(i)
}

// Add adds a key.
func (g *Gone) Add(k event.Key) error {
	i := g.rangeOf(k)
	if g.ranges[i] == nil {
		path := g.volume.Path(volume.Temp, g.volume.NewName("gone"))
		f, err := g.volume.Create(path)
		if err != nil {
			return err
		}
		g.ranges[i] = &goneRange{path: path, file: f, buffer: bufio.NewWriterSize(f, keysBuffer)}
	}
	var b [keyBytes]byte
	binary.BigEndian.PutUint64(b[:], k.Hi)
	binary.BigEndian.PutUint64(b[8:], k.Lo)
	g.Keys++
	_, err := g.ranges[i].buffer.Write(b[:])
	return err
}

// sorted returns the keys of a range.
func (g *Gone) sorted(i int) ([]event.Key, error) {
	r := g.ranges[i]
	if r == nil {
		return nil, nil
	}
	if err := r.buffer.Flush(); err != nil {
		return nil, err
	}
	b, err := g.volume.ReadFile(r.path)
	if err != nil {
		return nil, err
	}
	keys := make([]event.Key, len(b)/keyBytes)
	for n := range keys {
		keys[n] = keyAt(b, n)
	}
	slices.SortFunc(keys, compareKeys)
	return keys, nil
}

// Close removes the temporary files.
func (g *Gone) Close() error {
	var err error
	for _, r := range g.ranges {
		if r != nil {
			err = errors.Join(err, r.file.Close(), g.volume.RemoveIfThere(r.path))
		}
	}
	g.ranges = nil
	return err
}

// Forget writes the key files without the given keys, and returns the number of keys that it left out. It only changes the volume. Files without any
// of the keys stay.
func (x *Index) Forget(g *Gone) (_ *Change, keys int64, err error) {
	c := &Change{volume: x.volume, files: slices.Clone(x.files)}
	var thinned []*thinning
	defer func() {
		for _, t := range thinned {
			err = errors.Join(err, t.close())
		}
	}()
	for _, f := range x.files {
		t, err := newThinning(c.volume, f)
		if err != nil {
			return nil, 0, err
		}
		thinned = append(thinned, t)
	}
	for i := range g.ranges {
		gone, err := g.sorted(i)
		if err != nil {
			return nil, 0, err
		}
		for _, t := range thinned {
			if err := t.until(func(k event.Key) bool { return g.rangeOf(k) > i }, gone); err != nil {
				return nil, 0, err
			}
		}
	}
	for _, t := range thinned {
		n, err := t.finish(c)
		if err != nil {
			return nil, 0, errors.Join(err, c.Abandon())
		}
		keys += n
	}
	return c, keys, nil
}

// thinning copies a key file without some keys.
type thinning struct {
	volume *volume.Volume
	from   *file
	in     *bufio.Reader
	// next is the next key to copy if more is set, left the number of keys after it.
	next event.Key
	more bool
	left int64
	read *xxh3.Hasher
	to   *builder
}

func newThinning(v *volume.Volume, from *file) (*thinning, error) {
	t := &thinning{volume: v, from: from, left: from.meta.Keys, read: xxh3.New()}
	t.in = bufio.NewReaderSize(io.NewSectionReader(from.reader, 0, math.MaxInt64), keysBuffer)
	head := make([]byte, len(keyMagic))
	if _, err := io.ReadFull(t.in, head); err != nil {
		return nil, unreadable(v, from.meta, err)
	}
	_, _ = t.read.Write(head) // a hash accepts everything
	var err error
	if t.to, err = newBuilder(v, from.meta.NewestCommit); err != nil {
		return nil, err
	}
	if err := t.advance(); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// advance reads the next key.
func (t *thinning) advance() error {
	if t.more = t.left > 0; !t.more {
		return nil
	}
	t.left--
	var b [keyBytes]byte
	if _, err := io.ReadFull(t.in, b[:]); err != nil {
		return unreadable(t.volume, t.from.meta, err)
	}
	_, _ = t.read.Write(b[:]) // a hash accepts everything
	t.next = keyAt(b[:], 0)
	return nil
}

// until copies keys up to the first one beyond the range, without those of a sorted list.
func (t *thinning) until(beyond func(event.Key) bool, gone []event.Key) error {
	for t.more && !beyond(t.next) {
		for len(gone) > 0 && compareKeys(gone[0], t.next) < 0 {
			gone = gone[1:]
		}
		if len(gone) == 0 || gone[0] != t.next {
			if err := t.to.put(t.next); err != nil {
				return err
			}
		}
		if err := t.advance(); err != nil {
			return err
		}
	}
	return nil
}

// finish makes the new file durable and adds it to a change if it has fewer keys. It returns how many fewer.
func (t *thinning) finish(c *Change) (fewer int64, err error) {
	var sum [sumBytes]byte
	if _, err := io.ReadFull(t.in, sum[:]); err != nil || binary.BigEndian.Uint64(sum[:]) != t.read.Sum64() {
		return 0, unreadable(t.volume, t.from.meta, errors.Join(errKeys, err))
	}
	fewer = t.from.meta.Keys - t.to.meta.Keys
	if fewer == 0 {
		return 0, nil
	}
	c.drop(func(f *file) bool { return f == t.from })
	if t.to.meta.Keys == 0 {
		return fewer, nil
	}
	f, err := t.to.finish()
	if err != nil {
		return 0, err
	}
	c.added, c.files = append(c.added, f), append(c.files, f)
	return fewer, nil
}

// close removes the new file if it was not completed.
func (t *thinning) close() error { return t.to.abort() }
