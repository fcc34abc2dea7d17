// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// joinPersons makes one core of the two that the nodes belong to; the number of the stronger one stays.
func (g *Graph) joinPersons(a, b int32) {
	a, b = g.nodes[a].core, g.nodes[b].core
	if a == b {
		return
	}
	if g.stronger(b, a) {
		a, b = b, a
	}
	for m := b; ; m = g.nodes[m].next {
		g.touch(m)
		g.nodes[m].core = a
		if g.nodes[m].next == b {
			break
		}
	}
	x, y := g.nodes[a].next, g.nodes[b].next
	g.setNext(a, y)
	g.setNext(b, x)
	g.cores--
}

// joinCustomers makes one person of two customers. The forest stays as it is: in it all customers are one root anyway.
func (g *Graph) joinCustomers(e *edge) {
	if g.constrained(e.strong) || g.constrained(e.weak) {
		g.rebuildCustomers(e.strong)
		return
	}
	if g.nodes[e.strong].core == g.nodes[e.weak].core {
		return
	}
	members := g.membersOf(e.weak)
	g.refused -= g.refusedAround(members)
	g.joinPersons(e.strong, e.weak)
	g.refused += g.refusedAround(members)
}

// move takes the nodes, of which none is a customer, from one person with a customer to another.
func (g *Graph) move(nodes []int32, from, to int32) {
	g.refused -= g.refusedAround(nodes)
	moving := make(map[int32]bool, len(nodes))
	for _, m := range nodes {
		g.touch(m)
		moving[m] = true
	}
	rest := g.membersOf(from)
	kept := rest[:0]
	for _, m := range rest {
		if !moving[m] {
			kept = append(kept, m)
		}
	}
	g.setPerson(kept)
	g.setPerson(nodes)
	// The new one joins the other; it is counted as if it had been there before.
	g.cores++
	g.joinPersons(to, nodes[0])
	g.refused += g.refusedAround(nodes)
}

// setPerson makes one core of exactly these nodes. The caller has touched them.
func (g *Graph) setPerson(members []int32) {
	strongest := slices.MinFunc(members, g.compareNodes)
	for k, m := range members {
		g.nodes[m].core = strongest
		g.setNext(m, members[(k+1)%len(members)])
	}
}

// touch remembers the person that the identifier had before the running call, and takes that person apart into cores, which
// settle joins again; not while a table is restored. It is called before the identifier's core changes.
func (g *Graph) touch(i int32) {
	if g.before == nil {
		return
	}
	g.remember(i)
	if core := g.nodes[i].core; g.nodes[core].nextCore != core {
		g.open(core)
	}
}

func (g *Graph) remember(i int32) {
	if g.before == nil {
		return
	}
	if _, ok := g.before[i]; !ok {
		g.before[i] = g.personOf(i)
	}
}

func (g *Graph) personOf(i int32) event.Anchor { return g.nodes[g.groupOf(i)].anchor }

// groupOf returns the strongest member of the identifier's person.
func (g *Graph) groupOf(i int32) int32 { return g.nodes[g.nodes[i].core].group }

// isRefused reports whether the edge would link, but that its ends belong to two customers or are kept apart.
func (g *Graph) isRefused(e *edge) bool {
	return g.active(e) && g.nodes[e.strong].core != g.nodes[e.weak].core
}

// refusedAround counts the refused edges with an end among the nodes.
func (g *Graph) refusedAround(nodes []int32) int64 {
	in := make(map[int32]bool, len(nodes))
	for _, m := range nodes {
		in[m] = true
	}
	count := int64(0)
	for _, m := range nodes {
		for id := g.nodes[m].asStrong; id != none; id = g.edges[id].nextStrong {
			if g.isRefused(&g.edges[id]) {
				count++
			}
		}
		for id := g.nodes[m].asWeak; id != none; id = g.edges[id].nextWeak {
			if e := &g.edges[id]; !in[e.strong] && g.isRefused(e) {
				count++
			}
		}
	}
	return count
}

// membersOf returns the members of the identifier's core, itself first.
func (g *Graph) membersOf(i int32) []int32 {
	members := []int32{i}
	for m := g.nodes[i].next; m != i; m = g.nodes[m].next {
		members = append(members, m)
	}
	return members
}
