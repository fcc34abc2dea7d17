// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "slices"

// The forest says at once what a link changes because nothing refuses a link but the one root that all customers are. Identifiers that are kept
// apart refuse links too, and there that is no longer so. What they can have an influence on is a region: identifiers that links join without a
// customer between them, and those that are kept apart from one of them. Customers end a region, for no link joins two of them. A region
// with such identifiers is watched: each link in it computes it anew, in order, unless it is plain what it does. All others are left to the forest.

// region lists the identifiers, without customers, whose persons depend on one another, from some of them.
func (t *Table) region(starts ...int32) []int32 {
	seen := map[int32]bool{}
	var nodes []int32
	visit := func(i int32) {
		if !seen[i] && !t.exclusive(i) && !t.has(i, flagGone) {
			seen[i] = true
			nodes = append(nodes, i)
		}
	}
	for _, i := range starts {
		visit(i)
	}
	for k := 0; k < len(nodes); k++ {
		i := nodes[k]
		t.eachEdge(i, func(id int32) {
			if t.active(&t.edges[id]) {
				visit(t.other(id, i))
			}
		})
		for _, x := range t.apart[i] {
			visit(x.other)
		}
	}
	return nodes
}

// eachEdge gives the edges of an identifier.
func (t *Table) eachEdge(i int32, f func(id int32)) {
	for id := t.nodes[i].asWeak; id != none; id = t.edges[id].nextWeak {
		f(id)
	}
	for id := t.nodes[i].asStrong; id != none; id = t.edges[id].nextStrong {
		f(id)
	}
}

// rebuild computes the persons of a whole region anew.
func (t *Table) rebuild(region []int32) {
	in := make(map[int32]bool, len(region))
	for _, i := range region {
		t.touch(i)
		in[i] = true
	}
	t.refused -= t.refusedAround(region)
	t.takeOut(region, in)
	t.watch(region)
	var ids []int32
	for _, i := range region {
		t.isolate(i)
		t.cores++
		for id := t.nodes[i].asStrong; id != none; id = t.edges[id].nextStrong {
			ids = append(ids, id)
		}
		for id := t.nodes[i].asWeak; id != none; id = t.edges[id].nextWeak {
			if !in[t.edges[id].strong] {
				ids = append(ids, id)
			}
		}
	}
	t.takeInOrder(t.onlyActive(ids))
	t.refused += t.refusedAround(region)
	if !slices.ContainsFunc(region, func(i int32) bool { return len(t.apart[i]) > 0 }) {
		for _, i := range region {
			t.nodes[i].flags &^= flagWatched
		}
	}
}

// takeSimply takes an edge of a watched region without computing it anew, where what it does is plain: it joins somebody of whom no link was
// refused, or it comes after all others. It tells whether that was so.
func (t *Table) takeSimply(id int32, last bool) bool {
	e := &t.edges[id]
	last = last && t.known(e.strong) && t.known(e.weak)
	switch {
	case t.inForest(id):
		return false
	case t.connected(e.strong, e.weak):
		return last
	case t.loose(e.weak):
		t.watch(t.membersOf(e.weak))
	case t.loose(e.strong):
		t.watch(t.membersOf(e.strong))
	case !last:
		return false
	case t.conflict(e.strong, e.weak):
		return true
	}
	if t.isRefused(e) {
		t.refused--
	}
	t.attach(id)
	return true
}

// known tells whether an edge at the identifier joins no region that is not watched.
func (t *Table) known(i int32) bool { return t.exclusive(i) || t.has(i, flagWatched) }

// loose tells whether the identifier's person has no customer, and nobody who is kept apart: then no link of it was refused.
func (t *Table) loose(i int32) bool {
	if t.exclusive(t.nodes[i].core) {
		return false
	}
	for m := i; ; {
		if len(t.apart[m]) > 0 {
			return false
		}
		if m = t.nodes[m].next; m == i {
			return true
		}
	}
}

func (t *Table) watch(nodes []int32) {
	for _, i := range nodes {
		t.nodes[i].flags |= flagWatched
	}
}

