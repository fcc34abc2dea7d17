// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Pair is two identifiers that never become one person, whatever is said of them: by a link, over others, or by an alias. By is the identifier
// whose split is the reason, 0 when it was erased. Pairs hold anchors, never values.
type Pair struct {
	A  event.Anchor `json:"a,string"`
	B  event.Anchor `json:"b,string"`
	By event.Anchor `json:"by,string,omitempty"`
}

// bond is a pair as one of its identifiers has it.
type bond struct {
	other, by int32
}

// bind keeps two identifiers apart, and tells whether that is new.
func (t *Table) bind(a, b, by int32) bool {
	if a == b || slices.Contains(t.apart[a], bond{b, by}) {
		return false
	}
	t.apart[a] = append(t.apart[a], bond{b, by})
	t.apart[b] = append(t.apart[b], bond{a, by})
	return true
}

// release takes a pair back, and tells whether it was there.
func (t *Table) release(a, b, by int32) bool {
	if !slices.Contains(t.apart[a], bond{b, by}) {
		return false
	}
	t.unbind(a, bond{b, by})
	t.unbind(b, bond{a, by})
	return true
}

func (t *Table) unbind(i int32, x bond) {
	rest := slices.DeleteFunc(t.apart[i], func(y bond) bool { return x == y })
	if t.apart[i] = rest; len(rest) == 0 {
		delete(t.apart, i)
	}
}

// forgetBonds of an identifier that goes; those that others have because of it stay without a reason.
func (t *Table) forgetBonds(gone int32) {
	for _, x := range slices.Clone(t.apart[gone]) {
		t.release(gone, x.other, x.by)
	}
	for _, bonds := range t.apart {
		for k := range bonds {
			if bonds[k].by == gone {
				bonds[k].by = none
			}
		}
	}
}

// pairsApart lists all pairs, each once, in a fixed order.
func (t *Table) pairsApart() []Pair {
	var pairs []Pair
	for i, bonds := range t.apart {
		for _, x := range bonds {
			if i < x.other {
				pairs = append(pairs, t.pairOfBond(i, x.other, x.by))
			}
		}
	}
	slices.SortFunc(pairs, comparePairs)
	return slices.Compact(pairs)
}

func comparePairs(p, q Pair) int {
	return cmp.Or(cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B), cmp.Compare(p.By, q.By))
}

func (t *Table) pairOfBond(a, b, by int32) Pair {
	p := Pair{A: min(t.nodes[a].anchor, t.nodes[b].anchor), B: max(t.nodes[a].anchor, t.nodes[b].anchor)}
	if by != none {
		p.By = t.nodes[by].anchor
	}
	return p
}

// indexes of the identifiers of a pair; false when one of the two is not known.
func (t *Table) indexes(p Pair) (a, b, by int32, ok bool) {
	a, okA := t.index[p.A]
	b, okB := t.index[p.B]
	by = none
	if i, known := t.index[p.By]; known && p.By != 0 {
		by = i
	}
	return a, b, by, okA && okB
}

// conflict tells whether the persons of two identifiers have members that are kept apart. Only one of the two may have a customer, or both
// consist of customers alone.
func (t *Table) conflict(a, b int32) bool {
	if len(t.apart) == 0 {
		return false
	}
	// The person without a customer is the smaller one to look through.
	if t.exclusive(t.nodes[a].core) {
		a, b = b, a
	}
	other := t.nodes[b].core
	for _, m := range t.membersOf(a) {
		for _, x := range t.apart[m] {
			if t.nodes[x.other].core == other {
				return true
			}
		}
	}
	return false
}

// constrained tells whether the person of the identifier has members that are kept apart from anybody.
func (t *Table) constrained(i int32) bool {
	if len(t.apart) == 0 {
		return false
	}
	return slices.ContainsFunc(t.membersOf(i), func(m int32) bool { return len(t.apart[m]) > 0 })
}

// watched tells whether the edge lies where some are kept apart, so that the forest cannot say what it changes.
func (t *Table) watched(e *edge) bool {
	return t.has(e.strong, flagWatched) || t.has(e.weak, flagWatched)
}
