// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ErrUnknown says that the table does not know an identifier.
var ErrUnknown = errors.New("unknown identity")

// ErrCustomer says that a customerId cannot be shared by many people: it is what tells them apart.
var ErrCustomer = errors.New("a customerId cannot be shared")

// Split says what to take apart from others for good.
//
// Without From it is a person of its own afterwards: it is kept apart from all members of its person and from all that it is linked with. The
// others of the person stay together as far as links of their own join them, and everybody else stays who they were: where a link between one of them and
// somebody else was refused and would count now, the two are kept apart as well.
//
// With From the two are kept apart, as two customers are: the links are taken in order, and one that would make one person of the two is
// refused. So what both are linked with belongs to the one who had it first.
//
// With Shared it links nothing any more, as an identity with too many links does.
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

// Empty reports whether nothing changed.
func (b *Bonds) Empty() bool { return len(b.Added)+len(b.Dropped)+len(b.Pinned)+len(b.Unpinned) == 0 }

// Reversed is what takes the change back.
func (b *Bonds) Reversed() Bonds {
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

// Pair is two identifiers that never become one person, whatever is said of them: by a link, over others, or by an alias. By is the identifier
// whose split is the reason, 0 when it was erased. Pairs hold anchors, never values.
type Pair struct {
	A  event.Anchor `json:"a,string"`
	B  event.Anchor `json:"b,string"`
	By event.Anchor `json:"by,string,omitempty"`
}

// ComparePairs orders pairs.
func ComparePairs(p, q Pair) int {
	return cmp.Or(cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B), cmp.Compare(p.By, q.By))
}
