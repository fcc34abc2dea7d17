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
	for _, m := range t.everybodyWith(i) {
		anchors = append(anchors, t.nodes[m].anchor)
	}
	return anchors
}

// membersOf gives the members of the identifier's core, itself first.
func (t *Table) membersOf(i int32) []int32 {
	members := []int32{i}
	for m := t.nodes[i].next; m != i; m = t.nodes[m].next {
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
	gone, cores := t.everybodyWith(i), int64(len(t.coresOf(t.nodes[i].core)))
	t.refused -= t.refusedAround(gone)
	for _, m := range gone {
		t.setFlags(m, t.nodes[m].flags|flagGone)
	}
	t.cutEdges()
	for _, m := range gone {
		t.removeNode(m)
	}
	t.cores -= cores
	t.joined -= cores - 1
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
		delete(t.more, int32(id))
		delete(t.refusedPublic, int32(id))
		if e.public {
			t.publicEdges--
		}
		cut[e.strong], cut[e.weak] = true, true
		if t.has(e.weak, flagHub) {
			t.nodes[e.weak].flags |= flagPinned
		}
		if t.has(e.weak, flagPublicHub) {
			t.nodes[e.weak].flags |= flagPinnedPublic
		}
	}
	for i := range cut {
		n := &t.nodes[i]
		for id := &n.asWeak; *id != none; {
			if t.edges[*id].gone {
				*id = t.edges[*id].nextWeak
			} else {
				id = &t.edges[*id].nextWeak
			}
		}
		for id := &n.asStrong; *id != none; {
			if t.edges[*id].gone {
				*id = t.edges[*id].nextStrong
			} else {
				id = &t.edges[*id].nextStrong
			}
		}
	}
}

func (t *Table) removeNode(i int32) {
	t.forgetBonds(i)
	n := &t.nodes[i]
	if n.flags&flagHub != 0 {
		t.hubs--
	}
	delete(t.index, n.anchor)
	n.anchor = 0
	t.setFlags(i, flagGone)
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
	t.settle()
	return t.commitVersion()
}

// recomputeAll finds the hubs and takes all edges again.
func (t *Table) recomputeAll() {
	for i := range t.nodes {
		if !t.has(int32(i), flagGone) {
			t.touch(int32(i))
		}
	}
	t.hubs, t.cores, t.joined, t.refused = 0, int64(len(t.index)), 0, 0
	for i := range t.nodes {
		t.isolate(int32(i))
		if !t.has(int32(i), flagGone) {
			t.findHub(int32(i))
		}
	}
	t.watchRegions()
	ids := make([]int32, 0, len(t.pairs))
	for id := range t.edges {
		if t.active(&t.edges[id]) {
			ids = append(ids, int32(id))
		}
	}
	t.takeInOrder(ids)
	for _, id := range ids {
		if e := &t.edges[id]; t.isRefused(e) {
			t.refused++
		}
	}
}

// watchRegions finds the identifiers on which others that are kept apart have an influence.
func (t *Table) watchRegions() {
	for i := range t.nodes {
		t.nodes[i].flags &^= flagWatched
	}
	for i := range t.apart {
		if t.has(i, flagWatched) {
			continue
		}
		t.watch(t.region(i))
	}
}

func (t *Table) findHub(i int32) {
	hub, public := t.has(i, flagPinned), t.has(i, flagPinnedPublic)
	for id := t.nodes[i].asWeak; id != none && (!hub || !public); id = t.edges[id].nextWeak {
		h, p := t.tooManyLinks(i, t.nodes[t.edges[id].strong].typ)
		hub, public = hub || h, public || p
	}
	flags := t.nodes[i].flags &^ (flagHub | flagPublicHub)
	if hub {
		flags |= flagHub
		t.hubs++
	}
	if public {
		flags |= flagPublicHub
	}
	t.setFlags(i, flags)
}
