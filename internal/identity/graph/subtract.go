// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Subtraction removes the statements of some events of one source: it first reads what these events state, then what all others state. The graph does
// not change until Apply. In the meantime, links can be added to it, but nothing else may change it.
//
// It needs a few bits of memory for each identifier and link, and 64 bytes for each link that a remaining event also states.
type Subtraction struct {
	graph *Graph
	// doubtful are the identifiers that perhaps no other event states.
	doubtful bits
	// gone are the identifiers that have a removed event.
	gone bits
	// source is what the source states, own what ingestion states in its events.
	source, own claims
}

// claims are the statements of one source about links.
type claims struct {
	number uint32
	known  bool
	// first are the links whose first statement is removed, alias those whose statement as an alias is removed.
	first, alias bits
	// restated is what the remaining events state about these links.
	restated map[int32]origin
}

// Subtract starts to remove statements of a source.
func (g *Graph) Subtract(source string) *Subtraction {
	s := &Subtraction{graph: g}
	for c, name := range map[*claims]string{&s.source: source, &s.own: identity.Own.Name} {
		c.number, c.known = g.bySource[name]
		c.restated = map[int32]origin{}
	}
	return s
}

// of returns the claims of an edge of a source, or nil if the subtraction does not affect them.
func (s *Subtraction) of(source string, e *identity.Edge) *claims {
	g := s.graph
	switch number, known := g.bySource[source]; {
	case e.Own && s.own.known:
		return &s.own
	case !e.Own && known && s.source.known && number == s.source.number:
		return &s.source
	}
	return nil
}

// Gone reads what a removed event of the source states.
func (s *Subtraction) Gone(source string, edges []identity.Edge) {
	g := s.graph
	for i := range edges {
		e := &edges[i]
		a, okA := g.index[e.Strong.Anchor]
		b, okB := g.index[e.Weak.Anchor]
		if okA {
			s.doubtful.set(a)
			s.gone.set(a)
		}
		if okB {
			s.doubtful.set(b)
		}
		c := s.of(source, e)
		if c == nil || !okA || !okB {
			continue
		}
		id, linked := g.pairs[pairOf(a, b)]
		if !linked {
			continue
		}
		if o, ok := g.stated(id, c.number); ok {
			if o.key == e.Key {
				c.first.set(id)
			}
			if o.alias && e.JoinsCustomers() {
				c.alias.set(id)
			}
		}
	}
}

// Stays reads what a remaining event of any source states. Call it for all of them, after all calls of Gone.
func (s *Subtraction) Stays(source string, edges []identity.Edge) {
	g := s.graph
	for i := range edges {
		e := &edges[i]
		a, okA := g.index[e.Strong.Anchor]
		b, okB := g.index[e.Weak.Anchor]
		if okA {
			s.doubtful.clear(a)
		}
		if okB {
			s.doubtful.clear(b)
		}
		c := s.of(source, e)
		if c == nil || !okA || !okB || a == b {
			continue
		}
		id, linked := g.pairs[pairOf(a, b)]
		if linked && (c.first.has(id) || c.alias.has(id)) {
			c.restate(id, origin{source: c.number, alias: e.JoinsCustomers(), time: e.Time, key: e.Key})
		}
	}
}

func (c *claims) restate(id int32, o origin) {
	known, ok := c.restated[id]
	if ok {
		o.alias = o.alias || known.alias
		if !o.before(known.time, known.key) {
			o.time, o.key = known.time, known.key
		}
	}
	c.restated[id] = o
}

// Persons returns the number of persons who have a removed event.
func (s *Subtraction) Persons() int64 {
	var seen bits
	n := int64(0)
	for i := range s.graph.nodes {
		if !s.gone.has(int32(i)) || s.graph.has(int32(i), flagGone) {
			continue
		}
		if group := s.graph.groupOf(int32(i)); !seen.has(group) {
			seen.set(group)
			n++
		}
	}
	return n
}

// Apply removes the statements. Links that nothing else states are removed, and so are identifiers without events. All persons are computed again
// from the remaining links, as when a snapshot is read. moved is called for each identifier whose person has changed.
func (s *Subtraction) Apply(moved func(anchor, before, now event.Anchor)) {
	g := s.graph
	before := make([]event.Anchor, len(g.nodes))
	for i := range g.nodes {
		if !g.has(int32(i), flagGone) {
			before[i] = g.personOf(int32(i))
		}
	}
	kept := s.keptNodes()
	for i := range g.nodes {
		if n := &g.nodes[i]; !kept.has(int32(i)) && n.flags&flagGone == 0 && before[i] != n.anchor {
			moved(n.anchor, before[i], n.anchor)
		}
	}
	for id := range g.edges {
		if s.concerns(int32(id)) {
			g.setOrigins(int32(id), s.after(int32(id)))
		}
	}
	place := g.compact(kept)
	g.before = nil
	g.recomputeAll()
	g.settleAll()
	g.before = map[int32]event.Anchor{}
	for old, i := range place {
		if i == none {
			continue
		}
		if now := g.personOf(i); now != before[old] {
			moved(g.nodes[i].anchor, before[old], now)
		}
	}
}

