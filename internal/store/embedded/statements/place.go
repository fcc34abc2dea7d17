// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package statements

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// placing guesses the persons that follow from the links. It is a union-find with the most important rules: hubs link nothing, and two customers are
// not joined. What it gets wrong costs time, because a row is then stored with another person than its own, and scans re-attribute it.
type placing struct {
	anchors []event.Anchor
	types   []uint16
	// parents is a forest. The root of a tree is its strongest identity.
	parents []int32
	edges   []placedEdge
	names   []string
}

type placedEdge struct {
	time         int64
	strong, weak int32
	explicit     bool
}

// Place returns the expected persons once the sorted links are added to a view.
func (s *Set) Place(known *identity.View, policy identity.Policy) *identity.View {
	p := &placing{names: s.types}
	p.collect(s)
	hubs := p.hubs(policy)
	slices.SortFunc(p.edges, func(a, b placedEdge) int { return cmp.Compare(a.time, b.time) })
	for _, e := range p.edges {
		if !hubs[e.weak] && !hubs[e.strong] {
			p.join(e)
		}
	}
	return p.view(known)
}

func (p *placing) collect(s *Set) {
	p.anchors = make([]event.Anchor, 0, 2*len(s.sorted))
	for i := range s.sorted {
		p.anchors = append(p.anchors, s.sorted[i].strong, s.sorted[i].weak)
	}
	slices.Sort(p.anchors)
	p.anchors = slices.Clip(slices.Compact(p.anchors))
	p.types, p.parents = make([]uint16, len(p.anchors)), make([]int32, len(p.anchors))
	for i := range p.parents {
		p.parents[i] = int32(i)
	}
	for i := range s.sorted {
		f := &s.sorted[i]
		strong, _ := slices.BinarySearch(p.anchors, f.strong)
		weak, _ := slices.BinarySearch(p.anchors, f.weak)
		p.types[strong], p.types[weak] = f.strongType, f.weakType
		if strong != weak {
			p.edges = append(p.edges, placedEdge{time: f.time, strong: int32(strong), weak: int32(weak), explicit: f.explicit})
		}
	}
}

// hubs returns the identities that have more links to stronger ones of one type than the policy allows.
func (p *placing) hubs(policy identity.Policy) map[int32]bool {
	slices.SortFunc(p.edges, func(a, b placedEdge) int {
		return cmp.Or(cmp.Compare(a.weak, b.weak), cmp.Compare(p.types[a.strong], p.types[b.strong]))
	})
	hubs, n := map[int32]bool{}, 0
	for i, e := range p.edges {
		if n++; i == 0 || p.edges[i-1].weak != e.weak || p.types[p.edges[i-1].strong] != p.types[e.strong] {
			n = 1
		}
		if most, limited := policy.MaxLinks[p.names[p.types[e.weak]]]; limited && n > most {
			hubs[e.weak] = true
		}
	}
	return hubs
}

func (p *placing) root(i int32) int32 {
	for p.parents[i] != i {
		p.parents[i] = p.parents[p.parents[i]]
		i = p.parents[i]
	}
	return i
}

func (p *placing) join(e placedEdge) {
	a, b := p.root(e.strong), p.root(e.weak)
	if a == b || p.customer(a) && p.customer(b) && !e.explicit {
		return
	}
	if identity.CompareNodes(p.names[p.types[b]], p.anchors[b], p.names[p.types[a]], p.anchors[a]) < 0 {
		a, b = b, a
	}
	p.parents[b] = a
}

func (p *placing) customer(i int32) bool { return p.names[p.types[i]] == identity.Customer }

// view returns the known persons with those of the links. Its version is 0, which no table has.
func (p *placing) view(known *identity.View) *identity.View {
	oldAnchors, oldPersons := known.Mapping()
	n := len(oldAnchors) + len(p.anchors)
	anchors, persons := make([]event.Anchor, 0, n), make([]event.Anchor, 0, n)
	old := 0
	for i, a := range p.anchors {
		for ; old < len(oldAnchors) && oldAnchors[old] < a; old++ {
			anchors, persons = append(anchors, oldAnchors[old]), append(persons, oldPersons[old])
		}
		if old < len(oldAnchors) && oldAnchors[old] == a {
			old++
		}
		if person := event.Anchor(known.PersonOf(p.anchors[p.root(int32(i))])); person != a {
			anchors, persons = append(anchors, a), append(persons, person)
		}
	}
	return identity.NewView(0, append(anchors, oldAnchors[old:]...), append(persons, oldPersons[old:]...))
}
