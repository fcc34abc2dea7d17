// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// MaxForms is the number of forms of one identifier in an erasure: the peppers that were ever valid.
const MaxForms = 64

// ErasureRequest asks to erase the persons of an identifier, or the identifier alone.
type ErasureRequest struct {
	// Identities are the forms of one identifier: one, or its hashes under all peppers that were ever valid.
	Identities []event.Identity `json:"identities"`
	// IdentityOnly leaves the person's other identities and their events.
	IdentityOnly bool `json:"identityOnly,omitempty"`
	// Digest of the plan that was shown. Nothing is erased when the plan is another one by now.
	Digest string `json:"digest,omitempty"`
}

// Check says what is wrong with the request; the error wraps ErrInvalid.
func (r *ErasureRequest) Check() error {
	if len(r.Identities) == 0 || len(r.Identities) > MaxForms {
		return fmt.Errorf("%w: an erasure names 1 to %d forms of an identity, this one %d", ErrInvalid, MaxForms, len(r.Identities))
	}
	for _, id := range r.Identities {
		if err := CheckIdentity(id); err != nil {
			return err
		}
	}
	return nil
}

// ErasurePlan is what an erasure will remove. It has no identities when the store knows nobody.
type ErasurePlan struct {
	// Digest names the identities of the plan; it is keyed, so that nobody can try identities against it.
	Digest string `json:"digest"`
	// Identities that go, the stronger first.
	Identities []PlannedIdentity `json:"identities"`
	// Links among them, and what stated them.
	Links []PlannedLink `json:"links,omitempty"`
	// Events that go, and by source.
	Events   int64            `json:"events"`
	BySource map[string]int64 `json:"bySource,omitempty"`
	// IdentityVersion that the plan was made at.
	IdentityVersion int64 `json:"identityVersion"`
}

// PlannedIdentity is one that goes.
type PlannedIdentity struct {
	// Identity as it is stored, hashed where ingestion hashes; the value is empty when no event that is there names it.
	event.Identity
	// Asked says that the request names it.
	Asked bool `json:"asked,omitempty"`
	// PublicOnly says that links of public sources alone join it to the rest.
	PublicOnly bool `json:"publicOnly,omitempty"`
}

// PlannedLink is a link between two of the identities, by their place in the plan.
type PlannedLink struct {
	A int `json:"a"`
	B int `json:"b"`
	// Sources that state it, and the time of the first statement that counts, microseconds.
	Sources []string `json:"sources"`
	Time    int64    `json:"time"`
	// Public says that no trusted source states it.
	Public bool `json:"public,omitempty"`
}

// Receipt of an erasure. It names nobody in clear.
type Receipt struct {
	// At is when it was done, microseconds.
	At int64 `json:"at"`
	// Digest of the plan, and keyed hashes of the identities that were asked for.
	Digest string   `json:"digest"`
	Asked  []string `json:"asked"`
	// IdentityOnly as asked.
	IdentityOnly bool `json:"identityOnly,omitempty"`
	// Erased is the proof; BySource are the events of the plan.
	Erased
	BySource map[string]int64 `json:"bySource,omitempty"`
}

// Planner shows what an erasure will remove before it does, and keeps a receipt of what it did.
type Planner interface {
	// PlanErasure changes nothing. Errors: ErrInvalid, ErrUnavailable.
	PlanErasure(ctx context.Context, r ErasureRequest) (ErasurePlan, error)
	// EraseAsPlanned erases what the plan of the digest shows; none of the forms is taken after that. ErrInvalid when it is another one by now, or
	// nobody is known. Asked again after it was carried out, or cut off, it gives the receipt.
	EraseAsPlanned(ctx context.Context, r ErasureRequest) (Receipt, error)
	// Receipts of all erasures that had a plan, the newest first.
	Receipts(ctx context.Context) ([]Receipt, error)
}
