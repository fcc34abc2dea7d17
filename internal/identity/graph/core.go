// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// joinPersons joins the cores of two nodes. The number of the stronger core is kept.
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

// joinCustomers joins two customers into one person. The forest does not change, because all customers are one root in it.
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

// move moves the nodes, none of which is a customer, from one person with a customer to another.
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
	// The new one joins the other. It is counted as if it had been there before.
	g.cores++
	g.joinPersons(to, nodes[0])
	g.refused += g.refusedAround(nodes)
}

// setPerson makes one core of exactly these nodes. The caller must have touched them.
func (g *Graph) setPerson(members []int32) {
	strongest := slices.MinFunc(members, g.compareNodes)
	for k, m := range members {
		g.nodes[m].core = strongest
		g.setNext(m, members[(k+1)%len(members)])
	}
}

// touch saves the person that the identifier had before the current call, and splits that person into cores, which settle joins again. It does
// neither while a table is restored. Call it before the core of the identifier changes.
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

// isRefused reports whether the edge would link, except that its ends belong to two customers or are kept apart.
func (g *Graph) isRefused(e *edge) bool {
	return g.active(e) && g.nodes[e.strong].core != g.nodes[e.weak].core
}

// refusedAround returns the number of refused edges with an end among the nodes.
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

// membersOf returns the members of the identifier's core, starting with the identifier.
func (g *Graph) membersOf(i int32) []int32 {
	members := []int32{i}
	for m := g.nodes[i].next; m != i; m = g.nodes[m].next {
		members = append(members, m)
	}
	return members
}
