// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// MaxForms is the number of forms of one identifier in an erasure, one for each pepper that was ever valid.
const MaxForms = 64

// ErasureRequest is a request to erase the persons of an identifier, or only the identifier.
type ErasureRequest struct {
	// Identities are the forms of one identifier: its value, or its hashes with all peppers that were ever valid.
	Identities []event.Identity `json:"identities"`
	// IdentityOnly keeps the person's other identities and their events.
	IdentityOnly bool `json:"identityOnly,omitempty"`
	// Digest of the plan that was shown. If the plan has changed since, nothing is erased.
	Digest string `json:"digest,omitempty"`
}

// Check returns an error that wraps ErrInvalid if the request is invalid.
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

// ErasurePlan is what an erasure will remove. It has no identities if the store does not know the person.
type ErasurePlan struct {
	// Digest identifies the identities of the plan. It is keyed, so that nobody can guess identities with it.
	Digest string `json:"digest"`
	// Identities to remove, the strongest first.
	Identities []PlannedIdentity `json:"identities"`
	// Links among them, and the sources that state them.
	Links []PlannedLink `json:"links,omitempty"`
	// Events to remove, in total and by source.
	Events   int64            `json:"events"`
	BySource map[string]int64 `json:"bySource,omitempty"`
	// IdentityVersion of the plan.
	IdentityVersion int64 `json:"identityVersion"`
}

// PlannedIdentity is an identity to remove.
type PlannedIdentity struct {
	// Identity as it is stored, hashed where ingestion hashes. The value is empty if no stored event has it.
	event.Identity
	// Asked is set if the request contains it.
	Asked bool `json:"asked,omitempty"`
	// PublicOnly is set if only links of public sources join it to the rest.
	PublicOnly bool `json:"publicOnly,omitempty"`
}

// PlannedLink is a link between two of the identities, by their index in the plan.
type PlannedLink struct {
	A int `json:"a"`
	B int `json:"b"`
	// Sources that state it, and the time of the first statement that counts, in microseconds.
	Sources []string `json:"sources"`
	Time    int64    `json:"time"`
	// Public is set if no trusted source states it.
	Public bool `json:"public,omitempty"`
}

// Receipt is the proof of an erasure. It contains no identities in clear text.
type Receipt struct {
	// At is the time of the erasure, in microseconds.
	At int64 `json:"at"`
	// Digest of the plan, and keyed hashes of the requested identities.
	Digest string   `json:"digest"`
	Asked  []string `json:"asked"`
	// IdentityOnly as requested.
	IdentityOnly bool `json:"identityOnly,omitempty"`
	// Erased is the proof. BySource counts the events of the plan.
	Erased
	BySource map[string]int64 `json:"bySource,omitempty"`
}

// Planner plans erasures, carries them out, and keeps their receipts.
type Planner interface {
	// PlanErasure returns a plan without changing anything. Errors: ErrInvalid, ErrUnavailable.
	PlanErasure(ctx context.Context, r ErasureRequest) (ErasurePlan, error)
	// EraseAsPlanned carries out the plan with the digest. Afterwards, the store refuses all forms of the identifier. It returns ErrInvalid if the plan
	// has changed, or if nobody is known. A repeated call, also after an interruption, returns the receipt.
	EraseAsPlanned(ctx context.Context, r ErasureRequest) (Receipt, error)
	// Receipts returns the receipts of all erasures with a plan, the newest first.
	Receipts(ctx context.Context) ([]Receipt, error)
}
