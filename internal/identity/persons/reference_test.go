// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// reference computes persons from scratch in the simplest way. Table must agree with it.
type reference struct {
	policy identity.Policy
	types  map[event.Anchor]string
	// said has every link, with the sources that stated it.
	said   map[[2]event.Anchor][]statement
	public map[string]bool
	pinned map[event.Anchor]bool
	// pinnedPublic are hubs for public links only.
	pinnedPublic map[event.Anchor]bool
	// apart has the pairs that are kept apart, with their reason.
	apart map[identity.Pair]bool
}

// statement is a link that a source stated.
type statement struct {
	identity.Edge
	source string
}

func newReference(p identity.Policy) *reference {
	return &reference{
		policy: p, types: map[event.Anchor]string{}, said: map[[2]event.Anchor][]statement{}, public: map[string]bool{},
		pinned: map[event.Anchor]bool{}, pinnedPublic: map[event.Anchor]bool{}, apart: map[identity.Pair]bool{},
	}
}

func pair(e identity.Edge) [2]event.Anchor {
	return [2]event.Anchor{min(e.Strong.Anchor, e.Weak.Anchor), max(e.Strong.Anchor, e.Weak.Anchor)}
}

func (r *reference) add(from identity.Source, e identity.Edge) {
	r.public[from.Name] = from.Public
	r.types[e.Strong.Anchor], r.types[e.Weak.Anchor] = e.Strong.Type, e.Weak.Type
	if e.Strong != e.Weak {
		r.said[pair(e)] = append(r.said[pair(e)], statement{Edge: e, source: from.Name})
	}
}

// claim is the statement about a pair by its most trusted sources.
type claim struct {
	identity.Edge
	public bool
}

// links returns the claim about each pair.
func (r *reference) links() []claim {
	var links []claim
	for _, said := range r.said {
		c := claim{public: true}
		for _, s := range said {
			c.public = c.public && r.public[s.source]
		}
		explicit, first := false, true
		for _, s := range said {
			if r.public[s.source] != c.public {
				continue
			}
			explicit = explicit || s.JoinsCustomers() && !c.public
			if first || cmp.Or(cmp.Compare(s.Time, c.Time), identity.CompareKeys(s.Key, c.Key)) < 0 {
				c.Edge, first = s.Edge, false
			}
		}
		// the first statement determines which end is the strong one
		c.Strong, c.Weak, c.Explicit = said[0].Strong, said[0].Weak, explicit
		links = append(links, c)
	}
	return links
}

func (c claim) namesTwo() bool { return identity.Names(c.Strong.Type) && identity.Names(c.Weak.Type) }

// hubs returns the hubs of trusted links, which link nothing, and the hubs of all links, which have no public links.
func (r *reference) hubs() (hubs, public map[event.Anchor]bool) {
	hubs, public = r.hubsOf(false, r.pinned), r.hubsOf(true, r.pinnedPublic)
	return hubs, public
}

