// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package graph finds who is one person: identifiers, the links between them, and what these come to. It keeps neither locks nor versions, and is
// for one goroutine at a time.
package graph

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Graph has identifiers, what sources state of them, and who is one person.
//
// Taking links in order, and refusing those that would join two customers, is Kruskal's algorithm when all customers together are
// taken for one root: the links that join are the minimum spanning forest under that order, and a person is what hangs on one
// customer. So a link that comes late needs no second computation: it takes the place of the last link on the path that it closes,
// or of none (see forest.go). What a call costs depends on the persons that it touches, not on all that they share something with.
type Graph struct {
	policy identity.Policy
	types  types
	nodes  []node
	index  map[event.Anchor]int32
	edges  []edge
	pairs  map[uint64]int32

	// apart are the identifiers that are kept apart from others. See region.go for what that takes.
	apart map[int32][]bond
	// veto holds edges that bind their ends apart where they would link, because of vetoBy; only while one identifier is taken out of a person.
	veto   map[int32]bool
	vetoBy int32

	// newest has the time and key of an edge, as it was first heard of, after which no other edge comes.
	newest edge

	// cores are what trusted links join; joined is by how much public links make the persons fewer than these.
	cores, joined, hubs, refused int64
	// loneHubs are the identifiers that would be a person's but for having too many public links; see hub.go.
	loneHubs int64

	// sources of links; see source.go. more has the statements about an edge when several sources make it.
	sources  []identity.Source
	bySource map[string]uint32
	more     map[int32][]origin

	// See public.go: how many edges are public alone, those of them that are refused, and those that the running call brought.
	publicEdges   int
	refusedPublic map[int32]bool
	news          []int32

	// before holds the person's number of each identifier that the running call changed.
	before map[int32]event.Anchor
}

// none ends a list of edges, and is the parent of a root.
const none int32 = -1

// node is one identifier. What trusted links join is a core; its members are in a circular list. Public links join cores to persons.
type node struct {
	anchor event.Anchor
	typ    uint16
	flags  uint8
	// core is the strongest member of the core; next the next member.
	core, next int32
	// group is, where this is the strongest member of its core, the strongest member of the person; nextCore that of the person's next core.
	group, nextCore int32
	// parent is the edge to the parent in the forest. Customers are roots; so is one member of a person without a customer.
	parent int32
	// asWeak and asStrong are the first of the edges whose weak or strong end this is.
	asWeak, asStrong int32
}

const (
	flagHub uint8 = 1 << iota
	// flagPinned keeps a hub a hub although links of it were erased.
	flagPinned
	flagGone
	// flagWatched marks the identifiers of a region in which some are kept apart.
	flagWatched
	// flagPublicHub and flagPinnedPublic are the same for public links alone.
	flagPublicHub
	flagPinnedPublic
	// flagContested marks, where this is the strongest member of its core, that public links want the core for several persons.
	flagContested

	flagsPinned = flagPinned | flagPinnedPublic
)

// edge is the first link of a pair of identifiers in the order of (trust, time, key).
type edge struct {
	strong, weak int32
	// nextWeak and nextStrong are the next edges of the same weak and of the same strong end.
	nextWeak, nextStrong int32
	// source that states it, or one of several; then they are in Graph.more.
	source uint32
	// explicit says that it is an alias of two customers, alias whether its source calls it one.
	explicit, alias bool
	// public says that no trusted source states it.
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

// types gives short numbers to the names of types.
type types struct {
	names  []string
	byName map[string]uint16
	// naming reports which types identifiers name a person.
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
