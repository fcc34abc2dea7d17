// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// guard sees to it that members of a person who fall off join nobody else: a link of theirs that was refused keeps its ends apart where it would
// count. It gives the members and those at the other ends.
func (t *Table) guard(members []int32, by int32) (concerned []int32) {
	concerned = slices.Clone(members)
	in := map[int32]bool{}
	for _, m := range members {
		in[m] = true
	}
	t.veto, t.vetoBy = map[int32]bool{}, by
	for _, m := range members {
		t.eachEdge(m, func(id int32) {
			if o := t.other(id, m); !in[o] && t.apartNow(&t.edges[id]) {
				t.veto[id] = true
				concerned = append(concerned, o)
			}
		})
	}
	return concerned
}

// RemoveOne forgets one identity with its links, and all earlier versions of the table. What belonged to its person through it falls back to
// what remains, never to somebody else. Everybody else stays as they are. It tells whether the identity was known.
func (t *Table) RemoveOne(a event.Anchor) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	x, ok := t.index[a]
	if !ok {
		return false
	}
	members, core := t.everybodyWith(x), t.membersOf(x)
	concerned := t.guard(members[1:], none)
	for _, m := range members {
		t.touch(m)
	}
	t.refused -= t.refusedAround(core)
	t.setFlags(x, t.nodes[x].flags|flagGone)
	t.cutEdges()
	rest := core[1:]
	for _, m := range rest {
		if p := t.nodes[m].parent; p != none && t.edges[p].gone {
			t.nodes[m].parent = none
		}
	}
	t.removeNode(x)
	if len(rest) == 0 {
		t.cores--
	} else {
		t.setPerson(rest)
		t.refused += t.refusedAround(rest)
	}
	if len(members) > 1 {
		t.rejoin(concerned)
	}
	t.settle()
	t.veto = nil
	clear(t.before)
	t.cache.drop()
	t.history.forget()
	return true
}

// WithoutOne gives the persons of those whose person RemoveOne would change; nothing changes now.
func (t *Table) WithoutOne(a event.Anchor) map[event.Anchor]event.Anchor {
	t.mu.Lock()
	defer t.mu.Unlock()
	persons := map[event.Anchor]event.Anchor{}
	x, ok := t.index[a]
	if !ok {
		return persons
	}
	added := t.isolateFromAll(x)
	for i := range t.before {
		persons[t.nodes[i].anchor] = t.personOf(i)
	}
	t.rebind(Bonds{Dropped: added})
	clear(t.before)
	return persons
}
