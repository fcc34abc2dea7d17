// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Tie is a link between two identifiers, as it is told to people.
type Tie struct {
	A, B event.Anchor
	// Sources that state it. What ingestion states by itself has the name "ingestion".
	Sources []string
	// Time of the first statement of those trusted most, microseconds.
	Time int64
	// Public says that no trusted source states it.
	Public bool
}

// Knows tells whether the table has the identifier.
func (t *Table) Knows(a event.Anchor) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, ok := t.index[a]
	return ok
}

// Explain gives those of the anchors that the table knows, the stronger first, and the links among them, in their order.
func (t *Table) Explain(anchors map[event.Anchor]bool) ([]Node, []Tie) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var nodes []Node
	var edges []int32
	for a := range anchors {
		i, ok := t.index[a]
		if !ok {
			continue
		}
		nodes = append(nodes, Node{Anchor: a, Type: t.types.names[t.nodes[i].typ]})
		for id := t.nodes[i].asStrong; id != none; id = t.edges[id].nextStrong {
			if anchors[t.nodes[t.edges[id].weak].anchor] {
				edges = append(edges, id)
			}
		}
	}
	slices.SortFunc(nodes, func(a, b Node) int { return compareNodes(a.Type, a.Anchor, b.Type, b.Anchor) })
	slices.SortFunc(edges, t.compareEdges)
	ties := make([]Tie, len(edges))
	for k, id := range edges {
		e := &t.edges[id]
		ties[k] = Tie{A: t.nodes[e.strong].anchor, B: t.nodes[e.weak].anchor, Time: e.time, Public: e.public}
		for _, o := range t.originsOf(id) {
			ties[k].Sources = append(ties[k].Sources, cmp.Or(cleanName(t.sources[o.source].Name), "unknown"))
		}
	}
	return nodes, ties
}

func cleanName(name string) string {
	if name == own.Name {
		return "ingestion"
	}
	return name
}
