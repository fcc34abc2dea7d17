// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package graph finds which identifiers are one person, from the links between them. It has no locks and no versions, and must not be used by several
// goroutines at once.
package graph

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Graph holds identifiers, the links that sources state, and the persons that follow.
//
// Links are processed in order, and a link that would join two customers is refused. That is Kruskal's algorithm with all customers as one
// common root: the links that join are the minimum spanning forest under that order, and a person is the subtree of one customer. A late link
// therefore needs no full recomputation: it replaces the last link on the cycle that it closes, or none (see forest.go). The cost of a call
// depends on the persons that it changes, not on everybody they share an identifier with.
type Graph struct {
	policy identity.Policy
	types  types
	nodes  []node
	index  map[event.Anchor]int32
	edges  []edge
	pairs  map[uint64]int32

	// apart holds the constraints of identifiers that are kept apart from others. See region.go for how they are enforced.
	apart map[int32][]bond
	// veto holds edges that become constraints where they would link, because of vetoBy. It is only used while an identifier is taken out of a person.
	veto   map[int32]bool
	vetoBy int32

	// newest holds the latest time and key, as first received, of any edge. No other edge comes after it.
	newest edge

	// cores is the number of cores, which are what trusted links join. joined is the number by which public links reduce the number of persons.
	cores, joined, hubs, refused int64
	// loneHubs is the number of identifiers that would be persons if they did not have too many public links; see hub.go.
	loneHubs int64

	// sources of links; see source.go. more holds the statements about an edge if several sources make it.
	sources  []identity.Source
	bySource map[string]uint32
	more     map[int32][]origin

	// See public.go: the number of edges that only public sources state, those of them that are refused, and those that are new in the current call.
	publicEdges   int
	refusedPublic map[int32]bool
	news          []int32

	// before holds the number of the person of each identifier before the current call changed it.
	before map[int32]event.Anchor
}

// none ends a list of edges, and is the parent of a root.
const none int32 = -1

// node is one identifier. Identifiers joined by trusted links are a core; its members are in a circular list. Public links join cores to persons.
type node struct {
	anchor event.Anchor
	typ    uint16
	flags  uint8
	// core is the strongest member of the core, next the next member.
	core, next int32
	// group and nextCore are set for the strongest member of a core: group is the strongest member of the person, nextCore that of the person's next core.
	group, nextCore int32
	// parent is the edge to the parent in the forest. Customers are roots, and so is one member of a person without a customer.
	parent int32
	// asWeak and asStrong are the first edges that have this node as their weak and strong end.
	asWeak, asStrong int32
}

const (
	flagHub uint8 = 1 << iota
	// flagPinned keeps a hub a hub although some of its links were erased.
	flagPinned
	flagGone
	// flagWatched marks the identifiers of a region with constraints.
	flagWatched
	// flagPublicHub and flagPinnedPublic are the same for public links only.
	flagPublicHub
	flagPinnedPublic
	// flagContested is set for the strongest member of a core that public links claim for several persons.
	flagContested

	flagsPinned = flagPinned | flagPinnedPublic
)

// edge is the first link of a pair of identifiers in the order of (trust, time, key).
type edge struct {
	strong, weak int32
	// nextWeak and nextStrong are the next edges of the same weak and of the same strong end.
	nextWeak, nextStrong int32
	// source that states it, or one of several, which are in Graph.more.
	source uint32
	// explicit is set if it is an alias of two customers, alias if its source calls it one.
	explicit, alias bool
	// public is set if no trusted source states it.
	public bool
	gone   bool
	time   int64
	key    event.Key
}

// New returns an empty graph.
func New(p identity.Policy) *Graph {
	return &Graph{
		policy: p.Clone(),
		types:  types{byName: map[string]uint16{}},
		index:  map[event.Anchor]int32{},
		pairs:  map[uint64]int32{},
		apart:  map[int32][]bond{},
		before: map[int32]event.Anchor{},

		bySource: map[string]uint32{}, more: map[int32][]origin{}, refusedPublic: map[int32]bool{},
	}
}

func (g *Graph) exclusive(i int32) bool { return g.types.names[g.nodes[i].typ] == identity.Customer }

func (g *Graph) has(i int32, flag uint8) bool { return g.nodes[i].flags&flag != 0 }

// types numbers the names of types.
type types struct {
	names  []string
	byName map[string]uint16
	// naming is set for types whose identifiers name a person.
	naming []bool
}

func (t *types) of(name string) uint16 {
	if i, ok := t.byName[name]; ok {
		return i
	}
	i := uint16(len(t.names))
	t.names, t.naming = append(t.names, name), append(t.naming, identity.Names(name))
	t.byName[name] = i
	return i
}
