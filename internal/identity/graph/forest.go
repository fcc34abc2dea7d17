// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
)

// apply applies a new edge. last is set if no edge comes after it in order.
func (g *Graph) apply(id int32, last bool) {
	e := &g.edges[id]
	if g.isRefused(e) {
		g.refused++ // For now: the code below relies on it.
	}
	hub, public := g.tooManyLinks(e.weak, g.nodes[e.strong].typ)
	if hub && !g.has(e.weak, flagHub) {
		g.makeHub(e.weak)
	}
	if public && !g.has(e.weak, flagPublicHub) {
		g.makePublicHub(e.weak)
	}
	switch {
	case e.public:
		g.news = append(g.news, id)
	case e.explicit:
		g.joinCustomers(e)
	case g.active(e):
		g.take(id, last)
	}
}

// take applies an active edge that is new, or whose time has become earlier.
func (g *Graph) take(id int32, last bool) {
	e := &g.edges[id]
	switch {
	case g.watched(e):
		if !g.takeSimply(id, last) {
			g.rebuild(g.region(e.strong, e.weak))
		}
	case !g.inForest(id):
		g.insert(id)
	}
}

// update adds another statement about a known pair. It can be earlier, be an alias, or be the first one of a trusted source.
func (g *Graph) update(id int32, o origin) {
	e := &g.edges[id]
	old := *e
	if !g.state(id, o) {
		return
	}
	switch {
	case e.public:
		g.news = append(g.news, id)
	case old.public:
		// From now on it counts as a trusted edge, as if it were new.
		g.publicEdges--
		delete(g.refusedPublic, id)
		g.touch(e.strong)
		g.touch(e.weak)
		g.apply(id, false)
	case e.explicit:
		g.joinCustomers(e)
	case g.active(e):
		g.take(id, false)
	}
}

// insert adds an edge to the forest if it joins two trees, or if it comes before the last edge on the cycle that it closes. It then replaces that edge.
func (g *Graph) insert(id int32) {
	e := g.edges[id]
	if !g.connected(e.strong, e.weak) {
		if g.isRefused(&e) {
			g.refused--
		}
		g.attach(id)
		return
	}
	last, under := g.lastOnPath(e.strong, e.weak)
	if last != none && g.compareEdges(id, last) < 0 {
		g.replace(last, id, under)
	}
}

// connected reports whether a path connects the two, in one person, or over the common root of all customers.
func (g *Graph) connected(a, b int32) bool {
	p, q := g.nodes[a].core, g.nodes[b].core
	return p == q || g.exclusive(p) && g.exclusive(q)
}

// attach joins two persons by the edge. At least one of them has no customer.
func (g *Graph) attach(id int32) {
	e := g.edges[id]
	child := e.weak
	if g.exclusive(g.nodes[child].core) {
		child = e.strong
	}
	g.hang(child, id)
	g.joinPersons(e.strong, e.weak)
}

// hang makes the node the root of its tree, then attaches it to a parent by the edge.
func (g *Graph) hang(i, id int32) {
	for id != none {
		up := g.nodes[i].parent
		g.nodes[i].parent = id
		if up == none {
			return
		}
		i, id = g.other(up, i), up
	}
}

// lastOnPath returns the last edge, by order, on the path between the nodes, and which of the two is on its lower side.
func (g *Graph) lastOnPath(a, b int32) (last, under int32) {
	above := map[int32]bool{}
	for i := a; ; i = g.other(g.nodes[i].parent, i) {
		above[i] = true
		if g.nodes[i].parent == none {
			break
		}
	}
	last, under, meet := none, none, b
	for ; !above[meet] && g.nodes[meet].parent != none; meet = g.other(g.nodes[meet].parent, meet) {
		last, under = g.laterOf(last, under, g.nodes[meet].parent, b)
	}
	for i := a; i != meet && g.nodes[i].parent != none; i = g.other(g.nodes[i].parent, i) {
		last, under = g.laterOf(last, under, g.nodes[i].parent, a)
	}
	return last, under
}

func (g *Graph) laterOf(last, under, id, end int32) (int32, int32) {
	if last == none || g.compareEdges(id, last) > 0 {
		return id, end
	}
	return last, under
}

// replace replaces an edge by an earlier one. The subtree below the old edge moves to the other end of the new one.
func (g *Graph) replace(old, id, under int32) {
	top := g.edges[old].strong
	if g.nodes[top].parent != old {
		top = g.edges[old].weak
	}
	g.nodes[top].parent = none
	from, to := g.nodes[under].core, g.nodes[g.other(id, under)].core
	if from != to {
		g.move(g.treeBelow(top), from, to)
	}
	g.hang(under, id)
}

// treeBelow returns the nodes of the subtree with that root.
func (g *Graph) treeBelow(root int32) []int32 {
	nodes := []int32{root}
	for k := 0; k < len(nodes); k++ {
		i := nodes[k]
		for id := g.nodes[i].asWeak; id != none; id = g.edges[id].nextWeak {
			if c := g.edges[id].strong; g.nodes[c].parent == id {
				nodes = append(nodes, c)
			}
		}
		for id := g.nodes[i].asStrong; id != none; id = g.edges[id].nextStrong {
			if c := g.edges[id].weak; g.nodes[c].parent == id {
				nodes = append(nodes, c)
			}
		}
	}
	return nodes
}

// takeInOrder is Kruskal's algorithm over the edges. Aliases of customers come first, because they hold at any time.
func (g *Graph) takeInOrder(ids []int32) {
	slices.SortFunc(ids, func(a, b int32) int {
		if x, y := g.edges[a].explicit, g.edges[b].explicit; x != y {
			if x {
				return -1
			}
			return 1
		}
		return g.compareEdges(a, b)
	})
	for _, id := range ids {
		e := &g.edges[id]
		switch {
		case g.nodes[e.strong].core == g.nodes[e.weak].core, !e.explicit && g.connected(e.strong, e.weak):
		case (e.explicit || g.watched(e)) && g.conflict(e.strong, e.weak):
		case g.veto[id]:
			g.bind(e.strong, e.weak, g.vetoBy)
		case e.explicit:
			g.joinPersons(e.strong, e.weak)
		default:
			g.attach(id)
		}
	}
}

func (g *Graph) inForest(id int32) bool {
	e := &g.edges[id]
	return g.nodes[e.strong].parent == id || g.nodes[e.weak].parent == id
}

func (g *Graph) other(id, end int32) int32 {
	if e := &g.edges[id]; e.strong == end {
		return e.weak
	}
	return g.edges[id].strong
}

// compareEdges orders edges by (time, key), and edges of one event by their ends, the stronger first.
func (g *Graph) compareEdges(a, b int32) int {
	x, y := &g.edges[a], &g.edges[b]
	return cmp.Or(
		cmp.Compare(x.time, y.time), identity.CompareKeys(x.key, y.key),
		g.compareNodes(x.strong, y.strong), g.compareNodes(x.weak, y.weak),
	)
}

func (g *Graph) compareNodes(a, b int32) int {
	x, y := &g.nodes[a], &g.nodes[b]
	return identity.CompareNodes(g.types.names[x.typ], x.anchor, g.types.names[y.typ], y.anchor)
}

// stronger reports whether the first identifier comes before the second one.
func (g *Graph) stronger(a, b int32) bool { return g.compareNodes(a, b) < 0 }