func (r *reference) hubsOf(all bool, pinned map[event.Anchor]bool) map[event.Anchor]bool {
	counts := map[event.Anchor]map[string]int{}
	hubs := map[event.Anchor]bool{}
	for a := range pinned {
		hubs[a] = true
	}
	for _, e := range r.links() {
		if event.Strength(e.Strong.Type) >= event.Strength(e.Weak.Type) || e.public && (!all || e.namesTwo()) {
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

// ordered returns the edges that link: aliases of customers first, public ones last.
func (r *reference) ordered(hubs, public map[event.Anchor]bool) []claim {
	var edges []claim
	for _, e := range r.links() {
		ofHub := hubs[e.Strong.Anchor] || hubs[e.Weak.Anchor]
		if e.public {
			ofHub = ofHub || public[e.Strong.Anchor] || public[e.Weak.Anchor] || e.namesTwo()
		}
		if e.Explicit || !ofHub {
			edges = append(edges, e)
		}
	}
	rank := func(c claim) int {
		switch {
		case c.Explicit:
			return 0
		case c.public:
			return 2
		}
		return 1
	}
	slices.SortFunc(edges, func(a, b claim) int {
		return cmp.Or(
			cmp.Compare(rank(a), rank(b)),
			cmp.Compare(a.Time, b.Time), identity.CompareKeys(a.Key, b.Key),
			identity.CompareNodes(a.Strong.Type, a.Strong.Anchor, b.Strong.Type, b.Strong.Anchor),
			identity.CompareNodes(a.Weak.Type, a.Weak.Anchor, b.Weak.Type, b.Weak.Anchor),
		)
	})
	return edges
}

// resolve returns the person of every identifier, and the statistics.
func (r *reference) resolve() (map[event.Anchor]event.Anchor, identity.Stats) {
	return r.resolveBut(func(identity.Edge) bool { return false })
}

// resolveBut is resolve without the links that forbidden reports when they would count. forbidden can bind their ends apart.
func (r *reference) resolveBut(forbidden func(identity.Edge) bool) (map[event.Anchor]event.Anchor, identity.Stats) {
	person := map[event.Anchor]event.Anchor{}
	for a := range r.types {
		person[a] = a
	}
	hubs, public := r.hubs()
	stats := identity.Stats{Identifiers: int64(len(r.types)), Links: int64(len(r.said))}
	for _, e := range r.ordered(hubs, public) {
		a, b := person[e.Strong.Anchor], person[e.Weak.Anchor]
		switch {
		case a == b:
			continue
		case !e.Explicit && r.types[a] == identity.Customer && r.types[b] == identity.Customer,
			e.public && identity.Names(r.types[a]) && identity.Names(r.types[b]), r.conflict(person, a, b), forbidden(e.Edge):
			if !e.public {
				stats.RefusedMerges++
			}
			continue
		}
		if identity.CompareNodes(r.types[b], b, r.types[a], a) < 0 {
			a, b = b, a
		}
		for m, p := range person {
			if p == b {
				person[m] = a
			}
		}
	}
	members := map[event.Anchor]int{}
	for _, p := range person {
		members[p]++
	}
	for a, p := range person {
		switch {
		case hubs[a], public[a] && members[a] == 1 && a == p:
			stats.Hubs++
		case a == p:
			stats.Persons++
		}
	}
	for _, e := range r.links() {
		s, w := e.Strong.Anchor, e.Weak.Anchor
		if e.public && person[s] != person[w] && !hubs[s] && !hubs[w] && !public[s] && !public[w] {
			stats.RefusedPublic++
		}
	}
	return person, stats
}

func (r *reference) remove(a event.Anchor) {
	person, _ := r.resolve()
	r.forget(func(m event.Anchor) bool { return person[m] == person[a] })
}

// forget removes identifiers and their links. Hubs stay hubs.
func (r *reference) forget(gone func(event.Anchor) bool) {
	hubs, public := r.hubs()
	for key, said := range r.said {
		strong, weak := gone(said[0].Strong.Anchor), gone(said[0].Weak.Anchor)
		if strong && hubs[said[0].Weak.Anchor] {
			r.pinned[said[0].Weak.Anchor] = true
		}
		if strong && public[said[0].Weak.Anchor] {
			r.pinnedPublic[said[0].Weak.Anchor] = true
		}
		if strong || weak {
			delete(r.said, key)
		}
	}
	for m := range r.types {
		if gone(m) {
			delete(r.types, m)
			delete(r.pinned, m)
			delete(r.pinnedPublic, m)
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

// conflict reports whether two persons have members that are kept apart.
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
		r.apart[identity.Pair{A: min(a, b), B: max(a, b), By: by}] = true
	}
}

// split removes x from its person, or keeps it apart from another identifier.
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
	for _, e := range r.links() {
		if e.Strong.Anchor == x {
			r.bind(x, e.Weak.Anchor, x)
		}
		if e.Weak.Anchor == x {
			r.bind(x, e.Strong.Anchor, x)
		}
	}
	r.keepOut(person, person[x], x)
}

// undo reverts a split of x, or what keeps it apart from another identifier.
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

// removeOne removes one identifier.
func (r *reference) removeOne(x event.Anchor) {
	person, _ := r.resolve()
	whose := person[x]
	r.forget(func(m event.Anchor) bool { return m == x })
	delete(person, x)
	r.keepOut(person, whose, 0)
}

// keepOut prevents links from merging a person with other persons.
func (r *reference) keepOut(before map[event.Anchor]event.Anchor, whose, by event.Anchor) {
	r.resolveBut(func(e identity.Edge) bool {
		crosses := (before[e.Strong.Anchor] == whose) != (before[e.Weak.Anchor] == whose)
		if crosses {
			r.bind(e.Strong.Anchor, e.Weak.Anchor, by)
		}
		return crosses
	})
}
