// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"context"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/eraseplan"
)

// PlanErasure returns what an erasure will remove.
func (s *Store) PlanErasure(ctx context.Context, r store.ErasureRequest) (store.ErasurePlan, error) {
	p, err := eraseplan.Make(ctx, s, s.people, r, nil)
	if err != nil {
		return store.ErasurePlan{}, err
	}
	return p.ErasurePlan, nil
}

// EraseAsPlanned carries out the plan. A repeated call returns the receipt.
func (s *Store) EraseAsPlanned(ctx context.Context, r store.ErasureRequest) (store.Receipt, error) {
	s.mu.Lock()
	done := eraseplan.ReceiptOf(s.receipts, &r, nil)
	s.mu.Unlock()
	if done != nil {
		return *done, nil
	}
	p, err := eraseplan.Make(ctx, s, s.people, r, nil)
	if err != nil {
		return store.Receipt{}, err
	}
	if err := p.Confirm(&r); err != nil {
		return store.Receipt{}, err
	}
	erase := s.Erase
	if r.IdentityOnly {
		erase = s.EraseIdentity
	}
	sum := store.Erased{}
	for _, id := range p.Asked {
		done, err := erase(ctx, id)
		if err != nil {
			return store.Receipt{}, err
		}
		eraseplan.Add(&sum, done)
	}
	receipt := p.Receipt(&r, sum, time.Now().UnixMicro(), nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	forms := map[event.Anchor]bool{}
	for _, a := range eraseplan.Anchors(r.Identities) {
		s.erased[a], forms[a] = true, true
	}
	s.endLoadsWith(forms)
	s.receipts = append(s.receipts, receipt)
	return receipt, nil
}

// Receipts returns the receipts of all erasures with a plan.
func (s *Store) Receipts(context.Context) ([]store.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.receipts)
	slices.Reverse(list)
	return list, nil
}
