// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const (
	tombstoneKeyName = "tombstone.key"
	tombstoneBytes   = 16
)

// tombstones holds erased anchors as keyed hashes, so that redelivery of an erased person's events is recognised, but nobody without the key on the
// volume can guess identities with the list. It is immutable; with returns a new one.
type tombstones struct {
	key    []byte
	hashes map[string]bool
}

// loadTombstones reads or creates the key.
func loadTombstones(v *volume.Volume, list []string) (*tombstones, error) {
	name := v.Path(volume.Root, tombstoneKeyName)
	key, err := v.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) && len(list) == 0 {
		key = make([]byte, sha256.Size)
		if _, err = rand.Read(key); err == nil {
			err = v.Replace(name, key)
		}
	}
	if err != nil {
		return nil, err
	}
	if len(key) != sha256.Size {
		return nil, fmt.Errorf("%s has %d bytes instead of %d", tombstoneKeyName, len(key), sha256.Size)
	}
	t := &tombstones{key: key, hashes: make(map[string]bool, len(list))}
	for _, text := range list {
		hash, err := hex.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("tombstone %q: %w", text, err)
		}
		t.hashes[string(hash)] = true
	}
	return t, nil
}

func (t *tombstones) empty() bool { return len(t.hashes) == 0 }

func (t *tombstones) has(a event.Anchor) bool { return len(t.hashes) > 0 && t.hashes[t.hash(a)] }

func (t *tombstones) hash(a event.Anchor) string {
	mac := hmac.New(sha256.New, t.key)
	_ = binary.Write(mac, binary.BigEndian, uint64(a))
	return string(mac.Sum(nil)[:tombstoneBytes])
}

// with returns the tombstones with additional anchors.
func (t *tombstones) with(anchors []event.Anchor) *tombstones {
	more := &tombstones{key: t.key, hashes: maps.Clone(t.hashes)}
	for _, a := range anchors {
		more.hashes[t.hash(a)] = true
	}
	return more
}

func (t *tombstones) list() []string {
	list := make([]string, 0, len(t.hashes))
	for h := range t.hashes {
		list = append(list, hex.EncodeToString([]byte(h)))
	}
	slices.Sort(list)
	return list
}
