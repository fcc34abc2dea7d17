// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"sync"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Table is the versioned table of persons. Its methods may be called at the same time from many goroutines.
//
// Two partitions of the identifiers are kept. A group is what is connected when customers are not exclusive; a person is
// what is connected when they are. A group with at most one customer is one person, whatever the order of its links, so
// links are applied as they come. Only where a group holds two customers does the order of (time, key) decide; a link that is
// not the last of its group then makes the group be computed anew from its links.
type Table struct {
	mu     sync.RWMutex
	policy Policy
	types  types
	nodes  []node
	index  map[event.Anchor]int32
	edges  []edge
	pairs  map[uint64]int32

	persons, hubs, refused int64

	// before holds the person's number of each identifier that the running call changed, and dirty one member of each
	// group that has to be computed anew at the end of the call.
	before map[int32]event.Anchor
	dirty  []int32

	history history
	cache   viewCache
}

const (
	// none ends a list of edges.
	none int32 = -1
	// unsorted stands for the last edge of a group when that is not known.
	unsorted int32 = -2
)

// node is one identifier. Members of a person and of a group are in circular lists.
type node struct {
	anchor event.Anchor
	typ    uint16
	flags  uint8
	// person is the strongest member; nextPerson the next member.
	person, nextPerson int32
	// group is the parent in the union-find forest of groups; nextGroup the next member.
	group, nextGroup int32
	// customers of the group that no alias joins, links refused in it, and the last link of it: only at its root.
	customers, refused, last int32
	// weakEdges is the first of the edges whose weak end this is.
	weakEdges int32
}

const (
	flagHub uint8 = 1 << iota
	// flagPinned keeps a hub a hub although links of it were erased.
	flagPinned
	flagGone
)

// edge is the earliest link of a pair of identifiers.
type edge struct {
	strong, weak int32
	next         int32
	explicit     bool
	gone         bool
	time         int64
	key          event.Key
}

// New gives an empty table at version 1.
func New(p Policy) *Table {
	return &Table{
		policy:  p.clone(),
		types:   types{byName: map[string]uint16{}},
		index:   map[event.Anchor]int32{},
		pairs:   map[uint64]int32{},
		before:  map[int32]event.Anchor{},
		history: newHistory(),
	}
}

// Add takes the links of a commit, and tells whether persons changed, so that there is a new version. Commits come in the order of seq;
// one that the table has already is left out, so that a log may be read again.
func (t *Table) Add(seq int64, edges []Edge) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seq <= t.history.seq {
		return false
	}
	t.history.seq = seq
	for i := range edges {
		t.add(&edges[i])
	}
	t.recomputeDirty()
	return t.commitVersion()
}

func (t *Table) add(e *Edge) {
	s := t.nodeAt(e.Strong)
	if e.Strong.Anchor == e.Weak.Anchor {
		return
	}
	w := t.nodeAt(e.Weak)
	known := len(t.edges)
	if id, changed := t.link(s, w, e); changed {
		t.apply(id, int(id) >= known)
	}
}

// nodeAt gives the index of the identifier, which is a person of its own when it is new.
func (t *Table) nodeAt(n Node) int32 {
	if i, ok := t.index[n.Anchor]; ok {
		return i
	}
	i := int32(len(t.nodes))
	t.nodes = append(t.nodes, node{anchor: n.Anchor, typ: t.types.of(n.Type), weakEdges: none})
	t.index[n.Anchor] = i
	t.isolate(i)
	t.persons++
	return i
}

// isolate makes the node a person and a group of its own.
func (t *Table) isolate(i int32) {
	n := &t.nodes[i]
	n.person, n.nextPerson, n.group, n.nextGroup = i, i, i, i
	n.customers, n.refused, n.last = 0, 0, none
	if t.exclusive(i) {
		n.customers = 1
	}
}

// link records the edge. It tells whether that says anything new: the pair is new, earlier, or explicit now.
func (t *Table) link(s, w int32, e *Edge) (int32, bool) {
	pair := pairOf(s, w)
	id, known := t.pairs[pair]
	if !known {
		id = int32(len(t.edges))
		t.edges = append(t.edges, edge{
			strong: s, weak: w, next: t.nodes[w].weakEdges, explicit: e.joinsCustomers(), time: e.Time, key: e.Key,
		})
		t.nodes[w].weakEdges = id
		t.pairs[pair] = id
		return id, true
	}
	old := &t.edges[id]
	changed := false
	if e.joinsCustomers() && !old.explicit {
		old.explicit, changed = true, true
	}
	if cmp.Or(cmp.Compare(e.Time, old.time), compareKeys(e.Key, old.key)) < 0 {
		old.time, old.key, changed = e.Time, e.Key, true
	}
	return id, changed
}

// pairOf is the same whichever end is called the strong one: two identifiers of like strength may come either way.
func pairOf(a, b int32) uint64 {
	if a > b {
		a, b = b, a
	}
	return uint64(uint32(a))<<32 | uint64(uint32(b))
}

// Seq of the newest commit that the table has.
func (t *Table) Seq() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.history.seq
}

// Stats of the table as it is now.
func (t *Table) Stats() Stats {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return Stats{
		Persons: t.persons - t.hubs, Hubs: t.hubs, RefusedMerges: t.refused,
		Identifiers: int64(len(t.index)), Links: int64(len(t.pairs)),
	}
}

func (t *Table) exclusive(i int32) bool { return t.types.names[t.nodes[i].typ] == exclusiveType }

func (t *Table) has(i int32, flag uint8) bool { return t.nodes[i].flags&flag != 0 }

// types gives short numbers to the names of types.
type types struct {
	names  []string
	byName map[string]uint16
}

func (t *types) of(name string) uint16 {
	if i, ok := t.byName[name]; ok {
		return i
	}
	i := uint16(len(t.names))
	t.names = append(t.names, name)
	t.byName[name] = i
	return i
}
