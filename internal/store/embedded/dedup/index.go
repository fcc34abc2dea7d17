// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package dedup is the index of the keys of all events that were ever stored, so that a redelivery is recognised at any time.
package dedup

import (
	"errors"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Index holds the keys of the log's tail in memory, and those of sorted events in key files. It must not be used by several goroutines at once,
// except for Write, which only changes the volume.
type Index struct {
	volume *volume.Volume
	// tail holds the keys of the log, with their commits.
	tail  map[event.Key]int64
	files []*file
	// reserved are keys of a load that is being committed; nil for none.
	reserved *Reserved
}

// Open opens the key files of a manifest.
func Open(v *volume.Volume, metas []Meta) (*Index, error) {
	x := &Index{volume: v, tail: map[event.Key]int64{}}
	for _, m := range metas {
		f, err := openFile(v, m)
		if err != nil {
			return nil, errors.Join(err, x.Close())
		}
		x.files = append(x.files, f)
	}
	return x, nil
}

// Has reports whether an event with the key was stored.
func (x *Index) Has(k event.Key) (bool, error) {
	if _, ok := x.tail[k]; ok {
		return true, nil
	}
	for _, f := range x.files {
		if found, err := f.has(k); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// Reserve reserves keys, until it is called with nil.
func (x *Index) Reserve(r *Reserved) { x.reserved = r }

// Reserved reports whether a key that is not stored is reserved.
func (x *Index) Reserved(k event.Key) (bool, error) { return x.reserved.Has(k) }

// Put adds the key of an event of a commit.
func (x *Index) Put(k event.Key, seq int64) { x.tail[k] = seq }

// Remove removes the key of an event whose commit was not written.
func (x *Index) Remove(k event.Key) { delete(x.tail, k) }

// UpTo returns the keys of the tail up to the commit.
func (x *Index) UpTo(seq int64) []event.Key {
	var keys []event.Key
	for k, s := range x.tail {
		if s <= seq {
			keys = append(keys, k)
		}
	}
	return keys
}

// Use replaces the files by those of a change, and frees the keys up to the commit, which are in the files.
func (x *Index) Use(seq int64, c *Change) {
	rest := make(map[event.Key]int64, len(x.tail)/4)
	for k, s := range x.tail {
		if s > seq {
			rest[k] = s
		}
	}
	x.tail, x.files = rest, c.files
}

// Close the files.
func (x *Index) Close() error { return closeAll(x.files) }

func closeAll(files []*file) error {
	var err error
	for _, f := range files {
		err = errors.Join(err, f.close())
	}
	return err
}

// Change is a set of key files that Write has created, to use once a manifest names them.
type Change struct {
	volume *volume.Volume
	files  []*file
	// added files are new; unused files are no longer in the set.
	added, unused []*file
}

// grace is how long keys are kept beyond twice the retention: eight days, longer than any sender retries.
const grace = 8 * 24 * time.Hour

// Write writes a key file of new keys, merges small files, and omits those with only expired keys: with a retention, a redelivery of their events is
// refused as expired. Times are in microseconds.
func (x *Index) Write(keys []event.Key, now int64, retention time.Duration) (*Change, error) {
	c := &Change{volume: x.volume, files: slices.Clone(x.files)}
	if retention > 0 {
		oldest := now - (2*retention + grace).Microseconds()
		c.drop(func(f *file) bool { return f.meta.NewestCommit < oldest })
	}
	err := c.write(keys, now)
	if err != nil {
		return nil, errors.Join(err, c.Abandon())
	}
	return c, nil
}

func (c *Change) write(keys []event.Key, now int64) error {
	if len(keys) > 0 {
		if err := c.add(keys, now); err != nil {
			return err
		}
	}
	for group := mergeGroup(c.files); len(group) > 0; group = mergeGroup(c.files) {
		c.drop(func(f *file) bool { return slices.Contains(group, f) })
		if err := c.merge(group); err != nil {
			return err
		}
	}
	return nil
}

func (c *Change) drop(unused func(f *file) bool) {
	c.files = slices.DeleteFunc(c.files, func(f *file) bool {
		if unused(f) {
			c.unused = append(c.unused, f)
			return true
		}
		return false
	})
}

func (c *Change) merge(group []*file) error {
	var all []event.Key
	newest := int64(0)
	for _, f := range group {
		b, err := readKeys(c.volume, f.meta)
		if err != nil {
			return err
		}
		for i := range int(f.meta.Keys) {
			all = append(all, keyAt(b, i))
		}
		newest = max(newest, f.meta.NewestCommit)
	}
	return c.add(all, newest)
}

func (c *Change) add(keys []event.Key, newest int64) error {
	m := Meta{Name: c.volume.NewName("keys"), Keys: int64(len(keys)), NewestCommit: newest}
	if err := c.volume.Write(c.volume.Path(volume.Keys, m.Name), encodeKeys(keys)); err != nil {
		return err
	}
	f, err := openFile(c.volume, m)
	if err != nil {
		return err
	}
	c.added, c.files = append(c.added, f), append(c.files, f)
	return nil
}

// Metas of the files, for a manifest.
func (c *Change) Metas() []Meta {
	var metas []Meta
	for _, f := range c.files {
		metas = append(metas, f.meta)
	}
	return metas
}

// RemoveUnused closes and removes the files that are no longer used by the index, which uses the change.
func (c *Change) RemoveUnused() error {
	err := closeAll(c.unused)
	for _, f := range c.unused {
		err = errors.Join(err, c.volume.Remove(c.volume.Path(volume.Keys, f.meta.Name)))
	}
	return err
}

// Abandon closes the files of a change that the index will not use. They stay on the volume, because a manifest could name them; otherwise they are
// removed when the store is opened.
func (c *Change) Abandon() error { return closeAll(c.added) }
