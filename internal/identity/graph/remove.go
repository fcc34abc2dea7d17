// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Remove removes the person of the anchor with all identities and links. Other persons do not change: a hub stays a hub although it has one link
// less. It reports whether the anchor was known.
func (g *Graph) Remove(a event.Anchor) bool {
	i, ok := g.index[a]
	if !ok {
		return false
	}
	gone, cores := g.everybodyWith(i), int64(len(g.coresOf(g.nodes[i].core)))
	g.refused -= g.refusedAround(gone)
	for _, m := range gone {
		g.setFlags(m, g.nodes[m].flags|flagGone)
	}
	g.cutEdges()
	for _, m := range gone {
		g.removeNode(m)
	}
	g.cores -= cores
	g.joined -= cores - 1
	clear(g.before)
	return true
}

// cutEdges removes the edges of identifiers that are removed.
func (g *Graph) cutEdges() {
	cut := map[int32]bool{}
	for id := range g.edges {
		e := &g.edges[id]
		goneStrong, goneWeak := g.has(e.strong, flagGone), g.has(e.weak, flagGone)
		if e.gone || !goneStrong && !goneWeak {
			continue
		}
		e.gone = true
		delete(g.pairs, pairOf(e.strong, e.weak))
		delete(g.more, int32(id))
		delete(g.refusedPublic, int32(id))
		if e.public {
			g.publicEdges--
		}
		cut[e.strong], cut[e.weak] = true, true
		if g.has(e.weak, flagHub) {
			g.nodes[e.weak].flags |= flagPinned
		}
		if g.has(e.weak, flagPublicHub) {
			g.nodes[e.weak].flags |= flagPinnedPublic
		}
	}
	for i := range cut {
		n := &g.nodes[i]
		for id := &n.asWeak; *id != none; {
			if g.edges[*id].gone {
				*id = g.edges[*id].nextWeak
			} else {
				id = &g.edges[*id].nextWeak
			}
		}
		for id := &n.asStrong; *id != none; {
			if g.edges[*id].gone {
				*id = g.edges[*id].nextStrong
			} else {
				id = &g.edges[*id].nextStrong
			}
		}
	}
}

func (g *Graph) removeNode(i int32) {
	g.forgetBonds(i)
	n := &g.nodes[i]
	if n.flags&flagHub != 0 {
		g.hubs--
	}
	delete(g.index, n.anchor)
	n.anchor = 0
	g.setFlags(i, flagGone)
}

// guard ensures that members that are separated from a person join nobody else: a refused link of theirs becomes a constraint where it would count.
// It returns the members and the identifiers at the other ends.
func (g *Graph) guard(members []int32, by int32) (concerned []int32) {
	concerned = slices.Clone(members)
	in := map[int32]bool{}
	for _, m := range members {
		in[m] = true
	}
	g.veto, g.vetoBy = map[int32]bool{}, by
	for _, m := range members {
		g.eachEdge(m, func(id int32) {
			if o := g.other(id, m); !in[o] && g.apartNow(&g.edges[id]) {
				g.veto[id] = true
				concerned = append(concerned, o)
			}
		})
	}
	return concerned
}

// RemoveOne removes one identity with its links. What belonged to its person only through it stays with the remaining identities and never joins
// somebody else. Nobody else changes. It reports whether the identity was known.
func (g *Graph) RemoveOne(a event.Anchor) bool {
	x, ok := g.index[a]
	if !ok {
		return false
	}
	members, core := g.everybodyWith(x), g.membersOf(x)
	concerned := g.guard(members[1:], none)
	for _, m := range members {
		g.touch(m)
	}
	g.refused -= g.refusedAround(core)
	g.setFlags(x, g.nodes[x].flags|flagGone)
	g.cutEdges()
	rest := core[1:]
	for _, m := range rest {
		if p := g.nodes[m].parent; p != none && g.edges[p].gone {
			g.nodes[m].parent = none
		}
	}
	g.removeNode(x)
	if len(rest) == 0 {
		g.cores--
	} else {
		g.setPerson(rest)
		g.refused += g.refusedAround(rest)
	}
	g.rejoin(concerned)
	g.settle()
	g.veto = nil
	clear(g.before)
	return true
}

// WithoutOne returns the new persons of all identifiers whose person RemoveOne would change. It changes nothing.
func (g *Graph) WithoutOne(a event.Anchor) map[event.Anchor]event.Anchor {
	persons := map[event.Anchor]event.Anchor{}
	x, ok := g.index[a]
	if !ok {
		return persons
	}
	added := g.isolateFromAll(x)
	for i := range g.before {
		persons[g.nodes[i].anchor] = g.personOf(i)
	}
	g.Rebind(identity.Bonds{Dropped: added})
	clear(g.before)
	return persons
}
