// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"cmp"
	"iter"

	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Add adds links of a source. If the trust in the source has changed, it changes for all its links.
func (g *Graph) Add(from identity.Source, edges iter.Seq[*identity.Edge]) {
	source := g.sourceAt(from)
	for e := range edges {
		g.add(source, e)
	}
	g.settle()
}

func (g *Graph) add(source uint32, e *identity.Edge) {
	s := g.nodeAt(e.Strong)
	if e.Strong.Anchor == e.Weak.Anchor {
		return
	}
	w := g.nodeAt(e.Weak)
	if e.Own {
		source = g.sourceAt(identity.Own)
	}
	id, known := g.pairs[pairOf(s, w)]
	if known {
		g.update(id, origin{source: source, alias: e.JoinsCustomers(), time: e.Time, key: e.Key})
		return
	}
	id, last := g.link(s, w, source, e)
	g.apply(id, last)
}

// nodeAt returns the index of the identifier. A new one becomes a person of its own.
func (g *Graph) nodeAt(n identity.Node) int32 {
	if i, ok := g.index[n.Anchor]; ok {
		return i
	}
	i := int32(len(g.nodes))
	g.nodes = append(g.nodes, node{anchor: n.Anchor, typ: g.types.of(n.Type), next: i, nextCore: i, asWeak: none, asStrong: none})
	g.index[n.Anchor] = i
	g.isolate(i)
	g.cores++
	return i
}

// isolate makes the node a core and a person of its own.
func (g *Graph) isolate(i int32) {
	n := &g.nodes[i]
	n.core, n.parent, n.group = i, none, i
	g.setNext(i, i)
	g.setNextCore(i, i)
}

// link adds the edge of a new pair, and reports whether it comes after all others in order.
func (g *Graph) link(s, w int32, source uint32, e *identity.Edge) (id int32, last bool) {
	id = int32(len(g.edges))
	alias, public := e.JoinsCustomers(), g.sources[source].Public
	g.edges = append(g.edges, edge{
		strong: s, weak: w, nextWeak: g.nodes[w].asWeak, nextStrong: g.nodes[s].asStrong,
		source: source, alias: alias, explicit: alias && !public, public: public, time: e.Time, key: e.Key,
	})
	if public {
		g.publicEdges++
	}
	g.nodes[w].asWeak, g.nodes[s].asStrong = id, id
	g.pairs[pairOf(s, w)] = id
	if c := cmp.Or(cmp.Compare(e.Time, g.newest.time), identity.CompareKeys(e.Key, g.newest.key)); c > 0 || len(g.edges) == 1 {
		g.newest, last = g.edges[id], true
	}
	return id, last
}

// pairOf returns the same key in both directions: two identifiers of equal strength can come either way.
func pairOf(a, b int32) uint64 {
	return uint64(uint32(min(a, b)))<<32 | uint64(uint32(max(a, b)))
}

// SetPolicy changes the policy and recomputes all persons.
func (g *Graph) SetPolicy(p identity.Policy) {
	if g.policy.Equal(p) {
		return
	}
	g.policy = p.Clone()
	g.recomputeAll()
	g.settle()
}

// recomputeAll finds the hubs and processes all edges again.
func (g *Graph) recomputeAll() {
	for i := range g.nodes {
		if !g.has(int32(i), flagGone) {
			g.touch(int32(i))
		}
	}
	g.hubs, g.cores, g.joined, g.refused = 0, int64(len(g.index)), 0, 0
	for i := range g.nodes {
		g.isolate(int32(i))
		if !g.has(int32(i), flagGone) {
			g.findHub(int32(i))
		}
	}
	g.watchRegions()
	ids := make([]int32, 0, len(g.pairs))
	for id := range g.edges {
		if g.active(&g.edges[id]) {
			ids = append(ids, int32(id))
		}
	}
	g.takeInOrder(ids)
	for _, id := range ids {
		if e := &g.edges[id]; g.isRefused(e) {
			g.refused++
		}
	}
}

// watchRegions marks the regions with constraints.
func (g *Graph) watchRegions() {
	for i := range g.nodes {
		g.nodes[i].flags &^= flagWatched
	}
	for i := range g.apart {
		if g.has(i, flagWatched) {
			continue
		}
		g.watch(g.region(i))
	}
}
