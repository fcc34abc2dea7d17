// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"sort"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// A key file contains the keys of events, sorted, 16 bytes each, high half first, big-endian, between a magic, whose last byte is the format, and the
// XXH3 checksum of everything before it. A look-up checks a Bloom filter in memory, and reads one block of the file only if the filter matches.
const (
	// Format of key files. In every format the magic comes first in the file, and the checksum last.
	Format        = 1
	keyMagic      = "JMKEYS\x00\x01"
	keyBytes      = 16
	sumBytes      = 8
	keysPerBlock  = 256
	maxMergedKeys = 4 << 20
)

type file struct {
	meta   Meta
	reader volume.ReadFile
	filter *bloom
	// first high half of each block.
	first []uint64
}

// Meta is the manifest entry of a key file.
type Meta struct {
	Name string `json:"name"`
	Keys int64  `json:"keys"`
	// NewestCommit is the latest commit time in it, in microseconds.
	NewestCommit int64 `json:"newestCommit"`
}

// fits reports whether a file of that size has that many keys.
func (m *Meta) fits(size int64) bool {
	keys := size - int64(len(keyMagic)) - sumBytes
	return keys >= 0 && keys%keyBytes == 0 && keys/keyBytes == m.Keys
}

// Bytes returns the size of its keys on the volume.
func (m *Meta) Bytes() int64 { return m.Keys * keyBytes }

func compareKeys(a, b event.Key) int { return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo)) }

func encodeKeys(keys []event.Key) []byte {
	slices.SortFunc(keys, compareKeys)
	b := make([]byte, 0, len(keyMagic)+len(keys)*keyBytes+sumBytes)
	b = append(b, keyMagic...)
	for _, k := range keys {
		b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, k.Hi), k.Lo)
	}
	return binary.BigEndian.AppendUint64(b, xxh3.Hash(b))
}

func keyAt(b []byte, i int) event.Key {
	return event.Key{Hi: binary.BigEndian.Uint64(b[i*keyBytes:]), Lo: binary.BigEndian.Uint64(b[i*keyBytes+8:])}
}

// readKeys returns the keys of a file as bytes, after verifying the checksum.
func readKeys(v *volume.Volume, m Meta) ([]byte, error) {
	b, err := v.ReadFile(v.Path(volume.Keys, m.Name))
	if err != nil {
		return nil, err
	}
	body := len(b) - sumBytes
	if body < len(keyMagic) || string(b[:len(keyMagic)]) != keyMagic || xxh3.Hash(b[:body]) != binary.BigEndian.Uint64(b[body:]) ||
		!m.fits(int64(len(b))) {
		return nil, unreadable(v, m, errKeys)
	}
	return b[len(keyMagic):body], nil
}

// unreadable returns why a file cannot be used: it is complete and of another format, or corrupt.
func unreadable(v *volume.Volume, m Meta, why error) error {
	const name = len(keyMagic) - 1 // The last byte is the format.
	b, err := v.ReadFile(v.Path(volume.Keys, m.Name))
	body := len(b) - sumBytes
	if err == nil && body >= len(keyMagic) && string(b[:name]) == keyMagic[:name] && xxh3.Hash(b[:body]) == binary.BigEndian.Uint64(b[body:]) {
		if err := volume.CheckFormat(filepath.Join(string(volume.Keys), m.Name), int64(b[name]), Format); err != nil {
			return err
		}
	}
	return fmt.Errorf("key file %s is corrupt: %w", m.Name, why)
}

func openFile(v *volume.Volume, m Meta) (*file, error) {
	path := v.Path(volume.Keys, m.Name)
	size, err := v.Size(path)
	if err != nil {
		return nil, err
	}
	if !m.fits(size) {
		return nil, unreadable(v, m, errKeys)
	}
	f, err := v.Open(path)
	if err != nil {
		return nil, err
	}
	k := &file{meta: m, reader: f, filter: newBloom(int(m.Keys))}
	if err := k.read(); err != nil {
		return nil, errors.Join(unreadable(v, m, err), f.Close())
	}
	return k, nil
}

var errKeys = errors.New("its magic, length or checksum differs")

// read verifies the file in parts, and fills in the filter and the first keys.
func (k *file) read() error {
	r := bufio.NewReaderSize(io.NewSectionReader(k.reader, 0, math.MaxInt64), 1<<20)
	block := make([]byte, keysPerBlock*keyBytes)
	sum := xxh3.New()
	part := func(n int) ([]byte, error) {
		_, err := io.ReadFull(r, block[:n])
		return block[:n], err
	}
	b, err := part(len(keyMagic))
	if err != nil || string(b) != keyMagic {
		return errors.Join(errKeys, err)
	}
	_, _ = sum.Write(b) // a hash accepts everything
	for left := k.meta.Keys; left > 0; left -= min(left, keysPerBlock) {
		if b, err = part(int(min(left, keysPerBlock)) * keyBytes); err != nil {
			return errors.Join(errKeys, err)
		}
		_, _ = sum.Write(b)
		k.first = append(k.first, keyAt(b, 0).Hi)
		for i := range len(b) / keyBytes {
			k.filter.add(keyAt(b, i))
		}
	}
	if b, err = part(sumBytes); err != nil || binary.BigEndian.Uint64(b) != sum.Sum64() {
		return errors.Join(errKeys, err)
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return errors.Join(errKeys, err)
	}
	return nil
}

// has looks up a key.
func (k *file) has(key event.Key) (bool, error) {
	if !k.filter.may(key) {
		return false, nil
	}
	// The first block that starts after the key. Equal high halves can start in the block before.
	to := sort.Search(len(k.first), func(i int) bool { return k.first[i] > key.Hi })
	from := max(0, sort.Search(len(k.first), func(i int) bool { return k.first[i] >= key.Hi })-1)
	n := min(int64(to)*keysPerBlock, k.meta.Keys) - int64(from)*keysPerBlock
	if n <= 0 {
		return false, nil
	}
	b := make([]byte, n*keyBytes)
	if _, err := k.reader.ReadAt(b, int64(len(keyMagic))+int64(from)*keysPerBlock*keyBytes); err != nil {
		return false, fmt.Errorf("key file %s: %w", k.meta.Name, err)
	}
	i := sort.Search(int(n), func(i int) bool { return compareKeys(keyAt(b, i), key) >= 0 })
	return i < int(n) && keyAt(b, i) == key, nil
}

func (k *file) close() error {
	if k.reader == nil {
		return nil
	}
	return k.reader.Close()
}

// mergeGroup returns the files that are worth merging: four or more of similar size, none of them large.
func mergeGroup(files []*file) []*file {
	bySize := map[int][]*file{}
	for _, f := range files {
		if f.meta.Keys < maxMergedKeys {
			tier := 0
			for n := f.meta.Keys; n > 1024; n /= 4 {
				tier++
			}
			bySize[tier] = append(bySize[tier], f)
		}
	}
	for tier := range 16 {
		if len(bySize[tier]) >= 4 {
			return bySize[tier]
		}
	}
	return nil
}
