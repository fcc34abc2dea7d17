// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import "slices"

// Public links are processed after all trusted ones, in order, and join what those made: the cores. A core is named if it has an identifier
// that names a person. No public link joins two named cores. It can thus assign a device or a browser to somebody, but merges nobody. What
// trusted links join never depends on public ones.
//
// After each call, the cores whose persons can have changed are joined again: those that the call touched, and those that public links connect
// with them without a named core in between. The influence of a public link is limited to such a region.

// namesTwo reports whether both ends of the edge name a person. Such an edge never counts while it is public.
func (g *Graph) namesTwo(e *edge) bool {
	return g.types.naming[g.nodes[e.strong].typ] && g.types.naming[g.nodes[e.weak].typ]
}

// ofHub reports whether a public edge does not count because an end of it has too many links.
func (g *Graph) ofHub(e *edge) bool {
	return g.has(e.strong, flagHub|flagPublicHub) || g.has(e.weak, flagHub|flagPublicHub)
}

func (g *Graph) activePublic(e *edge) bool {
	return e.public && !e.gone && !g.ofHub(e) && !g.namesTwo(e)
}

// apartNow reports whether the edge would link, except that its ends belong to two persons.
func (g *Graph) apartNow(e *edge) bool {
	return (g.active(e) || g.activePublic(e)) && g.groupOf(e.strong) != g.groupOf(e.weak)
}

// named reports whether the core, given by its strongest member, has an identifier that names a person.
func (g *Graph) named(core int32) bool { return g.types.naming[g.nodes[core].typ] }

// makePublicHub disables the public links of an identifier that has too many.
func (g *Graph) makePublicHub(i int32) {
	g.touch(i)
	g.setFlags(i, g.nodes[i].flags|flagPublicHub)
}

// settle joins what the current call touched, and applies its new public links. Persons are complete after it.
func (g *Graph) settle() {
	news := g.news
	g.news = nil
	if g.publicEdges == 0 {
		return
	}
	touched := make([]int32, 0, len(g.before))
	for i := range g.before {
		touched = append(touched, i)
	}
	g.regroup(touched)
	for _, id := range news {
		g.takePublic(id)
	}
}

// settleAll joins all cores of a table that was restored.
func (g *Graph) settleAll() {
	all := make([]int32, len(g.nodes))
	for i := range all {
		all[i] = int32(i)
	}
	g.regroup(all)
}

// takePublic applies one public link. If nobody else has a claim, the result is known at once; otherwise the region is joined again.
func (g *Graph) takePublic(id int32) {
	e := &g.edges[id]
	a, b := g.nodes[e.strong].core, g.nodes[e.weak].core
	p, q := g.nodes[a].group, g.nodes[b].group
	contested := g.has(a, flagContested) || g.has(b, flagContested)
	switch {
	case !g.activePublic(e), p == q && !contested && len(g.apart) == 0:
	case p != q && len(g.apart) == 0 && (!g.named(p) || !g.named(q)):
		g.joinGroups(p, q, contested)
	default:
		g.regroup([]int32{e.strong, e.weak})
	}
	g.checkRefused(id)
}

// checkRefused records whether a public link is refused.
func (g *Graph) checkRefused(id int32) {
	if e := &g.edges[id]; e.public && !e.gone && !g.ofHub(e) && g.groupOf(e.strong) != g.groupOf(e.weak) {
		g.refusedPublic[id] = true
		return
	}
	delete(g.refusedPublic, id)
}

// regroup joins the cores around some identifiers again.
func (g *Graph) regroup(around []int32) {
	cores, edges := g.unnamed(around)
	g.leave(cores)
	contested := newGrouping(g).take(cores, edges)
	for _, core := range cores {
		g.nodes[core].flags &^= flagContested
		if contested {
			g.nodes[core].flags |= flagContested
		}
	}
	for _, id := range edges {
		g.checkRefused(id)
	}
}

// unnamed returns the unnamed cores that public links or constraints connect with some identifiers without a named core in between, and all public
// edges of these cores and identifiers.
func (g *Graph) unnamed(around []int32) (cores, edges []int32) {
	seen := map[int32]bool{}
	visit := func(i int32) {
		if core := g.nodes[i].core; !g.has(i, flagGone) && !g.named(core) && !seen[core] {
			seen[core] = true
			cores = append(cores, core)
		}
	}
	look := func(i int32) {
		g.eachEdge(i, func(id int32) {
			e := &g.edges[id]
			if !e.public {
				return
			}
			edges = append(edges, id)
			if g.activePublic(e) {
				visit(g.other(id, i))
			}
		})
		for _, x := range g.apart[i] {
			visit(x.other)
		}
	}
	for _, i := range around {
		if visit(i); g.named(g.nodes[i].core) && !g.has(i, flagGone) {
			look(i)
		}
	}
	for k := 0; k < len(cores); k++ {
		for _, m := range g.membersOf(cores[k]) {
			look(m)
		}
	}
	slices.Sort(edges)
	return cores, slices.Compact(edges)
}
