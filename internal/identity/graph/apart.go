// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
)

// bond is a cannot-link constraint of an identifier: it never becomes one person with other. by is the identifier whose split is the reason.
type bond struct {
	other, by int32
}

// bind adds a constraint between two identifiers, and reports whether it is new.
func (g *Graph) bind(a, b, by int32) bool {
	if a == b || slices.Contains(g.apart[a], bond{b, by}) {
		return false
	}
	g.apart[a] = append(g.apart[a], bond{b, by})
	g.apart[b] = append(g.apart[b], bond{a, by})
	return true
}

// release removes a constraint, and reports whether it existed.
func (g *Graph) release(a, b, by int32) bool {
	if !slices.Contains(g.apart[a], bond{b, by}) {
		return false
	}
	g.unbind(a, bond{b, by})
	g.unbind(b, bond{a, by})
	return true
}

func (g *Graph) unbind(i int32, x bond) {
	rest := slices.DeleteFunc(g.apart[i], func(y bond) bool { return x == y })
	if g.apart[i] = rest; len(rest) == 0 {
		delete(g.apart, i)
	}
}

// forgetBonds removes the constraints of an identifier that is removed. Constraints of others because of it stay, without a reason.
func (g *Graph) forgetBonds(gone int32) {
	for _, x := range slices.Clone(g.apart[gone]) {
		g.release(gone, x.other, x.by)
	}
	for _, bonds := range g.apart {
		for k := range bonds {
			if bonds[k].by == gone {
				bonds[k].by = none
			}
		}
	}
}

// Apart returns all pairs that are kept apart, each once, in a fixed order.
func (g *Graph) Apart() []identity.Pair {
	var pairs []identity.Pair
	for i, bonds := range g.apart {
		for _, x := range bonds {
			pairs = append(pairs, g.pairOfBond(i, x.other, x.by)) // once for each of the two; Compact drops one
		}
	}
	slices.SortFunc(pairs, identity.ComparePairs)
	return slices.Compact(pairs)
}

func (g *Graph) pairOfBond(a, b, by int32) identity.Pair {
	p := identity.Pair{A: min(g.nodes[a].anchor, g.nodes[b].anchor), B: max(g.nodes[a].anchor, g.nodes[b].anchor)}
	if by != none {
		p.By = g.nodes[by].anchor
	}
	return p
}

// indexes returns the indexes of the identifiers of a pair. It returns false if either of the two is unknown.
func (g *Graph) indexes(p identity.Pair) (a, b, by int32, ok bool) {
	a, okA := g.index[p.A]
	b, okB := g.index[p.B]
	by = none
	if i, known := g.index[p.By]; known && p.By != 0 {
		by = i
	}
	return a, b, by, okA && okB
}

// conflict reports whether the persons of two identifiers have members that are kept apart. At most one of the two can have a customer, or both have
// only customers.
func (g *Graph) conflict(a, b int32) bool {
	if len(g.apart) == 0 {
		return false
	}
	// The person without a customer is the smaller one to search.
	if g.exclusive(g.nodes[a].core) {
		a, b = b, a
	}
	other := g.nodes[b].core
	for _, m := range g.membersOf(a) {
		for _, x := range g.apart[m] {
			if g.nodes[x.other].core == other {
				return true
			}
		}
	}
	return false
}

// constrained reports whether the person of the identifier has members with constraints.
func (g *Graph) constrained(i int32) bool {
	if len(g.apart) == 0 {
		return false
	}
	return slices.ContainsFunc(g.membersOf(i), func(m int32) bool { return len(g.apart[m]) > 0 })
}

// watched reports whether the edge is in a region with constraints, where the forest alone does not determine what it changes.
func (g *Graph) watched(e *edge) bool {
	return g.has(e.strong, flagWatched) || g.has(e.weak, flagWatched)
}
