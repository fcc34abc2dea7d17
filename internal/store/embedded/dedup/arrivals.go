// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"math/bits"
	"runtime"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const (
	// arrivalRanges is the number of temporary files of Arrivals. One of them is sorted in memory at a time.
	arrivalRanges = 256
	arrivalBytes  = keyBytes + 4 + 8
	arrivalBuffer = 32 << 10
)

// Arrivals are the events of a load, in temporary files by ranges of the first bits of their keys. What is sorted are 28 bytes of each event, not the
// events.
type Arrivals struct {
	volume *volume.Volume
	ranges [arrivalRanges]*arrivalRange
	// Events is their number, Bytes their size on the volume.
	Events, Bytes int64
}

type arrivalRange struct {
	path   string
	file   volume.File
	buffer *bufio.Writer
}

// arrival is an event of a load: its key, its number in the load, and its time.
type arrival struct {
	key  event.Key
	row  int32
	time int64
}

// NewArrivals returns an empty collection. Close it.
func NewArrivals(v *volume.Volume) *Arrivals { return &Arrivals{volume: v} }

// Add adds an event.
func (a *Arrivals) Add(k event.Key, row int32, time int64) error {
	i, _ := bits.Mul64(k.Hi, arrivalRanges)
	r := a.ranges[i]
	if r == nil {
		r = &arrivalRange{path: a.volume.Path(volume.Temp, a.volume.NewName("arrivals"))}
		var err error
		if r.file, err = a.volume.Create(r.path); err != nil {
			return err
		}
		r.buffer = bufio.NewWriterSize(r.file, arrivalBuffer)
		a.ranges[i] = r
	}
	var b [arrivalBytes]byte
	binary.BigEndian.PutUint64(b[:], k.Hi)
	binary.BigEndian.PutUint64(b[8:], k.Lo)
	binary.BigEndian.PutUint32(b[keyBytes:], uint32(row))
	binary.BigEndian.PutUint64(b[keyBytes+4:], uint64(time))
	a.Events++
	a.Bytes += arrivalBytes
	_, err := r.buffer.Write(b[:])
	return err
}

// each calls f for each key, in ascending order, with its events in the order in which they came.
func (a *Arrivals) each(f func(same []arrival) error) error {
	for _, r := range a.ranges {
		if r == nil {
			continue
		}
		runtime.Gosched() // Appends do not wait for the other ranges.
		list, err := r.sorted(a.volume)
		if err != nil {
			return err
		}
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n].key == list[0].key {
				n++
			}
			if err := f(list[:n]); err != nil {
				return err
			}
			list = list[n:]
		}
	}
	return nil
}

func (r *arrivalRange) sorted(v *volume.Volume) ([]arrival, error) {
	if err := r.buffer.Flush(); err != nil {
		return nil, err
	}
	b, err := v.ReadFile(r.path)
	if err != nil {
		return nil, err
	}
	list := make([]arrival, len(b)/arrivalBytes)
	for i := range list {
		at := b[i*arrivalBytes:]
		list[i] = arrival{
			key: keyAt(at, 0), row: int32(binary.BigEndian.Uint32(at[keyBytes:])), time: int64(binary.BigEndian.Uint64(at[keyBytes+4:])),
		}
	}
	slices.SortFunc(list, func(x, y arrival) int { return cmp.Or(compareKeys(x.key, y.key), cmp.Compare(x.row, y.row)) })
	return list, nil
}

// Close removes the temporary files. After an error, it can be called again.
func (a *Arrivals) Close() error {
	var err error
	for i, r := range a.ranges {
		if r == nil {
			continue
		}
		if r.file != nil {
			err = errors.Join(err, r.file.Close())
			r.file = nil
		}
		removeErr := a.volume.RemoveIfThere(r.path)
		if removeErr == nil {
			a.ranges[i] = nil
		}
		err = errors.Join(err, removeErr)
	}
	return err
}

// Reserved are the keys of a load that is being committed. Appends do not store them in the meantime.
type Reserved struct {
	volume *volume.Volume
	file   *file
}

// Reserve collects the keys.
func (a *Arrivals) Reserve() (*Reserved, error) {
	b, err := newBuilder(a.volume, 0)
	if err != nil {
		return nil, err
	}
	if err := a.each(func(same []arrival) error { return b.put(same[0].key) }); err != nil {
		return nil, errors.Join(err, b.abort())
	}
	f, err := b.finish()
	return &Reserved{volume: a.volume, file: f}, err
}

