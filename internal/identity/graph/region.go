// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import "slices"

// Without constraints, only the common root of all customers can refuse a link, so the forest determines at once what a link changes. Identifiers
// that are kept apart refuse links, too. Their influence is limited to a region: identifiers that links join without a customer in between, and those
// that are kept apart from one of them. Customers end a region, because no link joins two of them. A region with constraints is watched: each link in
// it recomputes the region, in order, unless its effect is obvious. All other regions use the forest only.

// region returns the identifiers, without customers, whose persons depend on some of the given ones.
func (g *Graph) region(starts ...int32) []int32 {
	seen := map[int32]bool{}
	var nodes []int32
	visit := func(i int32) {
		if !seen[i] && !g.exclusive(i) && !g.has(i, flagGone) {
			seen[i] = true
			nodes = append(nodes, i)
		}
	}
	for _, i := range starts {
		visit(i)
	}
	for k := 0; k < len(nodes); k++ {
		i := nodes[k]
		g.eachEdge(i, func(id int32) {
			if g.active(&g.edges[id]) {
				visit(g.other(id, i))
			}
		})
		for _, x := range g.apart[i] {
			visit(x.other)
		}
	}
	return nodes
}

// eachEdge calls f for each edge of an identifier.
func (g *Graph) eachEdge(i int32, f func(id int32)) {
	for id := g.nodes[i].asWeak; id != none; id = g.edges[id].nextWeak {
		f(id)
	}
	for id := g.nodes[i].asStrong; id != none; id = g.edges[id].nextStrong {
		f(id)
	}
}

// rebuild recomputes the persons of a whole region.
func (g *Graph) rebuild(region []int32) {
	in := make(map[int32]bool, len(region))
	for _, i := range region {
		g.touch(i)
		in[i] = true
	}
	g.refused -= g.refusedAround(region)
	g.takeOut(region, in)
	g.watch(region)
	var ids []int32
	for _, i := range region {
		g.isolate(i)
		g.cores++
		for id := g.nodes[i].asStrong; id != none; id = g.edges[id].nextStrong {
			ids = append(ids, id)
		}
		for id := g.nodes[i].asWeak; id != none; id = g.edges[id].nextWeak {
			if !in[g.edges[id].strong] {
				ids = append(ids, id)
			}
		}
	}
	g.takeInOrder(g.onlyActive(ids))
	g.refused += g.refusedAround(region)
	if !slices.ContainsFunc(region, func(i int32) bool { return len(g.apart[i]) > 0 }) {
		for _, i := range region {
			g.nodes[i].flags &^= flagWatched
		}
	}
}

// takeSimply applies an edge of a watched region without recomputing it, if its effect is obvious: it joins a person without refused links, or it
// comes after all others. It reports whether it did.
func (g *Graph) takeSimply(id int32, last bool) bool {
	e := &g.edges[id]
	last = last && g.known(e.strong) && g.known(e.weak)
	switch {
	case g.inForest(id):
		return false
	case g.connected(e.strong, e.weak):
		return last
	case g.loose(e.weak):
		g.watch(g.membersOf(e.weak))
	case g.loose(e.strong):
		g.watch(g.membersOf(e.strong))
	case !last:
		return false
	case g.conflict(e.strong, e.weak):
		return true
	}
	if g.isRefused(e) {
		g.refused--
	}
	g.attach(id)
	return true
}

// known reports whether an edge at the identifier does not join a region that is not watched.
func (g *Graph) known(i int32) bool { return g.exclusive(i) || g.has(i, flagWatched) }

// loose reports whether the identifier's person has no customer and no constraints, so that none of its links was refused.
func (g *Graph) loose(i int32) bool {
	if g.exclusive(g.nodes[i].core) {
		return false
	}
	for m := i; ; {
		if len(g.apart[m]) > 0 {
			return false
		}
		if m = g.nodes[m].next; m == i {
			return true
		}
	}
}

