// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package identity has the words of joining identifiers into persons: identifiers, links, sources, policy, splits, and the persons at one version.
// Who is a person is found in the packages below, with persons.Table on top. It is pure: it gets the links that events state and gives the
// person of every anchor, at a version. The persons depend on the set of links alone, never on the order in which they
// came; docs/identity.md describes the rules with examples.
package identity

import (
	"cmp"
	"maps"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Customer is the type of which no two identifiers become one person, but by an explicit alias.
const Customer = "customerId"

// Policy tunes how identifiers are joined.
type Policy struct {
	// MaxLinks is, by type of identifier, the number of stronger identifiers of any one type that it may be linked to.
	// One with more is a hub, which links nothing. Types that are not named have no limit.
	MaxLinks map[string]int
}

// NewPolicy returns the default policy (deviceId 3, email 2, phone 2, anonymousId 3) with the given limits put over it.
func NewPolicy(maxLinks map[string]int32) Policy {
	limits := map[string]int{"deviceId": 3, "email": 2, "phone": 2, "anonymousId": 3}
	for typ, n := range maxLinks {
		limits[typ] = int(n)
	}
	return Policy{MaxLinks: limits}
}

// Equal reports whether both have the same limits.
func (p Policy) Equal(q Policy) bool { return maps.Equal(p.MaxLinks, q.MaxLinks) }

// Clone returns a copy that shares nothing.
func (p Policy) Clone() Policy { return Policy{MaxLinks: maps.Clone(p.MaxLinks)} }

// Node is an identifier: its anchor and its type. The value itself is not kept.
type Node struct {
	Anchor event.Anchor
	Type   string
}

// Source is whom links come from.
type Source struct {
	// Name of it.
	Name string
	// Public says that anybody can send in its name, as the write key of a web page lets them. Its links join no two persons
	// that have names of their own, and count after all others; see docs/identity.md.
	Public bool
}

// Names reports whether identifiers of the type name a person, rather than a device, a browser or a thing.
func Names(typ string) bool { return event.Strength(typ) <= event.Strength("phone") }

// Own is the source of what ingestion states.
var Own = Source{Name: "\x00ingestion"}

// CompareNodes orders identifiers, the stronger first, then by anchor. The first one of a person gives its number.
func CompareNodes(aType string, a event.Anchor, bType string, b event.Anchor) int {
	return cmp.Or(cmp.Compare(event.Strength(aType), event.Strength(bType)), cmp.Compare(a, b))
}

// Stats of a table.
type Stats struct {
	// Persons known; hubs are not persons.
	Persons int64
	// Hubs are the identifiers that stopped linking.
	Hubs int64
	// RefusedMerges are the links, each pair of identifiers once, whose ends belong to two customers.
	RefusedMerges int64
	// RefusedPublic are the links that public sources alone claim, each pair once, and that do not count because both ends belong
	// to persons with names of their own.
	RefusedPublic int64
	// Identifiers and Links known.
	Identifiers, Links int64
}