// Has reports whether a key is reserved.
func (r *Reserved) Has(k event.Key) (bool, error) {
	if r == nil {
		return false, nil
	}
	return r.file.has(k)
}

// Close removes the file.
func (r *Reserved) Close() error {
	if r == nil || r.file == nil {
		return nil
	}
	return errors.Join(r.file.close(), r.volume.RemoveIfThere(r.volume.Path(volume.Keys, r.file.meta.Name)))
}

// Settled says which events of a load are new.
type Settled struct {
	// Duplicates and Expired are the numbers of others.
	Duplicates, Expired int64
	// Dropped has the numbers of the others.
	Dropped Rows
	file    *file
}

// Rows is a set of numbers of rows.
type Rows []uint64

// Has reports whether a row is in the set.
func (r Rows) Has(row int32) bool { return int(row/64) < len(r) && r[row/64]&(1<<(row%64)) != 0 }

// Settle finds the events that are stored already, repeat an earlier one of the load, or are older than the horizon, and writes a key file of the
// others. tail are the keys of the log. Keys of gone, which can be nil, count as not stored. It merges the keys of the load, which are sorted, with the
// sorted key files. No key of the load may be added to the index in the meantime.
func (x *Index) Settle(a *Arrivals, tail []event.Key, gone *Gone, horizon, now int64, rows int64) (_ *Settled, err error) {
	s := &Settled{Dropped: make(Rows, rows/64+1)}
	known, err := x.known(a.Events, tail, gone)
	if err != nil {
		return nil, err
	}
	b, err := newBuilder(a.volume, now)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.abort()) }()
	err = a.each(func(same []arrival) error {
		taken, err := known.has(same[0].key)
		if err != nil {
			return err
		}
		for _, e := range same {
			switch {
			case taken:
				s.Duplicates++
			case e.time < horizon:
				s.Expired++
			default:
				taken = true
				if err := b.put(e.key); err != nil {
					return err
				}
				continue
			}
			s.Dropped[e.row/64] |= 1 << (e.row % 64)
		}
		return nil
	})
	if err != nil || b.meta.Keys == 0 {
		return s, err
	}
	s.file, err = b.finish()
	return s, err
}

// known looks up the stored keys in ascending order.
type known struct {
	files []*reading
	tail  []event.Key
	gone  *Gone
	// list are the sorted keys of gone in a range.
	list []event.Key
	at   int
}

func (x *Index) known(lookups int64, tail []event.Key, gone *Gone) (*known, error) {
	k := &known{tail: slices.SortedFunc(slices.Values(tail), compareKeys), gone: gone, at: -1}
	for _, f := range x.files {
		r, err := newReading(f, lookups)
		if err != nil {
			return nil, err
		}
		k.files = append(k.files, r)
	}
	return k, nil
}

func (k *known) has(key event.Key) (found bool, err error) {
	for len(k.tail) > 0 && compareKeys(k.tail[0], key) < 0 {
		k.tail = k.tail[1:]
	}
	found = len(k.tail) > 0 && k.tail[0] == key
	for i := 0; i < len(k.files) && !found; i++ {
		if found, err = k.files[i].has(key); err != nil {
			return false, err
		}
	}
	if !found || k.gone == nil {
		return found, nil
	}
	if i := k.gone.rangeOf(key); i != k.at {
		k.at = i
		if k.list, err = k.gone.sorted(i); err != nil {
			return false, err
		}
	}
	_, removed := slices.BinarySearchFunc(k.list, key, compareKeys)
	return !removed, nil
}

// Bring returns a change with the keys of a load in addition to another one, or to the current files if that is nil.
func (x *Index) Bring(c *Change, s *Settled) *Change {
	if c == nil {
		c = &Change{volume: x.volume, files: slices.Clone(x.files)}
	}
	if s.file != nil {
		c.added, c.files = append(c.added, s.file), append(c.files, s.file)
		s.file = nil
	}
	return c
}

// Close closes and removes the key file, unless a change has it.
func (s *Settled) Close(v *volume.Volume) error {
	if s == nil || s.file == nil {
		return nil
	}
	return errors.Join(s.file.close(), v.RemoveIfThere(v.Path(volume.Keys, s.file.meta.Name)))
}
