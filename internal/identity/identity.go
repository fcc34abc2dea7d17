// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package identity joins identifiers into persons. It is pure: it gets the links that events state and gives the
// person of every anchor, at a version. The persons depend on the set of links alone, never on the order in which they
// came; docs/identity.md tells the rules with examples.
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

// NewPolicy gives the default policy (deviceId 3, email 2, phone 2, anonymousId 3) with the given limits put over it.
func NewPolicy(maxLinks map[string]int32) Policy {
	limits := map[string]int{"deviceId": 3, "email": 2, "phone": 2, "anonymousId": 3}
	for typ, n := range maxLinks {
		limits[typ] = int(n)
	}
	return Policy{MaxLinks: limits}
}

func (p Policy) equal(q Policy) bool { return maps.Equal(p.MaxLinks, q.MaxLinks) }

func (p Policy) clone() Policy { return Policy{MaxLinks: maps.Clone(p.MaxLinks)} }

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

// Names tells whether identifiers of the type name a person, rather than a device, a browser or a thing.
func Names(typ string) bool { return event.Strength(typ) <= event.Strength("phone") }

// Edge states that two identifiers belong together. An edge of a node with itself makes the node known.
type Edge struct {
	// Strong is the strongest identity of the event, Weak another one of it.
	Strong, Weak Node
	// Time and Key of the event: edges are taken in this order.
	Time int64
	Key  event.Key
	// Explicit says that the event is an alias, which may join two customers.
	Explicit bool
	// Own says that ingestion states it, and not the sender: it is trusted whatever the source is.
	Own bool
}

// own is the source of what ingestion states.
var own = Source{Name: "\x00ingestion"}

// EdgesOf gives what an event says: its strongest identity linked with each other one; with itself if it has no other.
// One without identities says nothing. System events link nothing.
func EdgesOf(e *event.Event) []Edge {
	if len(e.Identities) == 0 {
		return nil
	}
	best := e.Identities[0]
	for _, id := range e.Identities[1:] {
		if event.CompareIdentities(id, best) < 0 {
			best = id
		}
	}
	strong, key := nodeOf(best), e.Key()
	edges := make([]Edge, 0, len(e.Identities))
	for _, id := range e.Identities {
		if id != best && e.Kind != event.System {
			edges = append(edges, Edge{Strong: strong, Weak: nodeOf(id), Time: e.Time, Key: key, Explicit: e.Kind == event.Alias, Own: e.Flags&event.FlagOwn != 0})
		}
	}
	if len(edges) == 0 {
		edges = append(edges, Edge{Strong: strong, Weak: strong, Time: e.Time, Key: key})
	}
	return edges
}

func nodeOf(id event.Identity) Node { return Node{Anchor: id.Anchor(), Type: id.Type} }

// joinsCustomers tells whether the edge is an alias of two customers, which nothing can refuse. An alias with any
// other identifier is a link like others: else a shared device could join customers after all.
func (e Edge) joinsCustomers() bool {
	return e.Explicit && e.Strong.Type == Customer && e.Weak.Type == Customer
}

// compareNodes orders identifiers, the stronger first, then by anchor. The first one of a person gives its number.
func compareNodes(aType string, a event.Anchor, bType string, b event.Anchor) int {
	return cmp.Or(cmp.Compare(event.Strength(aType), event.Strength(bType)), cmp.Compare(a, b))
}

func compareKeys(a, b event.Key) int {
	return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
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
