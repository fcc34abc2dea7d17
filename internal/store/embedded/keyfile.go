// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"sort"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// A key file holds the keys of events, sorted, 16 bytes each, high half first, big-endian, between a magic and the XXH3 sum of all
// before it. A look-up asks a Bloom filter in memory, and reads one block of the file only when that says "maybe".
const (
	keyMagic      = "JMKEYS\x00\x01"
	keyBytes      = 16
	keysPerBlock  = 256
	keysDir       = "keys"
	maxMergedKeys = 4 << 20
)

type keyFile struct {
	meta   keyMeta
	file   ReadFile
	filter *bloom
	// first high half of each block.
	first []uint64
}

// keyMeta is what the manifest knows of a key file.
type keyMeta struct {
	Name string `json:"name"`
	Keys int64  `json:"keys"`
	// NewestCommit time in it, microseconds.
	NewestCommit int64 `json:"newestCommit"`
}

func compareKeys(a, b event.Key) int { return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo)) }

func encodeKeys(keys []event.Key) []byte {
	slices.SortFunc(keys, compareKeys)
	b := make([]byte, 0, len(keyMagic)+len(keys)*keyBytes+8)
	b = append(b, keyMagic...)
	for _, k := range keys {
		b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, k.Hi), k.Lo)
	}
	return binary.BigEndian.AppendUint64(b, xxh3.Hash(b))
}

func keyAt(b []byte, i int) event.Key {
	return event.Key{Hi: binary.BigEndian.Uint64(b[i*keyBytes:]), Lo: binary.BigEndian.Uint64(b[i*keyBytes+8:])}
}

// readKeys gives the keys of a file as their bytes, after checking the sum.
func readKeys(fs FS, dir string, m keyMeta) ([]byte, error) {
	b, err := fs.ReadFile(filepath.Join(dir, keysDir, m.Name))
	if err != nil {
		return nil, err
	}
	body := len(b) - 8
	if body < len(keyMagic) || string(b[:len(keyMagic)]) != keyMagic || xxh3.Hash(b[:body]) != binary.BigEndian.Uint64(b[body:]) ||
		int64(body-len(keyMagic)) != m.Keys*keyBytes {
		return nil, fmt.Errorf("key file %s is damaged", m.Name)
	}
	return b[len(keyMagic):body], nil
}

func openKeyFile(fs FS, dir string, m keyMeta) (*keyFile, error) {
	b, err := readKeys(fs, dir, m)
	if err != nil {
		return nil, err
	}
	k := &keyFile{meta: m, filter: newBloom(int(m.Keys))}
	for i := range int(m.Keys) {
		key := keyAt(b, i)
		k.filter.add(key)
		if i%keysPerBlock == 0 {
			k.first = append(k.first, key.Hi)
		}
	}
	k.file, err = fs.Open(filepath.Join(dir, keysDir, m.Name))
	return k, err
}

// has looks the key up.
func (k *keyFile) has(key event.Key) (bool, error) {
	if !k.filter.may(key) {
		return false, nil
	}
	// The first block that begins behind the key; equal high halves may begin in the block before.
	to := sort.Search(len(k.first), func(i int) bool { return k.first[i] > key.Hi })
	from := max(0, sort.Search(len(k.first), func(i int) bool { return k.first[i] >= key.Hi })-1)
	n := min(int64(to)*keysPerBlock, k.meta.Keys) - int64(from)*keysPerBlock
	if n <= 0 {
		return false, nil
	}
	b := make([]byte, n*keyBytes)
	if _, err := k.file.ReadAt(b, int64(len(keyMagic))+int64(from)*keysPerBlock*keyBytes); err != nil {
		return false, fmt.Errorf("key file %s: %w", k.meta.Name, err)
	}
	i := sort.Search(int(n), func(i int) bool { return compareKeys(keyAt(b, i), key) >= 0 })
	return i < int(n) && keyAt(b, i) == key, nil
}

func (k *keyFile) close() error {
	if k.file == nil {
		return nil
	}
	return k.file.Close()
}

// mergeKeys gives the files that are worth being made one: four or more of like size, none of them large.
func mergeKeys(files []*keyFile) []*keyFile {
	bySize := map[int][]*keyFile{}
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
