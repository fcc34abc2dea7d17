// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// apply lets an edge work on groups and persons. An edge that is not new has an earlier time now, or is explicit.
func (t *Table) apply(id int32, isNew bool) {
	e := t.edges[id]
	if !t.has(e.weak, flagHub) && t.tooManyLinks(e.weak, t.nodes[e.strong].typ) {
		t.nodes[e.weak].flags |= flagHub
		t.hubs++
		t.dirty = append(t.dirty, e.weak)
	}
	if !t.active(&e) {
		return
	}
	rs, rw := t.root(e.strong), t.root(e.weak)
	late := t.isLate(id, rs) || t.isLate(id, rw)
	joined := rs != rw
	root := t.joinGroups(rs, rw, id, e.explicit)
	if !isNew {
		// Other edges of the group may be later than this one now: the next conflict has to look at all of them.
		t.nodes[root].last, late = unsorted, true
	}
	switch {
	case t.nodes[root].customers <= 1 || e.explicit && joined:
		t.joinPersons(e.strong, e.weak)
	case late || e.explicit:
		t.dirty = append(t.dirty, root)
	default:
		t.take(root, &e)
	}
}

// take applies the edge as the last one of a group with several customers: two of them are not joined.
func (t *Table) take(root int32, e *edge) {
	a, b := t.nodes[e.strong].person, t.nodes[e.weak].person
	if a == b {
		return
	}
	if !e.explicit && t.exclusive(a) && t.exclusive(b) {
		t.nodes[root].refused++
		t.refused++
		return
	}
	t.joinPersons(a, b)
}

// active tells whether the edge links: hubs do not, aliases of two customers always do.
func (t *Table) active(e *edge) bool {
	return !e.gone && (e.explicit || !t.has(e.strong, flagHub) && !t.has(e.weak, flagHub))
}

// tooManyLinks tells whether the identifier is linked to more identifiers of that stronger type than the policy allows.
func (t *Table) tooManyLinks(i int32, strongType uint16) bool {
	typ, strong := t.types.names[t.nodes[i].typ], t.types.names[strongType]
	limit, limited := t.policy.MaxLinks[typ]
	if !limited || event.Strength(strong) >= event.Strength(typ) {
		return false
	}
	links := 0
	for id := t.nodes[i].weakEdges; id != none; id = t.edges[id].next {
		if t.nodes[t.edges[id].strong].typ == strongType {
			links++
		}
	}
	return links > limit
}

// recomputeDirty computes anew the groups that the running call marked.
func (t *Table) recomputeDirty() {
	seen := map[int32]bool{}
	for _, i := range t.dirty {
		if seen[i] {
			continue
		}
		members := t.groupOf(i)
		for _, m := range members {
			seen[m] = true
		}
		t.dissolve(members)
		t.relink(members)
	}
	t.dirty = t.dirty[:0]
}

// groupOf lists the members of the identifier's group.
func (t *Table) groupOf(i int32) []int32 {
	members := []int32{i}
	for m := t.nodes[i].nextGroup; m != i; m = t.nodes[m].nextGroup {
		members = append(members, m)
	}
	return members
}

// dissolve makes every member of a whole group a person of its own.
func (t *Table) dissolve(members []int32) {
	t.refused -= int64(t.nodes[t.root(members[0])].refused)
	for _, m := range members {
		t.touch(m)
		if t.nodes[m].person != m {
			t.persons++
		}
	}
	for _, m := range members {
		t.isolate(m)
	}
}

// relink takes the edges of dissolved groups in order: aliases of customers first, for they hold at any time.
func (t *Table) relink(members []int32) {
	var ids []int32
	for _, m := range members {
		for id := t.nodes[m].weakEdges; id != none; id = t.edges[id].next {
			if t.active(&t.edges[id]) {
				ids = append(ids, id)
			}
		}
	}
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
		root := t.joinGroups(t.root(e.strong), t.root(e.weak), id, e.explicit)
		t.take(root, e)
	}
}

// joinGroups makes one group of two, and gives its root.
func (t *Table) joinGroups(a, b, id int32, alias bool) int32 {
	x, y := &t.nodes[a], &t.nodes[b]
	if a != b {
		y.group = a
		x.nextGroup, y.nextGroup = y.nextGroup, x.nextGroup
		x.customers += y.customers
		if alias {
			x.customers--
		}
		x.refused += y.refused
		x.last = t.later(x.last, y.last)
	}
	x.last = t.later(x.last, id)
	return a
}

// later gives the later one of two edges.
func (t *Table) later(a, b int32) int32 {
	switch {
	case a == unsorted || b == unsorted:
		return unsorted
	case a == none:
		return b
	case b == none || t.compareEdges(b, a) < 0:
		return a
	default:
		return b
	}
}

// isLate tells whether the edge may come before another one of the group with that root.
func (t *Table) isLate(id, root int32) bool {
	last := t.nodes[root].last
	return last == unsorted || last != none && t.compareEdges(id, last) < 0
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

func (t *Table) root(i int32) int32 {
	for t.nodes[i].group != i {
		t.nodes[i].group = t.nodes[t.nodes[i].group].group
		i = t.nodes[i].group
	}
	return i
}

// joinPersons makes one person of the two that the nodes belong to; the number of the stronger one stays.
func (t *Table) joinPersons(a, b int32) {
	a, b = t.nodes[a].person, t.nodes[b].person
	if a == b {
		return
	}
	if t.compareNodes(b, a) < 0 {
		a, b = b, a
	}
	for m := b; ; m = t.nodes[m].nextPerson {
		t.touch(m)
		t.nodes[m].person = a
		if t.nodes[m].nextPerson == b {
			break
		}
	}
	x, y := &t.nodes[a], &t.nodes[b]
	x.nextPerson, y.nextPerson = y.nextPerson, x.nextPerson
	t.persons--
}

// touch remembers the person that the identifier had before the running call.
func (t *Table) touch(i int32) {
	if _, ok := t.before[i]; !ok {
		t.before[i] = t.nodes[t.nodes[i].person].anchor
	}
}
