// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// origin is what one source states about a pair of identifiers: the earliest time, and whether it ever called it an alias of two customers. It is
// kept for each source, because the trust in a source can change.
type origin struct {
	source uint32
	alias  bool
	time   int64
	key    event.Key
}

// sourceAt returns the number of the source. If the trust in it has changed, all persons are recomputed.
func (g *Graph) sourceAt(s identity.Source) uint32 {
	i, known := g.bySource[s.Name]
	if !known {
		i = uint32(len(g.sources))
		g.sources = append(g.sources, s)
		g.bySource[s.Name] = i
		return i
	}
	if g.sources[i].Public != s.Public {
		g.sources[i].Public = s.Public
		g.reviseAll()
		g.recomputeAll()
	}
	return i
}

// originsOf returns what each source states about the edge.
func (g *Graph) originsOf(id int32) []origin {
	if list := g.more[id]; list != nil {
		return list
	}
	e := &g.edges[id]
	return []origin{{source: e.source, alias: e.alias, time: e.time, key: e.key}}
}

// state adds a statement to an edge, and reports whether that changes the edge or its sources.
func (g *Graph) state(id int32, o origin) bool {
	e := &g.edges[id]
	if g.more[id] == nil && e.source == o.source {
		earlier := o.before(e.time, e.key)
		if !earlier && (!o.alias || e.alias) {
			return false
		}
		if earlier {
			e.time, e.key = o.time, o.key
		}
		e.alias = e.alias || o.alias
		e.explicit = e.alias && !e.public
		return true
	}
	list := g.originsOf(id)
	k := slices.IndexFunc(list, func(x origin) bool { return x.source == o.source })
	if k < 0 {
		g.more[id] = append(slices.Clip(list), o)
		return g.revise(id)
	}
	known := &list[k]
	if o.before(known.time, known.key) {
		known.time, known.key = o.time, o.key
	}
	known.alias = known.alias || o.alias
	return g.revise(id)
}

func (o *origin) before(time int64, key event.Key) bool {
	return cmp.Or(cmp.Compare(o.time, time), identity.CompareKeys(o.key, key)) < 0
}

// revise derives the edge from its statements. If there are trusted ones, only those count. It reports whether the edge has changed.
func (g *Graph) revise(id int32) bool {
	e := &g.edges[id]
	old := *e
	list := g.originsOf(id)
	e.public = !slices.ContainsFunc(list, func(o origin) bool { return !g.sources[o.source].Public })
	first, explicit := true, false
	for _, o := range list {
		if g.sources[o.source].Public != e.public {
			continue
		}
		if first || o.before(e.time, e.key) {
			e.time, e.key, e.source, e.alias = o.time, o.key, o.source, o.alias
		}
		first, explicit = false, explicit || o.alias && !e.public
	}
	e.explicit = explicit
	return old.public != e.public || old.time != e.time || old.key != e.key || old.explicit != e.explicit
}

// reviseAll revises all edges.
func (g *Graph) reviseAll() {
	g.publicEdges = 0
	clear(g.refusedPublic)
	for id := range g.edges {
		if e := &g.edges[id]; !e.gone {
			g.revise(int32(id))
			if e.public {
				g.publicEdges++
			}
		}
	}
}

// stated returns what a source states about an edge.
func (g *Graph) stated(id int32, source uint32) (origin, bool) {
	if g.more[id] == nil && g.edges[id].source != source {
		return origin{}, false
	}
	for _, o := range g.originsOf(id) {
		if o.source == source {
			return o, true
		}
	}
	return origin{}, false
}

// setOrigins replaces all statements about an edge. Without any, the edge is gone.
func (g *Graph) setOrigins(id int32, list []origin) {
	e := &g.edges[id]
	delete(g.more, id)
	switch len(list) {
	case 0:
		e.gone = true
		return
	case 1:
		o := list[0]
		e.source, e.time, e.key, e.alias = o.source, o.time, o.key, o.alias
	default:
		g.more[id] = list
	}
	g.revise(id)
}
