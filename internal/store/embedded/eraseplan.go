// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/eraseplan"
)

// PlanErasure tells what an erasure will remove, by a scan of the whole store.
func (s *Store) PlanErasure(ctx context.Context, r store.ErasureRequest) (store.ErasurePlan, error) {
	p, err := eraseplan.Make(ctx, s, s.people, r, s.tombstones.key)
	if err != nil {
		return store.ErasurePlan{}, err
	}
	return p.ErasurePlan, nil
}

// EraseAsPlanned erases what the plan of the digest shows, and keeps the receipt in the manifest.
func (s *Store) EraseAsPlanned(ctx context.Context, r store.ErasureRequest) (store.Receipt, error) {
	p, err := eraseplan.Make(ctx, s, s.people, r, s.tombstones.key)
	if err != nil {
		return store.Receipt{}, err
	}
	if err := p.Confirm(&r); err != nil {
		return store.Receipt{}, err
	}
	sum := store.Erased{}
	for _, id := range p.Asked {
		if !s.people.Knows(id.Anchor()) {
			continue // it was of the person before
		}
		done, err := s.erase(ctx, id, r.IdentityOnly, p.Anchors)
		if err != nil {
			return store.Receipt{}, err
		}
		eraseplan.Add(&sum, done)
	}
	receipt := p.Receipt(&r, sum, s.options.Clock().UnixMicro(), s.tombstones.key)
	return receipt, s.keepReceipt(receipt)
}

func (s *Store) keepReceipt(r store.Receipt) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	change := s.change()
	change.Receipts = append(slices.Clip(change.Receipts), r)
	change.Next = s.names.Load()
	if err = writeManifest(s.fs, s.options.Dir, change); err != nil {
		return fmt.Errorf("the person is erased, but the receipt could not be kept: %w", s.writeError(err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manifest = change
	return nil
}

// Receipts of all erasures that had a plan.
func (s *Store) Receipts(context.Context) ([]store.Receipt, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := slices.Clone(s.manifest.Receipts)
	slices.Reverse(list)
	return list, nil
}

// beyond tells whether identities would go that the plan does not show; a nil plan shows all.
func beyond(members []event.Anchor, planned map[event.Anchor]bool) error {
	if planned == nil {
		return nil
	}
	for _, m := range members {
		if !planned[m] {
			return fmt.Errorf("%w: an identity was joined to the person since the plan was shown. Look at it again", store.ErrInvalid)
		}
	}
	return nil
}
