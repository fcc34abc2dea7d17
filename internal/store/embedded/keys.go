// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// keyIndex knows the keys of all events that were ever stored, so that a redelivery is recognised whenever it comes: the keys of the
// log's tail are in memory, those of sorted events in key files. The commit lock guards it.
type keyIndex struct {
	// tail holds keys of the log by the commit that brought them.
	tail  map[event.Key]int64
	files []*keyFile
}

func newKeyIndex() *keyIndex { return &keyIndex{tail: map[event.Key]int64{}} }

func (x *keyIndex) has(k event.Key) (bool, error) {
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

func (x *keyIndex) put(k event.Key, seq int64) { x.tail[k] = seq }

func (x *keyIndex) remove(k event.Key) { delete(x.tail, k) }

// upTo gives the keys of the tail up to the commit.
func (x *keyIndex) upTo(seq int64) []event.Key {
	var keys []event.Key
	for k, s := range x.tail {
		if s <= seq {
			keys = append(keys, k)
		}
	}
	return keys
}

// sorted moves the keys up to the commit out of memory, once the key file that has them is in the manifest.
func (x *keyIndex) sorted(seq int64, files []*keyFile) {
	rest := make(map[event.Key]int64, len(x.tail)/4)
	for k, s := range x.tail {
		if s > seq {
			rest[k] = s
		}
	}
	x.tail, x.files = rest, files
}

func (x *keyIndex) close() error {
	var err error
	for _, f := range x.files {
		err = errors.Join(err, f.close())
	}
	return err
}

// writeKeys makes key files of new keys, and merges small ones. It gives the files to use from now on and those that are not needed
// any more; an unused one may be removed when the manifest does not name it.
func (s *Store) writeKeys(keys []event.Key) (files, unused []*keyFile, err error) {
	files = slices.Clone(s.keys.files)
	now := s.options.Clock().UnixMicro()
	if s.options.Retention > 0 {
		// Redelivery of an event is refused as expired when its key has gone.
		oldest := now - 2*s.options.Retention.Microseconds() - keyGrace
		files = slices.DeleteFunc(files, func(f *keyFile) bool {
			if f.meta.NewestCommit < oldest {
				unused = append(unused, f)
				return true
			}
			return false
		})
	}
	if len(keys) > 0 {
		if files, err = s.addKeyFile(files, keys, now); err != nil {
			return nil, nil, err
		}
	}
	for group := mergeKeys(files); len(group) > 0; group = mergeKeys(files) {
		files = slices.DeleteFunc(files, func(f *keyFile) bool { return slices.Contains(group, f) })
		unused = append(unused, group...)
		var all []event.Key
		newest := int64(0)
		for _, f := range group {
			b, err := readKeys(s.volume, f.meta)
			if err != nil {
				return nil, nil, err
			}
			for i := range int(f.meta.Keys) {
				all = append(all, keyAt(b, i))
			}
			newest = max(newest, f.meta.NewestCommit)
		}
		if files, err = s.addKeyFile(files, all, newest); err != nil {
			return nil, nil, err
		}
	}
	return files, unused, nil
}

// keyGrace is for how long keys are kept beyond twice the retention: eight days, longer than any sender tries again.
const keyGrace = 8 * 24 * 3600 * 1_000_000

func (s *Store) addKeyFile(files []*keyFile, keys []event.Key, newest int64) ([]*keyFile, error) {
	m := keyMeta{Name: s.volume.NewName("keys"), Keys: int64(len(keys)), NewestCommit: newest}
	if err := s.volume.Write(s.volume.Path(volume.Keys, m.Name), encodeKeys(keys)); err != nil {
		return nil, err
	}
	f, err := openKeyFile(s.volume, m)
	if err != nil {
		return nil, err
	}
	return append(files, f), nil
}
