// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "github.com/journeyman-dev/journeyman/internal/event"

// joinPersons makes one core of the two that the nodes belong to; the number of the stronger one stays.
func (t *Table) joinPersons(a, b int32) {
	a, b = t.nodes[a].core, t.nodes[b].core
	if a == b {
		return
	}
	if t.compareNodes(b, a) < 0 {
		a, b = b, a
	}
	for m := b; ; m = t.nodes[m].next {
		t.touch(m)
		t.nodes[m].core = a
		if t.nodes[m].next == b {
			break
		}
	}
	x, y := t.nodes[a].next, t.nodes[b].next
	t.setNext(a, y)
	t.setNext(b, x)
	t.cores--
}

// joinCustomers makes one person of two customers. The forest stays as it is: in it all customers are one root anyway.
func (t *Table) joinCustomers(e *edge) {
	if t.constrained(e.strong) || t.constrained(e.weak) {
		t.rebuildCustomers(e.strong)
		return
	}
	if t.nodes[e.strong].core == t.nodes[e.weak].core {
		return
	}
	members := t.membersOf(e.weak)
	t.refused -= t.refusedAround(members)
	t.joinPersons(e.strong, e.weak)
	t.refused += t.refusedAround(members)
}

// move takes the nodes, of which none is a customer, from one person with a customer to another.
func (t *Table) move(nodes []int32, from, to int32) {
	t.refused -= t.refusedAround(nodes)
	moving := make(map[int32]bool, len(nodes))
	for _, m := range nodes {
		t.touch(m)
		moving[m] = true
	}
	rest := t.membersOf(from)
	kept := rest[:0]
	for _, m := range rest {
		if !moving[m] {
			kept = append(kept, m)
		}
	}
	t.setPerson(kept)
	t.setPerson(nodes)
	// The new one joins the other; it is counted as if it had been there before.
	t.cores++
	t.joinPersons(to, nodes[0])
	t.refused += t.refusedAround(nodes)
}

// setPerson makes one core of exactly these nodes. The caller has touched them.
func (t *Table) setPerson(members []int32) {
	strongest := members[0]
	for _, m := range members {
		if t.compareNodes(m, strongest) < 0 {
			strongest = m
		}
	}
	for k, m := range members {
		t.nodes[m].core = strongest
		t.setNext(m, members[(k+1)%len(members)])
	}
}

// touch remembers the person that the identifier had before the running call, and takes that person apart into cores, which
// settle joins again; not while a table is restored. It is called before the identifier's core changes.
func (t *Table) touch(i int32) {
	if t.before == nil {
		return
	}
	t.remember(i)
	if core := t.nodes[i].core; t.nodes[core].nextCore != core {
		t.open(core)
	}
}

func (t *Table) remember(i int32) {
	if t.before == nil {
		return
	}
	if _, ok := t.before[i]; !ok {
		t.before[i] = t.personOf(i)
	}
}

func (t *Table) personOf(i int32) event.Anchor { return t.nodes[t.groupOf(i)].anchor }

// groupOf gives the strongest member of the identifier's person.
func (t *Table) groupOf(i int32) int32 { return t.nodes[t.nodes[i].core].group }

// isRefused tells whether the edge would link, but that its ends belong to two customers or are kept apart.
func (t *Table) isRefused(e *edge) bool {
	return t.active(e) && t.nodes[e.strong].core != t.nodes[e.weak].core
}

// refusedAround counts the refused edges with an end among the nodes.
func (t *Table) refusedAround(nodes []int32) int64 {
	in := make(map[int32]bool, len(nodes))
	for _, m := range nodes {
		in[m] = true
	}
	count := int64(0)
	for _, m := range nodes {
		for id := t.nodes[m].asStrong; id != none; id = t.edges[id].nextStrong {
			if t.isRefused(&t.edges[id]) {
				count++
			}
		}
		for id := t.nodes[m].asWeak; id != none; id = t.edges[id].nextWeak {
			if e := &t.edges[id]; !in[e.strong] && t.isRefused(e) {
				count++
			}
		}
	}
	return count
}
