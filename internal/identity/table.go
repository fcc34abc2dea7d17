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
// Taking links in order, and refusing those that would join two customers, is Kruskal's algorithm when all customers together are
// taken for one root: the links that join are the minimum spanning forest under that order, and a person is what hangs on one
// customer. So a link that comes late needs no second computation: it takes the place of the last link on the path that it closes,
// or of none (see forest.go). What a call costs depends on the persons that it touches, not on all that they share something with.
type Table struct {
	mu     sync.RWMutex
	policy Policy
	types  types
	nodes  []node
	index  map[event.Anchor]int32
	edges  []edge
	pairs  map[uint64]int32

	// apart are the identifiers that are kept apart from others. See region.go for what that takes.
	apart map[int32][]bond
	// veto holds edges that bind their ends apart where they would link, because of vetoBy; only while one identifier is taken out of a person.
	veto   map[int32]bool
	vetoBy int32

	// newest has the time and key of an edge, as it was first heard of, after which no other edge comes.
	newest edge

	// cores are what trusted links join; joined is by how much public links make the persons fewer than these.
	cores, joined, hubs, refused int64
	// loneHubs are the identifiers that would be a person's but for having too many public links; see lone.go.
	loneHubs int64

	// sources of links; see source.go. more has the statements about an edge when several sources make it.
	sources  []Source
	bySource map[string]uint32
	more     map[int32][]origin

	// See public.go: how many edges are public alone, those of them that are refused, and those that the running call brought.
	publicEdges   int
	refusedPublic map[int32]bool
	news          []int32

	// before holds the person's number of each identifier that the running call changed.
	before map[int32]event.Anchor

	history history
	cache   viewCache
}

// none ends a list of edges, and is the parent of a root.
const none int32 = -1

// node is one identifier. What trusted links join is a core; its members are in a circular list. Public links join cores to persons.
type node struct {
	anchor event.Anchor
	typ    uint16
	flags  uint8
	// core is the strongest member of the core; next the next member.
	core, next int32
	// group is, where this is the strongest member of its core, the strongest member of the person; nextCore that of the person's next core.
	group, nextCore int32
	// parent is the edge to the parent in the forest. Customers are roots; so is one member of a person without a customer.
	parent int32
	// asWeak and asStrong are the first of the edges whose weak or strong end this is.
	asWeak, asStrong int32
}

const (
	flagHub uint8 = 1 << iota
	// flagPinned keeps a hub a hub although links of it were erased.
	flagPinned
	flagGone
	// flagWatched marks the identifiers of a region in which some are kept apart.
	flagWatched
	// flagPublicHub and flagPinnedPublic are the same for public links alone.
	flagPublicHub
	flagPinnedPublic
	// flagContested marks, where this is the strongest member of its core, that public links want the core for several persons.
	flagContested

	flagsPinned = flagPinned | flagPinnedPublic
)

// edge is the first link of a pair of identifiers in the order of (trust, time, key).
type edge struct {
	strong, weak int32
	// nextWeak and nextStrong are the next edges of the same weak and of the same strong end.
	nextWeak, nextStrong int32
	// source that states it, or one of several; then they are in Table.more.
	source uint32
	// explicit says that it is an alias of two customers, alias whether its source calls it one.
	explicit, alias bool
	// public says that no trusted source states it.
	public bool
	gone   bool
	time   int64
	key    event.Key
}

// New gives an empty table at version 1.
func New(p Policy) *Table {
	return &Table{
		policy:  p.clone(),
		types:   types{byName: map[string]uint16{}},
		index:   map[event.Anchor]int32{},
		pairs:   map[uint64]int32{},
		apart:   map[int32][]bond{},
		before:  map[int32]event.Anchor{},
		history: newHistory(),

		bySource: map[string]uint32{}, more: map[int32][]origin{}, refusedPublic: map[int32]bool{},
	}
}

// Add takes the links of a commit, and tells whether persons changed, so that there is a new version. Commits come in the order of seq;
// one that the table has already is left out, so that a log may be read again. Where the source is known with another trust, that
// changes for all its links.
func (t *Table) Add(seq int64, from Source, edges []Edge) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seq <= t.history.seq {
		return false
	}
	t.history.seq = seq
	source := t.sourceAt(from)
	for i := range edges {
		t.add(source, &edges[i])
	}
	t.settle()
	return t.commitVersion()
}

func (t *Table) add(source uint32, e *Edge) {
	s := t.nodeAt(e.Strong)
	if e.Strong.Anchor == e.Weak.Anchor {
		return
	}
	w := t.nodeAt(e.Weak)
	if e.Own {
		source = t.sourceAt(own)
	}
	id, known := t.pairs[pairOf(s, w)]
	if known {
		t.update(id, origin{source: source, alias: e.joinsCustomers(), time: e.Time, key: e.Key})
		return
	}
	id, last := t.link(s, w, source, e)
	t.apply(id, last)
}

// nodeAt gives the index of the identifier, which is a person of its own when it is new.
func (t *Table) nodeAt(n Node) int32 {
	if i, ok := t.index[n.Anchor]; ok {
		return i
	}
	i := int32(len(t.nodes))
	t.nodes = append(t.nodes, node{anchor: n.Anchor, typ: t.types.of(n.Type), next: i, nextCore: i, asWeak: none, asStrong: none})
	t.index[n.Anchor] = i
	t.isolate(i)
	t.cores++
	return i
}

// isolate makes the node a core and a person of its own.
func (t *Table) isolate(i int32) {
	n := &t.nodes[i]
	n.core, n.parent, n.group = i, none, i
	t.setNext(i, i)
	t.setNextCore(i, i)
}

// link records the edge of a new pair, and tells whether it comes after all others in order.
func (t *Table) link(s, w int32, source uint32, e *Edge) (id int32, last bool) {
	id = int32(len(t.edges))
	alias, public := e.joinsCustomers(), t.sources[source].Public
	t.edges = append(t.edges, edge{
		strong: s, weak: w, nextWeak: t.nodes[w].asWeak, nextStrong: t.nodes[s].asStrong,
		source: source, alias: alias, explicit: alias && !public, public: public, time: e.Time, key: e.Key,
	})
	if public {
		t.publicEdges++
	}
	t.nodes[w].asWeak, t.nodes[s].asStrong = id, id
	t.pairs[pairOf(s, w)] = id
	if c := cmp.Or(cmp.Compare(e.Time, t.newest.time), compareKeys(e.Key, t.newest.key)); c > 0 || len(t.edges) == 1 {
		t.newest, last = t.edges[id], true
	}
	return id, last
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
	hubs := t.hubs + t.loneHubs
	return Stats{
		Persons: t.cores - t.joined - hubs, Hubs: hubs, RefusedMerges: t.refused, RefusedPublic: int64(len(t.refusedPublic)),
		Identifiers: int64(len(t.index)), Links: int64(len(t.pairs)),
	}
}

func (t *Table) exclusive(i int32) bool { return t.types.names[t.nodes[i].typ] == Customer }

func (t *Table) has(i int32, flag uint8) bool { return t.nodes[i].flags&flag != 0 }

// types gives short numbers to the names of types.
type types struct {
	names  []string
	byName map[string]uint16
	// naming tells of which types identifiers name a person.
	naming []bool
}

func (t *types) of(name string) uint16 {
	if i, ok := t.byName[name]; ok {
		return i
	}
	i := uint16(len(t.names))
	t.names, t.naming = append(t.names, name), append(t.naming, Names(name))
	t.byName[name] = i
	return i
}