func (g *Graph) watch(nodes []int32) {
	for _, i := range nodes {
		g.nodes[i].flags |= flagWatched
	}
}

func (g *Graph) onlyActive(ids []int32) []int32 {
	kept := ids[:0]
	for _, id := range ids {
		if g.active(&g.edges[id]) {
			kept = append(kept, id)
		}
	}
	return kept
}

// takeOut takes the identifiers of a region out of their persons. The rest of a person has its customer, or is recomputed as well.
func (g *Graph) takeOut(region []int32, in map[int32]bool) {
	done := map[int32]bool{}
	for _, i := range region {
		if done[i] {
			continue
		}
		var rest []int32
		for _, m := range g.membersOf(i) {
			if in[m] {
				done[m] = true
			} else {
				rest = append(rest, m)
			}
		}
		if len(rest) == 0 {
			g.cores--
			continue
		}
		if !g.exclusive(g.nodes[i].core) {
			for _, m := range rest {
				g.touch(m)
			}
		}
		g.setPerson(rest)
	}
}

// rejoin recomputes everything that depends on the identifiers.
func (g *Graph) rejoin(nodes []int32) {
	for _, i := range nodes {
		if g.exclusive(i) && !g.has(i, flagGone) {
			g.rebuildCustomers(i)
		}
	}
	g.rebuild(g.region(nodes...))
}

// rebuildCustomers recomputes which customers aliases join, starting from one of them, then the regions that depend on it. The forest does not
// change, because all customers are one root in it.
func (g *Graph) rebuildCustomers(start int32) {
	customers, aliases := g.aliased(start)
	members, persons := g.membersOfAll(customers)
	for _, m := range members {
		g.touch(m)
	}
	g.refused -= g.refusedAround(members)
	roots := make([]int32, len(members))
	for k, m := range members {
		roots[k] = g.rootOf(m)
	}
	for _, m := range members {
		g.nodes[m].core = m
		g.setNext(m, m)
	}
	g.cores += int64(len(customers)) - persons
	g.takeInOrder(aliases)
	parts := map[int32][]int32{}
	for k, m := range members {
		root := g.nodes[roots[k]].core
		parts[root] = append(parts[root], m)
	}
	for root, part := range parts {
		if !g.exclusive(root) {
			g.cores++
		}
		g.setPerson(part)
	}
	g.refused += g.refusedAround(members)
	var bound []int32
	for _, m := range members {
		if len(g.apart[m]) > 0 {
			bound = append(bound, m)
			for _, x := range g.apart[m] {
				bound = append(bound, x.other)
			}
		}
	}
	g.rebuild(g.region(bound...))
}

// aliased returns the customers that aliases join, counted or not, or that are one person now, and the aliases.
func (g *Graph) aliased(start int32) (customers, aliases []int32) {
	seen, taken := map[int32]bool{}, map[int32]bool{}
	visit := func(i int32) {
		if !seen[i] && g.exclusive(i) {
			seen[i] = true
			customers = append(customers, i)
		}
	}
	visit(start)
	for k := 0; k < len(customers); k++ {
		i := customers[k]
		for _, m := range g.membersOf(i) {
			visit(m)
		}
		g.eachEdge(i, func(id int32) {
			if g.edges[id].explicit && !taken[id] {
				taken[id] = true
				aliases = append(aliases, id)
				visit(g.other(id, i))
			}
		})
	}
	return customers, aliases
}

// membersOfAll returns the members of all persons of the identifiers, and the number of persons.
func (g *Graph) membersOfAll(nodes []int32) (members []int32, persons int64) {
	done := map[int32]bool{}
	for _, i := range nodes {
		if p := g.nodes[i].core; !done[p] {
			done[p] = true
			persons++
			members = append(members, g.membersOf(i)...)
		}
	}
	return members, persons
}

// rootOf returns the root of the tree that the identifier is in.
func (g *Graph) rootOf(i int32) int32 {
	for g.nodes[i].parent != none {
		i = g.other(g.nodes[i].parent, i)
	}
	return i
}
