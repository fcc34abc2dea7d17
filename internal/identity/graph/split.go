// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Split separates an identity from others permanently; see identity.Split. keep makes the change durable before it is visible. If it fails, the graph
// does not change. Errors: identity.ErrUnknown, identity.ErrCustomer, and that of keep.
func (g *Graph) Split(s identity.Split, keep func(identity.Bonds) error) (identity.Parted, error) {
	x, ok := g.index[s.Identity]
	from, okFrom := g.index[s.From]
	if s.From == 0 {
		from, okFrom = x, ok
	}
	if !ok || !okFrom {
		return identity.Parted{}, identity.ErrUnknown
	}
	if s.Shared && g.exclusive(x) {
		return identity.Parted{}, identity.ErrCustomer
	}
	members, _ := g.people([]int32{x, from})
	b := g.part(s, x, from)
	if !b.Empty() {
		if err := keep(b); err != nil {
			g.Rebind(b.Reversed())
			clear(g.before)
			return identity.Parted{}, err
		}
	}
	_, persons := g.people(members)
	parted := identity.Parted{Bonds: b, Persons: persons, Moved: g.movedNow()}
	return parted, nil
}

// part makes the change of a split, and returns it.
func (g *Graph) part(s identity.Split, x, from int32) (b identity.Bonds) {
	switch {
	case s.Undo:
		b.Dropped = g.reasonsOf(x, from)
		if x == from && g.has(x, flagPinned) {
			b.Unpinned = []event.Anchor{s.Identity}
		}
		g.Rebind(b)
	case s.Shared:
		if !g.has(x, flagPinned) {
			b.Pinned = []event.Anchor{s.Identity}
		}
		g.Rebind(b)
	case from != x:
		b.Added = g.bindAll(x, []int32{from})
		g.rejoin([]int32{x, from})
		g.settle()
	default:
		b.Added = g.isolateFromAll(x)
	}
	return b
}

// Rebind applies a change that Split returned, when the log is replayed.
func (g *Graph) Rebind(b identity.Bonds) {
	var nodes []int32
	for _, p := range b.Dropped {
		if x, y, by, ok := g.indexes(p); ok && g.release(x, y, by) {
			nodes = append(nodes, x, y)
		}
	}
	for _, p := range b.Added {
		if x, y, by, ok := g.indexes(p); ok && g.bind(x, y, by) {
			nodes = append(nodes, x, y)
		}
	}
	for _, a := range b.Unpinned {
		if i, ok := g.index[a]; ok {
			nodes = append(nodes, g.pin(i, false)...)
		}
	}
	for _, a := range b.Pinned {
		if i, ok := g.index[a]; ok {
			nodes = append(nodes, g.pin(i, true)...)
		}
	}
	g.rejoin(nodes)
	g.settle()
}

// pin makes an identity a hub permanently, or only as far as its links require, and returns the identifiers that this concerns.
func (g *Graph) pin(i int32, pinned bool) (concerned []int32) {
	concerned = []int32{i}
	g.eachEdge(i, func(id int32) { concerned = append(concerned, g.other(id, i)) })
	if g.has(i, flagHub) {
		g.hubs--
	}
	// Edges of a hub do not count as refused.
	g.refused -= g.refusedAround(concerned[:1])
	g.nodes[i].flags &^= flagPinned
	if pinned {
		g.nodes[i].flags |= flagPinned
	}
	g.findHub(i)
	g.refused += g.refusedAround(concerned[:1])
	return concerned
}

// reasonsOf returns the pairs that exist because x was split off, or only those of x and from.
func (g *Graph) reasonsOf(x, from int32) []identity.Pair {
	var pairs []identity.Pair
	for _, p := range g.Apart() {
		a, b, by, _ := g.indexes(p)
		if from == x && by == x || from != x && (a == x && b == from || a == from && b == x) {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// bindAll adds constraints between x and others, and returns the new pairs.
func (g *Graph) bindAll(x int32, others []int32) []identity.Pair {
	var pairs []identity.Pair
	for _, o := range others {
		if g.bind(x, o, x) {
			pairs = append(pairs, g.pairOfBond(x, o, x))
		}
	}
	return pairs
}

// isolateFromAll makes x a person of its own, and returns the new pairs.
func (g *Graph) isolateFromAll(x int32) []identity.Pair {
	members := g.everybodyWith(x)
	others := members[1:]
	g.eachEdge(x, func(id int32) { others = append(others, g.other(id, x)) })
	concerned := g.guard(members, x)
	before := map[identity.Pair]bool{}
	for _, p := range g.Apart() {
		before[p] = true
	}
	if len(g.bindAll(x, others)) > 0 {
		g.rejoin(concerned)
		g.settle()
	}
	g.veto = nil
	var added []identity.Pair
	for _, p := range g.Apart() {
		if !before[p] {
			added = append(added, p)
		}
	}
	return added
}

// movedNow returns the anchors whose person the current call has changed.
func (g *Graph) movedNow() []event.Anchor {
	var moved []event.Anchor
	for i, old := range g.before {
		if g.personOf(i) != old {
			moved = append(moved, g.nodes[i].anchor)
		}
	}
	return moved
}
