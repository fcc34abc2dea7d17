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
}

func newReference(p Policy) *reference {
	return &reference{
		policy: p, types: map[event.Anchor]string{}, links: map[[2]event.Anchor]Edge{}, pinned: map[event.Anchor]bool{},
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
		case !e.Explicit && r.types[a] == exclusiveType && r.types[b] == exclusiveType:
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
	hubs := r.hubs()
	gone := func(m event.Anchor) bool { return person[m] == person[a] }
	for key, e := range r.links {
		strong, weak := gone(e.Strong.Anchor), gone(e.Weak.Anchor)
		if strong && hubs[e.Weak.Anchor] {
			r.pinned[e.Weak.Anchor] = true
		}
		if strong || weak {
			delete(r.links, key)
		}
	}
	for m := range person {
		if gone(m) {
			delete(r.types, m)
			delete(r.pinned, m)
		}
	}
}
