// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
)

// CustomerID is the identity type of which a person has only one, except by an explicit alias.
const CustomerID = "customerId"

// Hasher replaces identifiers by keyed hashes. The nil Hasher hashes nothing. It is safe for concurrent use.
type Hasher struct {
	types map[string]bool
	keys  []key
}

// key is one pepper, with a pool of keyed hashes, because creating one costs as much as using it. The zero key leaves everything in clear text.
type key struct {
	prefix string
	macs   *sync.Pool
}

// NewHasher returns a hasher for the identity types with the peppers. The first pepper is the current one; further ones are previous ones, whose
// hashes are also stored during a rotation. Without types it returns nil. There must be at least one pepper.
func NewHasher(types []v1alpha1.IdentityType, peppers [][]byte) *Hasher {
	if len(types) == 0 {
		return nil
	}
	h := &Hasher{types: make(map[string]bool, len(types))}
	for _, t := range types {
		h.types[string(t)] = true
	}
	for _, p := range peppers {
		h.keys = append(h.keys, newKey(p))
	}
	return h
}

// NewClear returns a Hasher that does everything except hashing: it returns the normalised identifier instead.
func NewClear(types []v1alpha1.IdentityType) *Hasher {
	h := NewHasher(types, nil)
	if h != nil {
		h.keys = []key{{}}
	}
	return h
}

// versionDigits is the length of the key's fingerprint before a hash.
const versionDigits = 8

func newKey(pepper []byte) key {
	version := hmac.New(sha256.New, pepper)
	version.Write([]byte("journeyman pepper version"))
	return key{
		prefix: "h" + hex.EncodeToString(version.Sum(nil))[:versionDigits] + ":",
		macs:   &sync.Pool{New: func() any { return hmac.New(sha256.New, pepper) }},
	}
}

// hash returns h, the version of the key, a colon and the hash in hexadecimal.
func (k *key) hash(normalized string) string {
	if k.macs == nil {
		return normalized
	}
	mac := k.macs.Get().(hash.Hash)
	mac.Reset()
	mac.Write([]byte(normalized))
	var sum [sha256.Size]byte
	out := k.prefix + hex.EncodeToString(mac.Sum(sum[:0]))
	k.macs.Put(mac)
	return out
}

// Covers reports whether a normalised identifier must not be stored in clear text: its type has to be hashed, or it is an e-mail address under
// another type while e-mail addresses have to be hashed.
func (h *Hasher) Covers(typ, normalized string) bool {
	return h != nil && (h.types[typ] || h.types[Email] && looksLikeEmail(normalized))
}

// Hash returns the hash of a normalised identifier under the current pepper.
func (h *Hasher) Hash(normalized string) string { return h.keys[0].hash(normalized) }

// Rotating reports whether there is a previous pepper.
func (h *Hasher) Rotating() bool { return h != nil && len(h.keys) > 1 }

// Identities appends the forms in which an identity is stored: itself, or its hashes with all peppers. For a customerId it only appends the current
// hash, because two of them on one event would be two people; see Alias.
func (h *Hasher) Identities(out []event.Identity, typ, normalized string) []event.Identity {
	if !h.Covers(typ, normalized) {
		return append(out, event.Identity{Type: typ, Value: normalized})
	}
	if h.types[Email] && !h.types[typ] {
		normalized = normalizeEmail(normalized)
	}
	for i := range h.keys {
		if i > 0 && typ == CustomerID {
			break
		}
		out = append(out, event.Identity{Type: typ, Value: h.keys[i].hash(normalized)})
	}
	return out
}

// Alias returns the identities of an event that joins the hashes of an identifier with all peppers, or nil if there is nothing to join.
func (h *Hasher) Alias(typ, normalized string) []event.Identity {
	if !h.Rotating() || !h.Covers(typ, normalized) {
		return nil
	}
	return h.All(typ, normalized)
}

// All returns the forms in which an identity can ever have been stored: its hashes with all peppers, or itself if it is not hashed.
func (h *Hasher) All(typ, normalized string) []event.Identity {
	if !h.Covers(typ, normalized) {
		return []event.Identity{{Type: typ, Value: normalized}}
	}
	if h.types[Email] && !h.types[typ] {
		normalized = normalizeEmail(normalized)
	}
	out := make([]event.Identity, len(h.keys))
	for i := range h.keys {
		out[i] = event.Identity{Type: typ, Value: h.keys[i].hash(normalized)}
	}
	return out
}
