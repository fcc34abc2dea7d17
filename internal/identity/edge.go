// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Edge states that two identifiers belong together. An edge from a node to itself only makes the node known.
type Edge struct {
	// Strong is the strongest identity of the event, Weak another one.
	Strong, Weak Node
	// Time and Key of the event. Edges are processed in this order.
	Time int64
	Key  event.Key
	// Explicit is set if the event is an alias, which can join two customers.
	Explicit bool
	// Own is set if ingestion states it, not the sender. It is trusted no matter what the source is.
	Own bool
}

// EdgesOf returns the edges of an event: its strongest identity linked with each other one, or with itself if it has no other. An event without
// identities has no edges. System events link nothing.
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

// JoinsCustomers reports whether the edge is an alias of two customers, which is never refused. An alias with any other identifier is an ordinary
// link; otherwise a shared device could join customers.
func (e Edge) JoinsCustomers() bool {
	return e.Explicit && e.Strong.Type == Customer && e.Weak.Type == Customer
}

// CompareKeys orders keys of events.
func CompareKeys(a, b event.Key) int {
	return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
}

// Tie is a link between two identifiers, for people to read.
type Tie struct {
	A, B event.Anchor
	// Sources that state it. The source of ingestion's own statements is "ingestion".
	Sources []string
	// Time of the first statement among the most trusted ones, in microseconds since 1970.
	Time int64
	// Public is set if no trusted source states it.
	Public bool
}