// concerns reports whether the statements about an edge can change.
func (s *Subtraction) concerns(id int32) bool {
	return s.source.first.has(id) || s.source.alias.has(id) || s.own.first.has(id) || s.own.alias.has(id)
}

// after returns what is stated about an edge without the removed events. It is empty if the edge is removed.
func (s *Subtraction) after(id int32) []origin {
	if s.graph.edges[id].gone {
		return nil
	}
	list := s.graph.originsOf(id)
	if !s.concerns(id) {
		return list
	}
	var rest []origin
	for _, o := range list {
		stays := true
		for _, c := range []*claims{&s.source, &s.own} {
			if c.known && c.number == o.source {
				o, stays = c.after(id, o)
			}
		}
		if stays {
			rest = append(rest, o)
		}
	}
	return rest
}

// after returns what the source states about an edge without the removed events.
func (c *claims) after(id int32, o origin) (_ origin, stays bool) {
	again, found := c.restated[id]
	switch {
	case c.first.has(id):
		return again, found
	case c.alias.has(id) && found && !o.before(again.time, again.key):
		return again, true
	}
	// Otherwise nothing has changed, or the first statement is of an event that retention has removed, which may have called the link an alias.
	return o, true
}

// bits is a set of small numbers.
type bits []uint64

func (b *bits) set(i int32) {
	for int(i/64) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bits) clear(i int32) {
	if int(i/64) < len(b) {
		b[i/64] &^= 1 << (i % 64)
	}
}

func (b bits) has(i int32) bool { return int(i/64) < len(b) && b[i/64]&(1<<(i%64)) != 0 }

// keptNodes returns the identifiers that stay: those with a remaining event, those with a link, and those that an administrator has named. Links and
// splits outlive events.
func (s *Subtraction) keptNodes() bits {
	g := s.graph
	var kept bits
	for i := range g.nodes {
		if !s.doubtful.has(int32(i)) || g.nodes[i].flags&flagsPinned != 0 {
			kept.set(int32(i))
		}
	}
	for id := range g.edges {
		if e := &g.edges[id]; len(s.after(int32(id))) > 0 {
			kept.set(e.strong)
			kept.set(e.weak)
		}
	}
	for i, bonds := range g.apart {
		kept.set(i)
		for _, x := range bonds {
			if x.by != none {
				kept.set(x.by)
			}
		}
	}
	return kept
}

// compact frees the places of removed identifiers and edges. It returns the new place of each identifier, none for the removed ones. It computes no
// persons: afterwards each identifier is a person of its own.
func (g *Graph) compact(kept bits) (place []int32) {
	place = make([]int32, len(g.nodes))
	clear(g.index)
	n := int32(0)
	for i := range g.nodes {
		old := g.nodes[i]
		if place[i] = none; old.flags&flagGone != 0 || !kept.has(int32(i)) {
			continue
		}
		place[i] = n
		g.index[old.anchor] = n
		g.nodes[n] = node{
			anchor: old.anchor, typ: old.typ, flags: old.flags & flagsPinned,
			core: n, next: n, group: n, nextCore: n, parent: none, asWeak: none, asStrong: none,
		}
		n++
	}
	clear(g.nodes[n:])
	g.nodes = g.nodes[:n]
	g.loneHubs = 0
	g.compactEdges(place)
	apart := make(map[int32][]bond, len(g.apart))
	for i, bonds := range g.apart {
		for _, x := range bonds {
			by := none
			if x.by != none {
				by = place[x.by]
			}
			apart[place[i]] = append(apart[place[i]], bond{other: place[x.other], by: by})
		}
	}
	g.apart = apart
	return place
}

func (g *Graph) compactEdges(place []int32) {
	more := make(map[int32][]origin, len(g.more))
	clear(g.pairs)
	clear(g.refusedPublic)
	g.publicEdges = 0
	n := int32(0)
	for id := range g.edges {
		e := g.edges[id]
		if e.gone {
			continue
		}
		if list := g.more[int32(id)]; list != nil {
			more[n] = list
		}
		e.strong, e.weak = place[e.strong], place[e.weak]
		strong, weak := &g.nodes[e.strong], &g.nodes[e.weak]
		e.nextWeak, e.nextStrong = weak.asWeak, strong.asStrong
		weak.asWeak, strong.asStrong = n, n
		g.pairs[pairOf(e.strong, e.weak)] = n
		if e.public {
			g.publicEdges++
		}
		g.edges[n] = e
		n++
	}
	g.edges, g.more = g.edges[:n], more
}
