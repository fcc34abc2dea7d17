// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "github.com/journeyman-dev/journeyman/internal/event"

// active tells whether the edge links cores: public ones and those of hubs do not, aliases of two customers always do.
func (t *Table) active(e *edge) bool {
	return !e.gone && !e.public && (e.explicit || !t.has(e.strong, flagHub) && !t.has(e.weak, flagHub))
}

// tooManyLinks tells whether the identifier is linked to more identifiers of that stronger type than the policy allows: trusted links are counted
// among themselves, for public ones all are.
func (t *Table) tooManyLinks(i int32, strongType uint16) (trusted, public bool) {
	typ, strong := t.types.names[t.nodes[i].typ], t.types.names[strongType]
	limit, limited := t.policy.MaxLinks[typ]
	if !limited || event.Strength(strong) >= event.Strength(typ) {
		return false, false
	}
	links, claims := 0, 0
	for id := t.nodes[i].asWeak; id != none; id = t.edges[id].nextWeak {
		switch e := &t.edges[id]; {
		case t.nodes[e.strong].typ != strongType:
		case !e.public:
			links++
		case !t.namesTwo(e):
			claims++
		}
	}
	return links > limit, links+claims > limit
}

// makeHub takes all edges of the identifier out of the forest. What its person falls apart into is joined again by the edges that
// are left, in order, be it with other persons.
func (t *Table) makeHub(h int32) {
	if t.has(h, flagWatched) {
		region := t.region(h)
		// What it refuses is counted by the rebuilding, but for its own edges, which are active for the last time.
		t.refused -= t.refusedAround([]int32{h})
		t.setFlags(h, t.nodes[h].flags|flagHub)
		t.hubs++
		t.rebuild(region)
		return
	}
	members := t.membersOf(h)
	for _, m := range members {
		t.touch(m)
	}
	t.refused -= t.refusedAround(members)
	for _, m := range members {
		if p := t.nodes[m].parent; p != none && (m == h || t.other(p, m) == h) {
			t.nodes[m].parent = none
		}
	}
	t.setFlags(h, t.nodes[h].flags|flagHub)
	t.hubs++
	t.cores--
	for _, part := range t.parts(members) {
		t.setPerson(part)
		t.cores++
	}
	var ids []int32
	for _, m := range members {
		for id := t.nodes[m].asWeak; id != none; id = t.edges[id].nextWeak {
			if t.isRefused(&t.edges[id]) {
				ids = append(ids, id)
			}
		}
		for id := t.nodes[m].asStrong; id != none; id = t.edges[id].nextStrong {
			if t.isRefused(&t.edges[id]) {
				ids = append(ids, id)
			}
		}
	}
	t.takeInOrder(ids)
	t.refused += t.refusedAround(members)
}

// parts sorts the members of a person by the root of their trees; all customers are one root.
func (t *Table) parts(members []int32) map[int32][]int32 {
	parts := map[int32][]int32{}
	for _, m := range members {
		root := m
		for t.nodes[root].parent != none {
			root = t.other(t.nodes[root].parent, root)
		}
		if t.exclusive(root) {
			root = none
		}
		parts[root] = append(parts[root], m)
	}
	return parts
}
