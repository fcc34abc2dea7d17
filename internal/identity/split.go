// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"errors"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ErrUnknown means that the table does not contain an identifier.
var ErrUnknown = errors.New("unknown identity")

// ErrCustomer means that a customerId cannot be shared by many people, because it identifies one of them.
var ErrCustomer = errors.New("a customerId cannot be shared")

// Split describes what to separate from others permanently.
//
// Without From, the identity becomes a person of its own: it is kept apart from all members of its person and from everything that it is linked
// with. The other members stay together as far as their own links join them. Nobody else changes: if a link between a member and somebody else
// was refused and would count now, the two are kept apart as well.
//
// With From, the two are kept apart, as two customers are. Links are processed in order, and one that would join the two is refused. An
// identity that both are linked with thus belongs to the one that had it first.
//
// With Shared, the identity no longer links anything, like an identity with too many links.
type Split struct {
	// Identity to separate from its person.
	Identity event.Anchor
	// From is the identity to separate it from; 0 means everything that it is known with.
	From event.Anchor
	// Shared is set if the identity belongs to many people. It is a hub from now on, whatever it is linked with.
	Shared bool
	// Undo reverts such a split.
	Undo bool
}

// Bonds are the cannot-link pairs that a split changed, and the identities that it made hubs, or that are no longer hubs because of it.
type Bonds struct {
	Added    []Pair         `json:"added,omitempty"`
	Dropped  []Pair         `json:"dropped,omitempty"`
	Pinned   []event.Anchor `json:"pinned,omitempty"`
	Unpinned []event.Anchor `json:"unpinned,omitempty"`
}

// Empty reports whether nothing changed.
func (b *Bonds) Empty() bool { return len(b.Added)+len(b.Dropped)+len(b.Pinned)+len(b.Unpinned) == 0 }

// Reversed returns the change that reverts this one.
func (b *Bonds) Reversed() Bonds {
	return Bonds{Added: b.Dropped, Dropped: b.Added, Pinned: b.Unpinned, Unpinned: b.Pinned}
}

// Parted is the result of a split.
type Parted struct {
	Bonds
	// Moved are the anchors whose person has a different number now.
	Moved []event.Anchor
	// Persons is the number of persons that those who were one person with either identity are now.
	Persons int
}

// Pair is a cannot-link constraint: two identifiers that never become one person, whether by a link, through others, or by an alias. By is the
// identifier whose split is the reason, 0 if it was erased. Pairs hold anchors, never values.
type Pair struct {
	A  event.Anchor `json:"a,string"`
	B  event.Anchor `json:"b,string"`
	By event.Anchor `json:"by,string,omitempty"`
}

// ComparePairs orders pairs.
func ComparePairs(p, q Pair) int {
	return cmp.Or(cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B), cmp.Compare(p.By, q.By))
}
