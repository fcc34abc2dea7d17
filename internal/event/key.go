// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"cmp"
	"slices"

	"github.com/zeebo/xxh3"
)

// Key identifies an event: the 128-bit XXH3 hash of source and id. Two receipts with the same key are one event.
type Key struct {
	Hi, Lo uint64
}

// Anchor is the 64-bit XXH3 hash of an identity. An event permanently belongs to the anchor of its strongest identity. The identity table defines the
// person of an anchor. The probability that any two of n identities share an anchor is about n²/2⁶⁵: three in a million for ten million identities.
type Anchor uint64

const sep = "\x00"

// KeyOf returns the key of an event of a source.
func KeyOf(source, id string) Key {
	h := xxh3.HashString128(source + sep + id)
	return Key{Hi: h.Hi, Lo: h.Lo}
}

// Key returns the key of the event.
func (e *Event) Key() Key { return KeyOf(e.Source, e.ID) }

// Anchor returns the anchor of the identity.
func (i Identity) Anchor() Anchor { return Anchor(xxh3.HashString(i.Type + sep + i.Value)) }

// Anchor returns the anchor of the event, which is that of its strongest identity. An event without identities has an anchor of its own, derived from
// source and id, so that such events spread over files and shards like others. The empty text before them separates it from the anchors of
// identities.
func (e *Event) Anchor() Anchor {
	if len(e.Identities) == 0 {
		return Anchor(xxh3.HashString(sep + e.Source + sep + e.ID))
	}
	return e.Strongest().Anchor()
}

// Strongest returns the strongest identity of an event that has one.
func (e *Event) Strongest() Identity { return slices.MinFunc(e.Identities, CompareIdentities) }

// strength lists the known types, strongest first. Other types are between deviceId and anonymousId.
var strength = map[string]int{
	"customerId": 0, "loyaltyId": 1, "email": 2, "phone": 3, "deviceId": 4, "anonymousId": 6,
}

const customStrength = 5

// Strength returns the strength of an identity type; smaller is stronger.
func Strength(typ string) int {
	if s, ok := strength[typ]; ok {
		return s
	}
	return customStrength
}

// CompareIdentities orders identities: the stronger type first, then by type and value.
func CompareIdentities(a, b Identity) int {
	return cmp.Or(
		cmp.Compare(Strength(a.Type), Strength(b.Type)),
		cmp.Compare(a.Type, b.Type),
		cmp.Compare(a.Value, b.Value),
	)
}

// Normalize sorts the identities, strongest first, and removes repeats.
func (e *Event) Normalize() {
	slices.SortFunc(e.Identities, CompareIdentities)
	e.Identities = slices.Compact(e.Identities)
}
