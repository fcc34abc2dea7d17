// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"cmp"
	"iter"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Knows reports whether the graph contains the identifier.
func (g *Graph) Knows(a event.Anchor) bool {
	_, ok := g.index[a]
	return ok
}

// PersonOf returns the number of the anchor's person. An unknown anchor is a person of its own.
func (g *Graph) PersonOf(a event.Anchor) event.Anchor {
	if i, ok := g.index[a]; ok && !g.has(i, flagGone) {
		return g.personOf(i)
	}
	return a
}

// Persons returns all identifiers with their persons.
func (g *Graph) Persons() iter.Seq2[event.Anchor, event.Anchor] {
	return func(yield func(anchor, person event.Anchor) bool) {
		for i := range g.nodes {
			if !g.has(int32(i), flagGone) && !yield(g.nodes[i].anchor, g.personOf(int32(i))) {
				return
			}
		}
	}
}

// Changes calls each for the identifiers whose person has changed since the previous call, with the persons before and after.
func (g *Graph) Changes(each func(anchor, before, now event.Anchor)) {
	for i, old := range g.before {
		if now := g.personOf(i); now != old {
			each(g.nodes[i].anchor, old, now)
		}
	}
	clear(g.before)
}

// Members returns the anchors of the person that the anchor belongs to now; only the anchor itself if it is unknown.
func (g *Graph) Members(a event.Anchor) []event.Anchor {
	i, ok := g.index[a]
	if !ok {
		return []event.Anchor{a}
	}
	var anchors []event.Anchor
	for _, m := range g.everybodyWith(i) {
		anchors = append(anchors, g.nodes[m].anchor)
	}
	return anchors
}

// Sources returns the sources that the graph has links of, with the trust in each.
func (g *Graph) Sources() []identity.Source {
	return slices.Clone(g.sources)
}

// Stats returns the statistics of the graph.
func (g *Graph) Stats() identity.Stats {
	hubs := g.hubs + g.loneHubs
	return identity.Stats{
		Persons: g.cores - g.joined - hubs, Hubs: hubs, RefusedMerges: g.refused, RefusedPublic: int64(len(g.refusedPublic)),
		Identifiers: int64(len(g.index)), Links: int64(len(g.pairs)),
	}
}

// Entries returns the number of identities and links, plus one for each further source that states the same link.
func (g *Graph) Entries() int64 { return int64(len(g.index) + len(g.pairs) + len(g.more)) }

// Linked reports which of two identifiers the graph contains, and whether it has a link between them.
func (g *Graph) Linked(a, b event.Anchor) (knowsA, knowsB, linked bool) {
	x, knowsA := g.index[a]
	y, knowsB := g.index[b]
	if knowsA && knowsB {
		_, linked = g.pairs[pairOf(x, y)]
	}
	return knowsA, knowsB, linked
}

// Explain returns those of the anchors that the graph contains, the stronger first, and the links among them, in order.
func (g *Graph) Explain(anchors map[event.Anchor]bool) ([]identity.Node, []identity.Tie) {
	var nodes []identity.Node
	var edges []int32
	for a := range anchors {
		i, ok := g.index[a]
		if !ok {
			continue
		}
		nodes = append(nodes, identity.Node{Anchor: a, Type: g.types.names[g.nodes[i].typ]})
		for id := g.nodes[i].asStrong; id != none; id = g.edges[id].nextStrong {
			if anchors[g.nodes[g.edges[id].weak].anchor] {
				edges = append(edges, id)
			}
		}
	}
	slices.SortFunc(nodes, func(a, b identity.Node) int { return identity.CompareNodes(a.Type, a.Anchor, b.Type, b.Anchor) })
	slices.SortFunc(edges, g.compareEdges)
	ties := make([]identity.Tie, len(edges))
	for k, id := range edges {
		e := &g.edges[id]
		ties[k] = identity.Tie{A: g.nodes[e.strong].anchor, B: g.nodes[e.weak].anchor, Time: e.time, Public: e.public}
		for _, o := range g.originsOf(id) {
			ties[k].Sources = append(ties[k].Sources, cmp.Or(cleanName(g.sources[o.source].Name), "unknown"))
		}
	}
	return nodes, ties
}

func cleanName(name string) string {
	if name == identity.Own.Name {
		return "ingestion"
	}
	return name
}
