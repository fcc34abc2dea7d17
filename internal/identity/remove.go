// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "github.com/journeyman-dev/journeyman/internal/event"

// Members gives the anchors of the person that the anchor belongs to now: of itself alone when it is not known.
func (t *Table) Members(a event.Anchor) []event.Anchor {
	t.mu.RLock()
	defer t.mu.RUnlock()
	i, ok := t.index[a]
	if !ok {
		return []event.Anchor{a}
	}
	var anchors []event.Anchor
	for _, m := range t.membersOf(i) {
		anchors = append(anchors, t.nodes[m].anchor)
	}
	return anchors
}

func (t *Table) membersOf(i int32) []int32 {
	members := []int32{i}
	for m := t.nodes[i].nextPerson; m != i; m = t.nodes[m].nextPerson {
		members = append(members, m)
	}
	return members
}

// Remove forgets the person of the anchor with all identities and links, and all earlier versions of the table. Other persons
// stay as they are: a hub stays one although it has a link less. It tells whether the anchor was known.
func (t *Table) Remove(a event.Anchor) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i, ok := t.index[a]
	if !ok {
		return false
	}
	gone, group := t.membersOf(i), t.groupOf(i)
	t.dissolve(group)
	for _, m := range gone {
		t.nodes[m].flags |= flagGone
	}
	t.cutEdges()
	for _, m := range gone {
		t.removeNode(m)
	}
	rest := group[:0]
	for _, m := range group {
		if !t.has(m, flagGone) {
			rest = append(rest, m)
		}
	}
	t.relink(rest)
	clear(t.before)
	t.cache.drop()
	t.history.forget()
	return true
}

// cutEdges removes the edges of identifiers that go.
func (t *Table) cutEdges() {
	cut := map[int32]bool{}
	for id := range t.edges {
		e := &t.edges[id]
		goneStrong, goneWeak := t.has(e.strong, flagGone), t.has(e.weak, flagGone)
		if e.gone || !goneStrong && !goneWeak {
			continue
		}
		e.gone = true
		delete(t.pairs, pairOf(e.strong, e.weak))
		if goneStrong && !goneWeak {
			cut[e.weak] = true
		}
	}
	for i := range cut {
		n := &t.nodes[i]
		if n.flags&flagHub != 0 {
			n.flags |= flagPinned
		}
		for id := &n.weakEdges; *id != none; {
			if t.edges[*id].gone {
				*id = t.edges[*id].next
			} else {
				id = &t.edges[*id].next
			}
		}
	}
}

func (t *Table) removeNode(i int32) {
	n := &t.nodes[i]
	if n.flags&flagHub != 0 {
		t.hubs--
	}
	t.persons--
	delete(t.index, n.anchor)
	n.anchor, n.flags, n.weakEdges = 0, flagGone, none
}

// SetPolicy changes the policy and computes all persons anew. It tells whether that changed any, so that there is a new version.
func (t *Table) SetPolicy(p Policy) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.policy.equal(p) {
		return false
	}
	t.policy = p.clone()
	t.recomputeAll()
	return t.commitVersion()
}

// recomputeAll finds the hubs and takes all edges again.
func (t *Table) recomputeAll() {
	all := make([]int32, 0, len(t.index))
	for i := range t.nodes {
		if !t.has(int32(i), flagGone) {
			all = append(all, int32(i))
		}
	}
	for _, i := range all {
		if t.root(i) == i {
			t.dissolve(t.groupOf(i))
		}
	}
	t.hubs = 0
	for _, i := range all {
		t.findHub(i)
	}
	t.relink(all)
}

func (t *Table) findHub(i int32) {
	hub := t.has(i, flagPinned)
	for id := t.nodes[i].weakEdges; id != none && !hub; id = t.edges[id].next {
		hub = t.tooManyLinks(i, t.nodes[t.edges[id].strong].typ)
	}
	t.nodes[i].flags &^= flagHub
	if hub {
		t.nodes[i].flags |= flagHub
		t.hubs++
	}
}
