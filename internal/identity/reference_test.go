// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// reference computes persons from nothing, in the plainest way: it is what Table has to agree with.
type reference struct {
	policy Policy
	types  map[event.Anchor]string
	links  map[[2]event.Anchor]Edge
	pinned map[event.Anchor]bool
	// apart has the pairs that are kept apart, and why.
	apart map[Pair]bool
}

func newReference(p Policy) *reference {
	return &reference{
		policy: p, types: map[event.Anchor]string{}, links: map[[2]event.Anchor]Edge{}, pinned: map[event.Anchor]bool{}, apart: map[Pair]bool{},
	}
}

func pair(e Edge) [2]event.Anchor {
	return [2]event.Anchor{min(e.Strong.Anchor, e.Weak.Anchor), max(e.Strong.Anchor, e.Weak.Anchor)}
}

func (r *reference) add(e Edge) {
	r.types[e.Strong.Anchor], r.types[e.Weak.Anchor] = e.Strong.Type, e.Weak.Type
	if e.Strong == e.Weak {
		return
	}
	old, known := r.links[pair(e)]
	explicit := e.joinsCustomers() || old.Explicit
	if known && cmp.Or(cmp.Compare(e.Time, old.Time), compareKeys(e.Key, old.Key)) >= 0 {
		e = old
	}
	e.Explicit = explicit
	r.links[pair(e)] = e
}

func (r *reference) hubs() map[event.Anchor]bool {
	counts := map[event.Anchor]map[string]int{}
	hubs := map[event.Anchor]bool{}
	for a := range r.pinned {
		hubs[a] = true
	}
	for _, e := range r.links {
		if event.Strength(e.Strong.Type) >= event.Strength(e.Weak.Type) {
			continue
		}
		if counts[e.Weak.Anchor] == nil {
			counts[e.Weak.Anchor] = map[string]int{}
		}
		counts[e.Weak.Anchor][e.Strong.Type]++
		limit, limited := r.policy.MaxLinks[e.Weak.Type]
		if limited && counts[e.Weak.Anchor][e.Strong.Type] > limit {
			hubs[e.Weak.Anchor] = true
		}
	}
	return hubs
}

// ordered lists the edges that link: aliases of customers first.
func (r *reference) ordered(hubs map[event.Anchor]bool) []Edge {
	var edges []Edge
	for _, e := range r.links {
		if e.Explicit || !hubs[e.Strong.Anchor] && !hubs[e.Weak.Anchor] {
			edges = append(edges, e)
		}
	}
	slices.SortFunc(edges, func(a, b Edge) int {
		if a.Explicit != b.Explicit {
			if a.Explicit {
				return -1
			}
			return 1
		}
		return cmp.Or(
			cmp.Compare(a.Time, b.Time), compareKeys(a.Key, b.Key),
			compareNodes(a.Strong.Type, a.Strong.Anchor, b.Strong.Type, b.Strong.Anchor),
			compareNodes(a.Weak.Type, a.Weak.Anchor, b.Weak.Type, b.Weak.Anchor),
		)
	})
	return edges
}

// resolve gives the person of every identifier, and the statistics.
func (r *reference) resolve() (map[event.Anchor]event.Anchor, Stats) {
	return r.resolveBut(func(Edge) bool { return false })
}

// resolveBut leaves out links that forbidden tells of when they would count; it may bind their ends apart.
func (r *reference) resolveBut(forbidden func(Edge) bool) (map[event.Anchor]event.Anchor, Stats) {
	person := map[event.Anchor]event.Anchor{}
	for a := range r.types {
		person[a] = a
	}
	hubs := r.hubs()
	stats := Stats{Hubs: int64(len(hubs)), Identifiers: int64(len(r.types)), Links: int64(len(r.links))}
	for _, e := range r.ordered(hubs) {
		a, b := person[e.Strong.Anchor], person[e.Weak.Anchor]
		switch {
		case a == b:
			continue
		case !e.Explicit && r.types[a] == Customer && r.types[b] == Customer, r.conflict(person, a, b), forbidden(e):
			stats.RefusedMerges++
			continue
		}
		if compareNodes(r.types[b], b, r.types[a], a) < 0 {
			a, b = b, a
		}
		for m, p := range person {
			if p == b {
				person[m] = a
			}
		}
	}
	for a, p := range person {
		if a == p && !hubs[a] {
			stats.Persons++
		}
	}
	return person, stats
}

func (r *reference) remove(a event.Anchor) {
	person, _ := r.resolve()
	r.forget(func(m event.Anchor) bool { return person[m] == person[a] })
}

// forget takes identifiers and their links away; hubs stay hubs.
func (r *reference) forget(gone func(event.Anchor) bool) {
	hubs := r.hubs()
	for key, e := range r.links {
		strong, weak := gone(e.Strong.Anchor), gone(e.Weak.Anchor)
		if strong && hubs[e.Weak.Anchor] {
			r.pinned[e.Weak.Anchor] = true
		}
		if strong || weak {
			delete(r.links, key)
		}
	}
	for m := range r.types {
		if gone(m) {
			delete(r.types, m)
			delete(r.pinned, m)
		}
	}
	for p := range r.apart {
		delete(r.apart, p)
		if gone(p.By) {
			p.By = 0
		}
		if !gone(p.A) && !gone(p.B) {
			r.apart[p] = true
		}
	}
}

// conflict tells whether two persons have members that are kept apart.
func (r *reference) conflict(person map[event.Anchor]event.Anchor, a, b event.Anchor) bool {
	for p := range r.apart {
		x, y := person[p.A], person[p.B]
		if x == a && y == b || x == b && y == a {
			return true
		}
	}
	return false
}

func (r *reference) bind(a, b, by event.Anchor) {
	if a != b {
		r.apart[Pair{A: min(a, b), B: max(a, b), By: by}] = true
	}
}

// split takes x out of its person, or apart from another identifier.
func (r *reference) split(x, from event.Anchor) {
	if from != 0 {
		r.bind(x, from, x)
		return
	}
	person, _ := r.resolve()
	for m := range person {
		if person[m] == person[x] {
			r.bind(x, m, x)
		}
	}
	for _, e := range r.links {
		if e.Strong.Anchor == x {
			r.bind(x, e.Weak.Anchor, x)
		}
		if e.Weak.Anchor == x {
			r.bind(x, e.Strong.Anchor, x)
		}
	}
	r.keepOut(person, person[x], x)
}

// undo takes back what a split of x did, or what keeps it apart from another identifier.
func (r *reference) undo(x, from event.Anchor) {
	if from == 0 {
		delete(r.pinned, x)
	}
	for p := range r.apart {
		if from == 0 && p.By == x || from != 0 && p.A == min(x, from) && p.B == max(x, from) {
			delete(r.apart, p)
		}
	}
}

// removeOne forgets one identifier.
func (r *reference) removeOne(x event.Anchor) {
	person, _ := r.resolve()
	whose := person[x]
	r.forget(func(m event.Anchor) bool { return m == x })
	delete(person, x)
	r.keepOut(person, whose, 0)
}

// keepOut keeps those who were a person from joining others by links that they have.
func (r *reference) keepOut(before map[event.Anchor]event.Anchor, whose, by event.Anchor) {
	r.resolveBut(func(e Edge) bool {
		crosses := (before[e.Strong.Anchor] == whose) != (before[e.Weak.Anchor] == whose)
		if crosses {
			r.bind(e.Strong.Anchor, e.Weak.Anchor, by)
		}
		return crosses
	})
}
