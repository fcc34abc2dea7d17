// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ErrUnknown says that the table does not know an identifier.
var ErrUnknown = errors.New("unknown identity")

// ErrCustomer says that a customerId cannot be shared by many people: it is what tells them apart.
var ErrCustomer = errors.New("a customerId cannot be shared")

// Split says what to take apart.
type Split struct {
	// Identity to take out of its person.
	Identity event.Anchor
	// From is the identity of whom it must not be; 0 means everybody that it is known with.
	From event.Anchor
	// Shared says that the identity is of many people: it is a hub from now on, whatever it is linked with.
	Shared bool
	// Undo takes such a split back.
	Undo bool
}

// Bonds are the pairs that a split changed, and the identities that it made hubs, or that are no longer hubs because of it.
type Bonds struct {
	Added    []Pair         `json:"added,omitempty"`
	Dropped  []Pair         `json:"dropped,omitempty"`
	Pinned   []event.Anchor `json:"pinned,omitempty"`
	Unpinned []event.Anchor `json:"unpinned,omitempty"`
}

// Empty tells that nothing changed.
func (b *Bonds) Empty() bool { return len(b.Added)+len(b.Dropped)+len(b.Pinned)+len(b.Unpinned) == 0 }

// reversed is what takes the change back.
func (b *Bonds) reversed() Bonds {
	return Bonds{Added: b.Dropped, Dropped: b.Added, Pinned: b.Unpinned, Unpinned: b.Pinned}
}

// Parted says what a split did.
type Parted struct {
	Bonds
	// Moved are the anchors whose person has another number now.
	Moved []event.Anchor
	// Persons is the number of persons of those who were one person with either identity before.
	Persons int
}

// Split takes an identity apart from others for good.
//
// Without From it is a person of its own afterwards: it is kept apart from all members of its person and from all that it is linked with. The
// others of the person stay together as far as links of their own join them, and everybody else stays who they were: where a link between one of them and
// somebody else was refused and would count now, the two are kept apart as well.
//
// With From the two are kept apart, as two customers are: the links are taken in order, and one that would make one person of the two is
// refused. So what both are linked with belongs to the one who had it first.
//
// With Shared it links nothing any more, as an identity with too many links does.
//
// keep makes the change durable before anybody sees it; when it fails the table is as before. Errors: ErrUnknown, ErrCustomer, and that of keep.
func (t *Table) Split(s Split, keep func(Bonds) error) (Parted, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x, ok := t.index[s.Identity]
	from, okFrom := t.index[s.From]
	if s.From == 0 {
		from, okFrom = x, ok
	}
	if !ok || !okFrom {
		return Parted{}, ErrUnknown
	}
	if s.Shared && t.exclusive(x) {
		return Parted{}, ErrCustomer
	}
	members, _ := t.people([]int32{x, from})
	b := t.part(s, x, from)
	if !b.Empty() {
		if err := keep(b); err != nil {
			t.rebind(b.reversed())
			clear(t.before)
			return Parted{}, err
		}
	}
	_, persons := t.people(members)
	parted := Parted{Bonds: b, Persons: persons, Moved: t.movedNow()}
	t.commitVersion()
	return parted, nil
}

// part makes the change that a split asks for, and tells of it.
func (t *Table) part(s Split, x, from int32) (b Bonds) {
	switch {
	case s.Undo:
		b.Dropped = t.reasonsOf(x, from)
		if x == from && t.has(x, flagPinned) {
			b.Unpinned = []event.Anchor{s.Identity}
		}
		t.rebind(b)
	case s.Shared:
		if !t.has(x, flagPinned) {
			b.Pinned = []event.Anchor{s.Identity}
		}
		t.rebind(b)
	case from != x:
		b.Added = t.bindAll(x, []int32{from})
		t.rejoin([]int32{x, from})
		t.settle()
	default:
		b.Added = t.isolateFromAll(x)
	}
	return b
}

// Rebind makes a change of pairs again that Split told of, as the log does for links. It tells whether persons changed.
func (t *Table) Rebind(b Bonds) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rebind(b)
	return t.commitVersion()
}

func (t *Table) rebind(b Bonds) {
	var nodes []int32
	for _, p := range b.Dropped {
		if x, y, by, ok := t.indexes(p); ok && t.release(x, y, by) {
			nodes = append(nodes, x, y)
		}
	}
	for _, p := range b.Added {
		if x, y, by, ok := t.indexes(p); ok && t.bind(x, y, by) {
			nodes = append(nodes, x, y)
		}
	}
	for _, a := range b.Unpinned {
		if i, ok := t.index[a]; ok {
			nodes = append(nodes, t.pin(i, false)...)
		}
	}
	for _, a := range b.Pinned {
		if i, ok := t.index[a]; ok {
			nodes = append(nodes, t.pin(i, true)...)
		}
	}
	t.rejoin(nodes)
	t.settle()
}

// pin makes an identity a hub for good, or only as far as its links say, and gives those whom that concerns.
func (t *Table) pin(i int32, pinned bool) (concerned []int32) {
	concerned = []int32{i}
	t.eachEdge(i, func(id int32) { concerned = append(concerned, t.other(id, i)) })
	if t.has(i, flagHub) {
		t.hubs--
	}
	// Edges of a hub are not counted as refused.
	t.refused -= t.refusedAround(concerned[:1])
	t.nodes[i].flags &^= flagPinned
	if pinned {
		t.nodes[i].flags |= flagPinned
	}
	t.findHub(i)
	t.refused += t.refusedAround(concerned[:1])
	return concerned
}

// reasonsOf lists the pairs that there are because x was split off, or only those of x and another one.
func (t *Table) reasonsOf(x, from int32) []Pair {
	var pairs []Pair
	for _, p := range t.pairsApart() {
		a, b, by, _ := t.indexes(p)
		if from == x && by == x || from != x && (a == x && b == from || a == from && b == x) {
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// bindAll keeps x apart from others, and gives the new pairs.
func (t *Table) bindAll(x int32, others []int32) []Pair {
	var pairs []Pair
	for _, o := range others {
		if t.bind(x, o, x) {
			pairs = append(pairs, t.pairOfBond(x, o, x))
		}
	}
	return pairs
}

// isolateFromAll makes x a person of its own, and gives the new pairs.
func (t *Table) isolateFromAll(x int32) []Pair {
	members := t.everybodyWith(x)
	others := members[1:]
	t.eachEdge(x, func(id int32) { others = append(others, t.other(id, x)) })
	concerned := t.guard(members, x)
	before := map[Pair]bool{}
	for _, p := range t.pairsApart() {
		before[p] = true
	}
	if len(t.bindAll(x, others)) > 0 {
		t.rejoin(concerned)
		t.settle()
	}
	t.veto = nil
	var added []Pair
	for _, p := range t.pairsApart() {
		if !before[p] {
			added = append(added, p)
		}
	}
	return added
}

// movedNow lists the anchors whose person the running call has changed.
func (t *Table) movedNow() []event.Anchor {
	var moved []event.Anchor
	for i, old := range t.before {
		if t.personOf(i) != old {
			moved = append(moved, t.nodes[i].anchor)
		}
	}
	return moved
}
