// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"slices"
)

// apply lets a new edge work; last says that none comes after it in order.
func (t *Table) apply(id int32, last bool) {
	e := &t.edges[id]
	if t.isRefused(e) {
		t.refused++ // So far: what follows counts on it.
	}
	hub, public := t.tooManyLinks(e.weak, t.nodes[e.strong].typ)
	if hub && !t.has(e.weak, flagHub) {
		t.makeHub(e.weak)
	}
	if public && !t.has(e.weak, flagPublicHub) {
		t.makePublicHub(e.weak)
	}
	switch {
	case e.public:
		t.news = append(t.news, id)
	case e.explicit:
		t.joinCustomers(e)
	case t.active(e):
		t.take(id, last)
	}
}

// take lets an active edge work that is new, or has an earlier time than before.
func (t *Table) take(id int32, last bool) {
	e := &t.edges[id]
	switch {
	case t.watched(e):
		if !t.takeSimply(id, last) {
			t.rebuild(t.region(e.strong, e.weak))
		}
	case !t.inForest(id):
		t.insert(id)
	}
}

// update takes another statement of a known pair: it may be earlier, it may be an alias now, or the first one of a trusted source.
func (t *Table) update(id int32, o origin) {
	e := &t.edges[id]
	old := *e
	if !t.state(id, o) {
		return
	}
	switch {
	case e.public:
		t.news = append(t.news, id)
	case old.public:
		// It counts among the trusted ones from now on, as if it were new.
		t.publicEdges--
		delete(t.refusedPublic, id)
		t.touch(e.strong)
		t.touch(e.weak)
		t.apply(id, false)
	case e.explicit:
		t.joinCustomers(e)
	case t.active(e):
		t.take(id, false)
	}
}

// insert takes an edge into the forest if it joins two trees, or if it comes before the last edge on the path that it closes, which
// it then replaces.
func (t *Table) insert(id int32) {
	e := t.edges[id]
	if !t.connected(e.strong, e.weak) {
		if t.isRefused(&e) {
			t.refused--
		}
		t.attach(id)
		return
	}
	last, under := t.lastOnPath(e.strong, e.weak)
	if last != none && t.compareEdges(id, last) < 0 {
		t.replace(last, id, under)
	}
}

// connected tells whether a path joins the two: in one person, or over the root that all customers are.
func (t *Table) connected(a, b int32) bool {
	p, q := t.nodes[a].core, t.nodes[b].core
	return p == q || t.exclusive(p) && t.exclusive(q)
}

// attach joins two persons, of which one has no customer, by the edge.
func (t *Table) attach(id int32) {
	e := t.edges[id]
	child := e.weak
	if t.exclusive(t.nodes[child].core) {
		child = e.strong
	}
	t.hang(child, id)
	t.joinPersons(e.strong, e.weak)
}

// hang makes the node the root of its tree, and gives it the edge to a parent.
func (t *Table) hang(i, id int32) {
	for id != none {
		up := t.nodes[i].parent
		t.nodes[i].parent = id
		if up == none {
			return
		}
		i, id = t.other(up, i), up
	}
}

// lastOnPath gives the last edge, by order, on the path between the nodes, and which of the two is on its lower side.
func (t *Table) lastOnPath(a, b int32) (last, under int32) {
	above := map[int32]bool{}
	for i := a; ; i = t.other(t.nodes[i].parent, i) {
		above[i] = true
		if t.nodes[i].parent == none {
			break
		}
	}
	last, under, meet := none, none, b
	for ; !above[meet] && t.nodes[meet].parent != none; meet = t.other(t.nodes[meet].parent, meet) {
		last, under = t.laterOf(last, under, t.nodes[meet].parent, b)
	}
	for i := a; i != meet && t.nodes[i].parent != none; i = t.other(t.nodes[i].parent, i) {
		last, under = t.laterOf(last, under, t.nodes[i].parent, a)
	}
	return last, under
}

func (t *Table) laterOf(last, under, id, end int32) (int32, int32) {
	if last == none || t.compareEdges(id, last) > 0 {
		return id, end
	}
	return last, under
}

// replace puts an edge into the place of a later one. What hung below that goes over to the other end of the new edge.
func (t *Table) replace(old, id, under int32) {
	top := t.edges[old].strong
	if t.nodes[top].parent != old {
		top = t.edges[old].weak
	}
	t.nodes[top].parent = none
	from, to := t.nodes[under].core, t.nodes[t.other(id, under)].core
	if from != to {
		t.move(t.treeBelow(top), from, to)
	}
	t.hang(under, id)
}

// treeBelow lists the nodes of the tree with that root.
func (t *Table) treeBelow(root int32) []int32 {
	nodes := []int32{root}
	for k := 0; k < len(nodes); k++ {
		i := nodes[k]
		for id := t.nodes[i].asWeak; id != none; id = t.edges[id].nextWeak {
			if c := t.edges[id].strong; t.nodes[c].parent == id {
				nodes = append(nodes, c)
			}
		}
		for id := t.nodes[i].asStrong; id != none; id = t.edges[id].nextStrong {
			if c := t.edges[id].weak; t.nodes[c].parent == id {
				nodes = append(nodes, c)
			}
		}
	}
	return nodes
}

// takeInOrder is Kruskal's algorithm over the edges: aliases of customers first, for they hold at any time.
func (t *Table) takeInOrder(ids []int32) {
	slices.SortFunc(ids, func(a, b int32) int {
		if x, y := t.edges[a].explicit, t.edges[b].explicit; x != y {
			if x {
				return -1
			}
			return 1
		}
		return t.compareEdges(a, b)
	})
	for _, id := range ids {
		e := &t.edges[id]
		switch {
		case t.nodes[e.strong].core == t.nodes[e.weak].core, !e.explicit && t.connected(e.strong, e.weak):
		case (e.explicit || t.watched(e)) && t.conflict(e.strong, e.weak):
		case t.veto[id]:
			t.bind(e.strong, e.weak, t.vetoBy)
		case e.explicit:
			t.joinPersons(e.strong, e.weak)
		default:
			t.attach(id)
		}
	}
}

func (t *Table) inForest(id int32) bool {
	e := &t.edges[id]
	return t.nodes[e.strong].parent == id || t.nodes[e.weak].parent == id
}

func (t *Table) other(id, end int32) int32 {
	if e := &t.edges[id]; e.strong == end {
		return e.weak
	}
	return t.edges[id].strong
}

// compareEdges orders edges by (time, key); those of one event by their ends, the stronger first.
func (t *Table) compareEdges(a, b int32) int {
	x, y := &t.edges[a], &t.edges[b]
	return cmp.Or(
		cmp.Compare(x.time, y.time), compareKeys(x.key, y.key),
		t.compareNodes(x.strong, y.strong), t.compareNodes(x.weak, y.weak),
	)
}

func (t *Table) compareNodes(a, b int32) int {
	x, y := &t.nodes[a], &t.nodes[b]
	return compareNodes(t.types.names[x.typ], x.anchor, t.types.names[y.typ], y.anchor)
}