func (t *Table) onlyActive(ids []int32) []int32 {
	kept := ids[:0]
	for _, id := range ids {
		if t.active(&t.edges[id]) {
			kept = append(kept, id)
		}
	}
	return kept
}

// takeOut takes the identifiers of a region out of their persons. What is left of a person has its customer, or is about to be computed anew, too.
func (t *Table) takeOut(region []int32, in map[int32]bool) {
	done := map[int32]bool{}
	for _, i := range region {
		if done[i] {
			continue
		}
		var rest []int32
		for _, m := range t.membersOf(i) {
			if in[m] {
				done[m] = true
			} else {
				rest = append(rest, m)
			}
		}
		if len(rest) == 0 {
			t.cores--
			continue
		}
		if !t.exclusive(t.nodes[i].core) {
			for _, m := range rest {
				t.touch(m)
			}
		}
		t.setPerson(rest)
	}
}

// rejoin computes anew what depends on the identifiers.
func (t *Table) rejoin(nodes []int32) {
	for _, i := range nodes {
		if t.exclusive(i) && !t.has(i, flagGone) {
			t.rebuildCustomers(i)
		}
	}
	if region := t.region(nodes...); len(region) > 0 {
		t.rebuild(region)
	}
}

// rebuildCustomers computes anew which customers aliases make one person, from one of them, then the regions that this matters for. The forest
// does not change: in it all customers are one root.
func (t *Table) rebuildCustomers(start int32) {
	customers, aliases := t.aliased(start)
	members, persons := t.membersOfAll(customers)
	for _, m := range members {
		t.touch(m)
	}
	t.refused -= t.refusedAround(members)
	roots := make([]int32, len(members))
	for k, m := range members {
		roots[k] = t.rootOf(m)
	}
	for _, m := range members {
		t.nodes[m].core = m
		t.setNext(m, m)
	}
	t.cores += int64(len(customers)) - persons
	t.takeInOrder(aliases)
	parts := map[int32][]int32{}
	for k, m := range members {
		root := t.nodes[roots[k]].core
		parts[root] = append(parts[root], m)
	}
	for root, part := range parts {
		if !t.exclusive(root) {
			t.cores++
		}
		t.setPerson(part)
	}
	t.refused += t.refusedAround(members)
	var bound []int32
	for _, m := range members {
		if len(t.apart[m]) > 0 {
			bound = append(bound, m)
			for _, x := range t.apart[m] {
				bound = append(bound, x.other)
			}
		}
	}
	if region := t.region(bound...); len(region) > 0 {
		t.rebuild(region)
	}
}

// aliased gives the customers that aliases join, counted or not, or that are one person now, and the aliases.
func (t *Table) aliased(start int32) (customers, aliases []int32) {
	seen, taken := map[int32]bool{}, map[int32]bool{}
	visit := func(i int32) {
		if !seen[i] && t.exclusive(i) {
			seen[i] = true
			customers = append(customers, i)
		}
	}
	visit(start)
	for k := 0; k < len(customers); k++ {
		i := customers[k]
		for _, m := range t.membersOf(i) {
			visit(m)
		}
		t.eachEdge(i, func(id int32) {
			if t.edges[id].explicit && !taken[id] {
				taken[id] = true
				aliases = append(aliases, id)
				visit(t.other(id, i))
			}
		})
	}
	return customers, aliases
}

// membersOfAll gives the members of all persons of the identifiers, and the number of persons.
func (t *Table) membersOfAll(nodes []int32) (members []int32, persons int64) {
	done := map[int32]bool{}
	for _, i := range nodes {
		if p := t.nodes[i].core; !done[p] {
			done[p] = true
			persons++
			members = append(members, t.membersOf(i)...)
		}
	}
	return members, persons
}

// rootOf gives the root of the tree that the identifier is in.
func (t *Table) rootOf(i int32) int32 {
	for t.nodes[i].parent != none {
		i = t.other(t.nodes[i].parent, i)
	}
	return i
}
