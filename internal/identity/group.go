// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import "slices"

// A person is a group of cores. Cores are given by their strongest members, which are in a circular list; the strongest of them gives the
// person's number. In a person with a named core that is the one.

// coresOf lists the cores of the person that a core belongs to, itself first.
func (t *Table) coresOf(core int32) []int32 {
	cores := []int32{core}
	for c := t.nodes[core].nextCore; c != core; c = t.nodes[c].nextCore {
		cores = append(cores, c)
	}
	return cores
}

// everybodyWith lists the members of the identifier's person, itself first.
func (t *Table) everybodyWith(i int32) []int32 {
	members := t.membersOf(i)
	for _, core := range t.coresOf(t.nodes[i].core)[1:] {
		members = append(members, t.membersOf(core)...)
	}
	return members
}

// people gives the members of all persons of the identifiers, and the number of persons.
func (t *Table) people(nodes []int32) (members []int32, persons int) {
	done := map[int32]bool{}
	for _, i := range nodes {
		if p := t.groupOf(i); !done[p] {
			done[p] = true
			persons++
			members = append(members, t.everybodyWith(i)...)
		}
	}
	return members, persons
}

// rememberCore notes the person that the members of a core had before the running call.
func (t *Table) rememberCore(core int32) {
	for _, m := range t.membersOf(core) {
		t.remember(m)
	}
}

// open takes a person apart into its cores.
func (t *Table) open(core int32) {
	cores := t.coresOf(core)
	for _, c := range cores {
		t.rememberCore(c)
	}
	t.ring(none, cores...)
	t.joined -= int64(len(cores) - 1)
}

// ring makes one person of the cores, of which the first gives the number; with none as the number each is a person.
func (t *Table) ring(number int32, cores ...int32) {
	for k, c := range cores {
		if number == none {
			t.nodes[c].group = c
			t.setNextCore(c, c)
			continue
		}
		t.nodes[c].group = number
		t.setNextCore(c, cores[(k+1)%len(cores)])
	}
}

// leave takes cores without a name out of their persons. All such cores of a person without a name go together.
func (t *Table) leave(cores []int32) {
	going := make(map[int32]bool, len(cores))
	for _, c := range cores {
		going[c] = true
	}
	for _, c := range cores {
		if t.nodes[c].nextCore == c {
			continue
		}
		all := t.coresOf(t.nodes[c].group)
		var stay, gone []int32
		for _, x := range all {
			if going[x] {
				t.rememberCore(x)
				gone = append(gone, x)
			} else {
				stay = append(stay, x)
			}
		}
		t.ring(none, gone...)
		t.joined -= int64(len(all) - max(len(stay), 1))
		if len(stay) > 0 {
			t.ring(stay[0], stay...)
		}
	}
}

// joinGroups makes one person of two, of which one has no name.
func (t *Table) joinGroups(p, q int32, contested bool) {
	if t.compareNodes(q, p) < 0 {
		p, q = q, p
	}
	for _, c := range t.coresOf(q) {
		t.rememberCore(c)
		t.nodes[c].group = p
	}
	x, y := t.nodes[p].nextCore, t.nodes[q].nextCore
	t.setNextCore(p, y)
	t.setNextCore(q, x)
	t.joined++
	if !contested {
		return
	}
	for _, c := range t.coresOf(q) {
		if !t.named(c) {
			t.nodes[c].flags |= flagContested
		}
	}
}

// grouping joins cores by public links: Kruskal's algorithm over sets of cores.
type grouping struct {
	t      *Table
	parent map[int32]int32
	// bound has, by set, the members that are kept apart from others.
	bound map[int32][]int32
}

func newGrouping(t *Table) *grouping {
	return &grouping{t: t, parent: map[int32]int32{}, bound: map[int32][]int32{}}
}

// find gives the strongest core of the set.
func (g *grouping) find(core int32) int32 {
	p, known := g.parent[core]
	if !known {
		g.parent[core] = core
		if len(g.t.apart) > 0 {
			for _, m := range g.t.membersOf(core) {
				if len(g.t.apart[m]) > 0 {
					g.bound[core] = append(g.bound[core], m)
				}
			}
		}
		return core
	}
	if p == core {
		return core
	}
	top := g.find(p)
	g.parent[core] = top
	return top
}

func (g *grouping) conflict(a, b int32) bool {
	for _, m := range g.bound[a] {
		for _, x := range g.t.apart[m] {
			if g.find(g.t.nodes[x.other].core) == b {
				return true
			}
		}
	}
	return false
}

// take joins cores that are alone by the edges, and tells whether any of these was refused.
func (g *grouping) take(cores, edges []int32) (contested bool) {
	t := g.t
	edges = slices.DeleteFunc(slices.Clone(edges), func(id int32) bool { return !t.activePublic(&t.edges[id]) })
	slices.SortFunc(edges, t.compareEdges)
	for _, id := range edges {
		e := &t.edges[id]
		a, b := g.find(t.nodes[e.strong].core), g.find(t.nodes[e.weak].core)
		switch {
		case a == b:
		case t.named(a) && t.named(b), g.conflict(a, b):
			contested = true
		case t.veto[id]:
			contested = true
			if t.bind(e.strong, e.weak, t.vetoBy) {
				g.bound[a], g.bound[b] = append(g.bound[a], e.strong), append(g.bound[b], e.weak)
				t.watch(t.region(e.strong, e.weak))
			}
		default:
			if t.compareNodes(b, a) < 0 {
				a, b = b, a
			}
			g.parent[b] = a
			g.bound[a] = append(g.bound[a], g.bound[b]...)
		}
	}
	for _, c := range cores {
		if top := g.find(c); top != c {
			t.rememberCore(c)
			t.nodes[c].group = top
			t.setNextCore(c, t.nodes[top].nextCore)
			t.setNextCore(top, c)
			t.joined++
		}
	}
	return contested
}
