// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
)

// bond is a pair as one of its identifiers has it.
type bond struct {
	other, by int32
}

// bind keeps two identifiers apart, and reports whether that is new.
func (g *Graph) bind(a, b, by int32) bool {
	if a == b || slices.Contains(g.apart[a], bond{b, by}) {
		return false
	}
	g.apart[a] = append(g.apart[a], bond{b, by})
	g.apart[b] = append(g.apart[b], bond{a, by})
	return true
}

// release takes a pair back, and reports whether it was there.
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

// forgetBonds of an identifier that goes; those that others have because of it stay without a reason.
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

// Apart lists all pairs that are kept apart, each once, in a fixed order.
func (g *Graph) Apart() []identity.Pair {
	var pairs []identity.Pair
	for i, bonds := range g.apart {
		for _, x := range bonds {
			pairs = append(pairs, g.pairOfBond(i, x.other, x.by)) // The other one has it, too.
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

// indexes of the identifiers of a pair; false when one of the two is not known.
func (g *Graph) indexes(p identity.Pair) (a, b, by int32, ok bool) {
	a, okA := g.index[p.A]
	b, okB := g.index[p.B]
	by = none
	if i, known := g.index[p.By]; known && p.By != 0 {
		by = i
	}
	return a, b, by, okA && okB
}

// conflict reports whether the persons of two identifiers have members that are kept apart. Only one of the two may have a customer, or both
// consist of customers alone.
func (g *Graph) conflict(a, b int32) bool {
	if len(g.apart) == 0 {
		return false
	}
	// The person without a customer is the smaller one to look through.
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

// constrained reports whether the person of the identifier has members that are kept apart from anybody.
func (g *Graph) constrained(i int32) bool {
	if len(g.apart) == 0 {
		return false
	}
	return slices.ContainsFunc(g.membersOf(i), func(m int32) bool { return len(g.apart[m]) > 0 })
}

// watched reports whether the edge lies where some are kept apart, so that the forest cannot say what it changes.
func (g *Graph) watched(e *edge) bool {
	return g.has(e.strong, flagWatched) || g.has(e.weak, flagWatched)
}
