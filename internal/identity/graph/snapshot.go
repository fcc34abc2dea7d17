// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/snapshot"
)

// Snapshot returns the graph in encoded form, with the given version.
func (g *Graph) Snapshot(seq, version int64) ([]byte, error) {
	links := len(g.pairs)
	for _, list := range g.more {
		links += len(list) - 1
	}
	head := snapshot.Head{Seq: seq, Version: version, Nodes: len(g.index), Links: links}
	return g.snapshot(head, func(i int32) bool { return !g.has(i, flagGone) }, func(id int32) []origin {
		if g.edges[id].gone {
			return nil
		}
		return g.originsOf(id)
	})
}

// Snapshot returns the graph in encoded form as it will be after Apply.
func (s *Subtraction) Snapshot(seq, version int64) ([]byte, error) {
	g, nodes := s.graph, s.keptNodes()
	kept := func(i int32) bool { return nodes.has(i) && !g.has(i, flagGone) }
	head := snapshot.Head{Seq: seq, Version: version}
	for i := range g.nodes {
		if kept(int32(i)) {
			head.Nodes++
		}
	}
	for id := range g.edges {
		head.Links += len(s.after(int32(id)))
	}
	return g.snapshot(head, kept, s.after)
}

// snapshot encodes the identifiers that kept selects, and what is stated about each edge.
func (g *Graph) snapshot(head snapshot.Head, kept func(int32) bool, stated func(id int32) []origin) ([]byte, error) {
	apart := g.Apart()
	head.MaxLinks, head.Types, head.Sources, head.Apart = g.policy.MaxLinks, g.types.names, g.sources, len(apart)
	w, err := snapshot.NewWriter(&head)
	if err != nil {
		return nil, err
	}
	place := make([]uint32, len(g.nodes))
	next := uint32(0)
	for i := range g.nodes {
		if n := &g.nodes[i]; kept(int32(i)) {
			place[i] = next
			next++
			w.Node(snapshot.Node{Anchor: n.anchor, Type: n.typ, Flags: n.flags & flagsPinned})
		}
	}
	for id := range g.edges {
		e := &g.edges[id]
		for _, o := range stated(int32(id)) {
			w.Link(snapshot.Link{Strong: place[e.strong], Weak: place[e.weak], Source: o.source, Alias: o.alias, Time: o.time, Key: o.key})
		}
	}
	for _, p := range apart {
		x, y, by, _ := g.indexes(p)
		pair := snapshot.Pair{A: place[x], B: place[y], By: snapshot.NoReason}
		if by != none {
			pair.By = place[by]
		}
		w.Pair(pair)
	}
	return w.Bytes(), nil
}

// Restore decodes a snapshot, with the policy that it was written with. An error wraps snapshot.ErrCorrupt.
func Restore(r *snapshot.Reader) (*Graph, error) {
	g := New(identity.Policy{MaxLinks: r.MaxLinks})
	g.nodes, g.edges = make([]node, 0, r.Nodes), make([]edge, 0, r.Links)
	g.index, g.pairs = make(map[event.Anchor]int32, r.Nodes), make(map[uint64]int32, r.Links)
	for i, name := range r.Types {
		if int(g.types.of(name)) != i {
			return nil, snapshot.Corrupt(errors.New("a type occurs twice"))
		}
	}
	for i, source := range r.Sources {
		if int(g.sourceAt(source)) != i {
			return nil, snapshot.Corrupt(errors.New("a source occurs twice"))
		}
	}
	for _, read := range []func(*snapshot.Reader) error{g.readNodes, g.readLinks, g.readApart} {
		if err := read(r); err != nil {
			return nil, err
		}
	}
	g.before = nil
	g.recomputeAll()
	g.settleAll()
	g.before = map[int32]event.Anchor{}
	return g, nil
}

func (g *Graph) readNodes(r *snapshot.Reader) error {
	for at := range r.Nodes {
		n, err := r.Node()
		if err != nil {
			return err
		}
		i := g.nodeAt(identity.Node{Anchor: n.Anchor, Type: r.Types[n.Type]})
		if int(i) != at {
			return snapshot.Corrupt(errors.New("an identifier occurs twice"))
		}
		g.nodes[i].flags = n.Flags & flagsPinned
	}
	return nil
}

func (g *Graph) readLinks(r *snapshot.Reader) error {
	for range r.Links {
		l, err := r.Link()
		if err != nil {
			return err
		}
		id, known := g.pairs[pairOf(int32(l.Strong), int32(l.Weak))]
		if !known {
			id, _ = g.link(int32(l.Strong), int32(l.Weak), l.Source, &identity.Edge{Time: l.Time, Key: l.Key})
		}
		public := g.edges[id].public
		g.state(id, origin{source: l.Source, alias: l.Alias, time: l.Time, key: l.Key})
		if public && !g.edges[id].public {
			g.publicEdges--
		}
	}
	return nil
}

func (g *Graph) readApart(r *snapshot.Reader) error {
	for range r.Apart {
		p, err := r.Pair()
		if err != nil {
			return err
		}
		by := none
		if p.By != snapshot.NoReason {
			by = int32(p.By)
		}
		g.bind(int32(p.A), int32(p.B), by)
	}
	return nil
}
