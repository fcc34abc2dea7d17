// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import "slices"

// A person is a group of cores. Cores are represented by their strongest members, which are in a circular list. The strongest of them gives the
// number of the person. In a person with a named core, it is the named one.

// coresOf returns the cores of the person that a core belongs to, starting with that core.
func (g *Graph) coresOf(core int32) []int32 {
	cores := []int32{core}
	for c := g.nodes[core].nextCore; c != core; c = g.nodes[c].nextCore {
		cores = append(cores, c)
	}
	return cores
}

// everybodyWith returns the members of the identifier's person, starting with the identifier.
func (g *Graph) everybodyWith(i int32) []int32 {
	members := g.membersOf(i)
	for _, core := range g.coresOf(g.nodes[i].core)[1:] {
		members = append(members, g.membersOf(core)...)
	}
	return members
}

// people returns the members of all persons of the identifiers, and the number of persons.
func (g *Graph) people(nodes []int32) (members []int32, persons int) {
	done := map[int32]bool{}
	for _, i := range nodes {
		if p := g.groupOf(i); !done[p] {
			done[p] = true
			persons++
			members = append(members, g.everybodyWith(i)...)
		}
	}
	return members, persons
}

// rememberCore saves the person that the members of a core had before the current call.
func (g *Graph) rememberCore(core int32) {
	for _, m := range g.membersOf(core) {
		g.remember(m)
	}
}

// open splits a person into its cores.
func (g *Graph) open(core int32) {
	cores := g.coresOf(core)
	for _, c := range cores {
		g.rememberCore(c)
	}
	g.ring(none, cores...)
	g.joined -= int64(len(cores) - 1)
}

// ring makes one person of the cores. The first one gives the number; if number is none, each core becomes a person.
func (g *Graph) ring(number int32, cores ...int32) {
	for k, c := range cores {
		if number == none {
			g.nodes[c].group = c
			g.setNextCore(c, c)
			continue
		}
		g.nodes[c].group = number
		g.setNextCore(c, cores[(k+1)%len(cores)])
	}
}

// leave removes unnamed cores from their persons. All such cores of an unnamed person are removed together.
func (g *Graph) leave(cores []int32) {
	going := make(map[int32]bool, len(cores))
	for _, c := range cores {
		going[c] = true
	}
	for _, c := range cores {
		if g.nodes[c].nextCore == c {
			continue
		}
		all := g.coresOf(g.nodes[c].group)
		var stay, gone []int32
		for _, x := range all {
			if going[x] {
				g.rememberCore(x)
				gone = append(gone, x)
			} else {
				stay = append(stay, x)
			}
		}
		g.ring(none, gone...)
		g.joined -= int64(len(all) - max(len(stay), 1))
		if len(stay) > 0 {
			g.ring(stay[0], stay...)
		}
	}
}

// joinGroups makes one person of two, at least one of which has no name.
func (g *Graph) joinGroups(p, q int32, contested bool) {
	if g.stronger(q, p) {
		p, q = q, p
	}
	for _, c := range g.coresOf(q) {
		g.rememberCore(c)
		g.nodes[c].group = p
	}
	x, y := g.nodes[p].nextCore, g.nodes[q].nextCore
	g.setNextCore(p, y)
	g.setNextCore(q, x)
	g.joined++
	if !contested {
		return
	}
	for _, c := range g.coresOf(q) {
		if !g.named(c) {
			g.nodes[c].flags |= flagContested
		}
	}
}

// grouping joins cores by public links: Kruskal's algorithm over sets of cores.
type grouping struct {
	graph  *Graph
	parent map[int32]int32
	// bound holds, for each set, the members that have constraints.
	bound map[int32][]int32
}

func newGrouping(g *Graph) *grouping {
	return &grouping{graph: g, parent: map[int32]int32{}, bound: map[int32][]int32{}}
}

// find returns the strongest core of the set.
func (s *grouping) find(core int32) int32 {
	p, known := s.parent[core]
	if !known {
		s.parent[core] = core
		if len(s.graph.apart) > 0 {
			for _, m := range s.graph.membersOf(core) {
				if len(s.graph.apart[m]) > 0 {
					s.bound[core] = append(s.bound[core], m)
				}
			}
		}
		return core
	}
	if p == core {
		return core
	}
	top := s.find(p)
	s.parent[core] = top
	return top
}

func (s *grouping) conflict(a, b int32) bool {
	for _, m := range s.bound[a] {
		for _, x := range s.graph.apart[m] {
			if s.find(s.graph.nodes[x.other].core) == b {
				return true
			}
		}
	}
	return false
}

// take joins single cores by the edges, and reports whether any of the edges was refused.
func (s *grouping) take(cores, edges []int32) (contested bool) {
	g := s.graph
	edges = slices.DeleteFunc(slices.Clone(edges), func(id int32) bool { return !g.activePublic(&g.edges[id]) })
	slices.SortFunc(edges, g.compareEdges)
	for _, id := range edges {
		e := &g.edges[id]
		a, b := s.find(g.nodes[e.strong].core), s.find(g.nodes[e.weak].core)
		switch {
		case a == b:
		case g.named(a) && g.named(b), s.conflict(a, b):
			contested = true
		case g.veto[id]:
			contested = true
			if g.bind(e.strong, e.weak, g.vetoBy) {
				s.bound[a], s.bound[b] = append(s.bound[a], e.strong), append(s.bound[b], e.weak)
				g.watch(g.region(e.strong, e.weak))
			}
		default:
			if g.stronger(b, a) {
				a, b = b, a
			}
			s.parent[b] = a
			s.bound[a] = append(s.bound[a], s.bound[b]...)
		}
	}
	for _, c := range cores {
		if top := s.find(c); top != c {
			g.rememberCore(c)
			g.nodes[c].group = top
			g.setNextCore(c, g.nodes[top].nextCore)
			g.setNextCore(top, c)
			g.joined++
		}
	}
	return contested
}
