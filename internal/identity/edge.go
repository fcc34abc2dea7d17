// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"

	"github.com/journeyman-dev/journeyman/internal/event"
)

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

// EdgesOf returns what an event says: its strongest identity linked with each other one; with itself if it has no other.
// One without identities says nothing. System events link nothing.
func EdgesOf(e *event.Event) []Edge {
	if len(e.Identities) == 0 {
		return nil
	}
	best := e.Strongest()
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

// JoinsCustomers reports whether the edge is an alias of two customers, which nothing can refuse. An alias with any
// other identifier is a link like others: else a shared device could join customers after all.
func (e Edge) JoinsCustomers() bool {
	return e.Explicit && e.Strong.Type == Customer && e.Weak.Type == Customer
}

// CompareKeys orders keys of events.
func CompareKeys(a, b event.Key) int {
	return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
}

// Tie is a link between two identifiers, as it is told to people.
type Tie struct {
	A, B event.Anchor
	// Sources that state it. What ingestion states by itself has the name "ingestion".
	Sources []string
	// Time of the first statement of those trusted most, microseconds.
	Time int64
	// Public says that no trusted source states it.
	Public bool
}
