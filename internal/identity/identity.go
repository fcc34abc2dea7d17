// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package identity defines the types for joining identifiers into persons: identifiers, links, sources, policy, splits, and the persons at one
// version. The packages below it compute the persons; persons.Table is their entry point. They are pure: the input is the links that events state,
// the output is the person of every anchor, at a version. Persons depend only on the set of links, never on the order of arrival. docs/identity.md
// describes the rules with examples.
package identity

import (
	"cmp"
	"maps"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Customer is the type of which two identifiers never become one person, except by an explicit alias.
const Customer = "customerId"

// Policy defines how identifiers are joined.
type Policy struct {
	// MaxLinks is, by type of identifier, the number of stronger identifiers of any one type that it can be linked to. An identifier with more is a hub,
	// which links nothing. Types that are not listed have no limit.
	MaxLinks map[string]int
}

// NewPolicy returns the default policy (deviceId 3, email 2, phone 2, anonymousId 3), overridden by the given limits.
func NewPolicy(maxLinks map[string]int32) Policy {
	limits := map[string]int{"deviceId": 3, "email": 2, "phone": 2, "anonymousId": 3}
	for typ, n := range maxLinks {
		limits[typ] = int(n)
	}
	return Policy{MaxLinks: limits}
}

// Equal reports whether both have the same limits.
func (p Policy) Equal(q Policy) bool { return maps.Equal(p.MaxLinks, q.MaxLinks) }

// Clone returns a deep copy.
func (p Policy) Clone() Policy { return Policy{MaxLinks: maps.Clone(p.MaxLinks)} }

// Node is an identifier: its anchor and its type. The value itself is not stored.
type Node struct {
	Anchor event.Anchor
	Type   string
}

// Source is the origin of links.
type Source struct {
	// Name of it.
	Name string
	// Public is set if anybody can send in its name, as with the write key of a web page. Its links do not join two persons that have names of their
	// own, and are processed after all others; see docs/identity.md.
	Public bool
}

// Names reports whether identifiers of the type name a person, not a device, a browser or a thing.
func Names(typ string) bool { return event.Strength(typ) <= event.Strength("phone") }

// Own is the source of what ingestion states itself.
var Own = Source{Name: "\x00ingestion"}

// CompareNodes orders identifiers by strength, the strongest first, then by anchor. The first one of a person gives its number.
func CompareNodes(aType string, a event.Anchor, bType string, b event.Anchor) int {
	return cmp.Or(cmp.Compare(event.Strength(aType), event.Strength(bType)), cmp.Compare(a, b))
}

// Stats are statistics of a table.
type Stats struct {
	// Persons is the number of persons. Hubs are not persons.
	Persons int64
	// Hubs is the number of identifiers that no longer link.
	Hubs int64
	// RefusedMerges is the number of links, each pair of identifiers once, whose ends belong to two customers.
	RefusedMerges int64
	// RefusedPublic is the number of links that only public sources state, each pair once, and that do not count because both ends belong to persons
	// with names of their own.
	RefusedPublic int64
	// Identifiers and Links are the numbers of known ones.
	Identifiers, Links int64
}
