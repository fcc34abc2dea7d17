// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "slices"

// Public links are taken after all trusted ones, in order, and join what these have made: the cores. A core is named when it has an identifier
// that names a person. No public link joins two named cores; so it can give a device or a browser to somebody, and merges nobody.
// What trusted links join never depends on public ones.
//
// After each call the cores whose persons may have changed are joined again: those that the call touched, and what public links connect
// with them without a named core between. Such a region is all that a public link has an influence on.

// namesTwo tells whether both ends of the edge name a person, so that it can never count while it is public.
func (t *Table) namesTwo(e *edge) bool {
	return t.types.naming[t.nodes[e.strong].typ] && t.types.naming[t.nodes[e.weak].typ]
}

// ofHub tells whether the edge counts for nothing as a public one because an end of it has too many links.
func (t *Table) ofHub(e *edge) bool {
	return t.has(e.strong, flagHub|flagPublicHub) || t.has(e.weak, flagHub|flagPublicHub)
}

func (t *Table) activePublic(e *edge) bool {
	return e.public && !e.gone && !t.ofHub(e) && !t.namesTwo(e)
}

// apartNow tells whether the edge would link, but that its ends are of two persons.
func (t *Table) apartNow(e *edge) bool {
	return (t.active(e) || t.activePublic(e)) && t.groupOf(e.strong) != t.groupOf(e.weak)
}

// named tells whether the core, given by its strongest member, has an identifier that names a person.
func (t *Table) named(core int32) bool { return t.types.naming[t.nodes[core].typ] }

// makePublicHub stops the public links of an identifier that has too many.
func (t *Table) makePublicHub(i int32) {
	t.touch(i)
	t.setFlags(i, t.nodes[i].flags|flagPublicHub)
}

// settle joins again what the running call has touched, and takes the public links that it brought. Persons are whole after it.
func (t *Table) settle() {
	news := t.news
	t.news = nil
	if t.publicEdges == 0 {
		return
	}
	touched := make([]int32, 0, len(t.before))
	for i := range t.before {
		touched = append(touched, i)
	}
	t.regroup(touched)
	for _, id := range news {
		t.takePublic(id)
	}
}

// settleAll joins all cores of a table that was restored.
func (t *Table) settleAll() {
	all := make([]int32, len(t.nodes))
	for i := range all {
		all[i] = int32(i)
	}
	t.regroup(all)
}

// takePublic lets one public link work. Where nobody else has a claim it is plain what it does; elsewhere the region is joined again.
func (t *Table) takePublic(id int32) {
	e := &t.edges[id]
	if !e.public || e.gone {
		return
	}
	a, b := t.nodes[e.strong].core, t.nodes[e.weak].core
	p, q := t.nodes[a].group, t.nodes[b].group
	contested := t.has(a, flagContested) || t.has(b, flagContested)
	switch {
	case !t.activePublic(e), p == q && !contested && len(t.apart) == 0:
	case p != q && len(t.apart) == 0 && (!t.named(p) || !t.named(q)):
		t.joinGroups(p, q, contested)
	default:
		t.regroup([]int32{e.strong, e.weak})
	}
	t.judge(id)
}

// judge notes whether a public link is refused.
func (t *Table) judge(id int32) {
	if e := &t.edges[id]; e.public && !e.gone && !t.ofHub(e) && t.groupOf(e.strong) != t.groupOf(e.weak) {
		t.refusedPublic[id] = true
		return
	}
	delete(t.refusedPublic, id)
}

// regroup joins the cores around some identifiers anew.
func (t *Table) regroup(around []int32) {
	cores, edges := t.unnamed(around)
	t.leave(cores)
	contested := newGrouping(t).take(cores, edges)
	for _, core := range cores {
		t.nodes[core].flags &^= flagContested
		if contested {
			t.nodes[core].flags |= flagContested
		}
	}
	for _, id := range edges {
		t.judge(id)
	}
}

// unnamed gives the cores without a name that public links, or being kept apart, connect with some identifiers without a named core between, and
// all public edges of these and of the identifiers.
func (t *Table) unnamed(around []int32) (cores, edges []int32) {
	seen := map[int32]bool{}
	visit := func(i int32) {
		if core := t.nodes[i].core; !t.has(i, flagGone) && !t.named(core) && !seen[core] {
			seen[core] = true
			cores = append(cores, core)
		}
	}
	look := func(i int32) {
		t.eachEdge(i, func(id int32) {
			e := &t.edges[id]
			if !e.public {
				return
			}
			edges = append(edges, id)
			if t.activePublic(e) {
				visit(t.other(id, i))
			}
		})
		for _, x := range t.apart[i] {
			visit(x.other)
		}
	}
	for _, i := range around {
		if visit(i); t.named(t.nodes[i].core) && !t.has(i, flagGone) {
			look(i)
		}
	}
	for k := 0; k < len(cores); k++ {
		for _, m := range t.membersOf(cores[k]) {
			look(m)
		}
	}
	slices.Sort(edges)
	return cores, slices.Compact(edges)
}
