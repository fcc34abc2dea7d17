// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import "github.com/journeyman-dev/journeyman/internal/event"

// active reports whether the edge links cores. Public edges and those of hubs do not; aliases of two customers always do.
func (g *Graph) active(e *edge) bool {
	return !e.gone && !e.public && (e.explicit || !g.has(e.strong, flagHub) && !g.has(e.weak, flagHub))
}

// tooManyLinks reports whether the identifier is linked to more identifiers of that stronger type than the policy allows. trusted considers only
// trusted links, public considers all of them.
func (g *Graph) tooManyLinks(i int32, strongType uint16) (trusted, public bool) {
	typ, strong := g.types.names[g.nodes[i].typ], g.types.names[strongType]
	limit, limited := g.policy.MaxLinks[typ]
	if !limited || event.Strength(strong) >= event.Strength(typ) {
		return false, false
	}
	links, claims := 0, 0
	for id := g.nodes[i].asWeak; id != none; id = g.edges[id].nextWeak {
		switch e := &g.edges[id]; {
		case g.nodes[e.strong].typ != strongType:
		case !e.public:
			links++
		case !g.namesTwo(e):
			claims++
		}
	}
	return links > limit, links+claims > limit
}

// makeHub removes all edges of the identifier from the forest. The parts of its person are joined again by the remaining edges, in order, possibly
// with other persons.
func (g *Graph) makeHub(h int32) {
	if g.has(h, flagWatched) {
		region := g.region(h)
		// rebuild counts the refused edges, except those of the hub, which are active for the last time here.
		g.refused -= g.refusedAround([]int32{h})
		g.setFlags(h, g.nodes[h].flags|flagHub)
		g.hubs++
		g.rebuild(region)
		return
	}
	members := g.membersOf(h)
	for _, m := range members {
		g.touch(m)
	}
	g.refused -= g.refusedAround(members)
	for _, m := range members {
		if p := g.nodes[m].parent; p != none && (m == h || g.other(p, m) == h) {
			g.nodes[m].parent = none
		}
	}
	g.setFlags(h, g.nodes[h].flags|flagHub)
	g.hubs++
	g.cores--
	for _, part := range g.parts(members) {
		g.setPerson(part)
		g.cores++
	}
	var ids []int32
	for _, m := range members {
		for id := g.nodes[m].asWeak; id != none; id = g.edges[id].nextWeak {
			if g.isRefused(&g.edges[id]) {
				ids = append(ids, id)
			}
		}
		for id := g.nodes[m].asStrong; id != none; id = g.edges[id].nextStrong {
			if g.isRefused(&g.edges[id]) {
				ids = append(ids, id)
			}
		}
	}
	g.takeInOrder(ids)
	g.refused += g.refusedAround(members)
}

// parts groups the members of a person by the root of their trees. All customers are one root.
func (g *Graph) parts(members []int32) map[int32][]int32 {
	parts := map[int32][]int32{}
	for _, m := range members {
		root := m
		for g.nodes[root].parent != none {
			root = g.other(g.nodes[root].parent, root)
		}
		if g.exclusive(root) {
			root = none
		}
		parts[root] = append(parts[root], m)
	}
	return parts
}

// findHub determines whether the identifier is a hub.
func (g *Graph) findHub(i int32) {
	hub, public := g.has(i, flagPinned), g.has(i, flagPinnedPublic)
	for id := g.nodes[i].asWeak; id != none && (!hub || !public); id = g.edges[id].nextWeak {
		h, p := g.tooManyLinks(i, g.nodes[g.edges[id].strong].typ)
		hub, public = hub || h, public || p
	}
	flags := g.nodes[i].flags &^ (flagHub | flagPublicHub)
	if hub {
		flags |= flagHub
		g.hubs++
	}
	if public {
		flags |= flagPublicHub
	}
	g.setFlags(i, flags)
}

// An identifier with too many public links, which nothing else joins to anybody, is a hub and not a person. Their number is kept up to date where the
// flags or lists of an identifier change, so that it needs no full pass.

// loneHub returns 1 if the identifier is such a hub, otherwise 0.
func (g *Graph) loneHub(i int32) int64 {
	n := &g.nodes[i]
	if n.flags&(flagHub|flagPublicHub|flagGone) == flagPublicHub && n.next == i && n.nextCore == i {
		return 1
	}
	return 0
}

func (g *Graph) setFlags(i int32, flags uint8) {
	g.loneHubs -= g.loneHub(i)
	g.nodes[i].flags = flags
	g.loneHubs += g.loneHub(i)
}

// setNext sets the next member of the identifier's core.
func (g *Graph) setNext(i, next int32) {
	g.loneHubs -= g.loneHub(i)
	g.nodes[i].next = next
	g.loneHubs += g.loneHub(i)
}

// setNextCore sets the next core of the person of the core i.
func (g *Graph) setNextCore(i, next int32) {
	g.loneHubs -= g.loneHub(i)
	g.nodes[i].nextCore = next
	g.loneHubs += g.loneHub(i)
}
