// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/eraseplan"
)

// PlanErasure tells what an erasure will remove, by a scan of the whole store.
func (s *Store) PlanErasure(ctx context.Context, r store.ErasureRequest) (store.ErasurePlan, error) {
	p, err := eraseplan.Make(ctx, s, s.catalog.People(), r, s.writer.TombstoneKey())
	if err != nil {
		return store.ErasurePlan{}, err
	}
	return p.ErasurePlan, nil
}

// EraseAsPlanned erases what the plan of the digest shows, and keeps the receipt in the manifest. Asked again after it was carried out, or cut off,
// it gives the receipt.
func (s *Store) EraseAsPlanned(ctx context.Context, r store.ErasureRequest) (store.Receipt, error) {
	if receipt, err := s.carriedOut(ctx, &r); err != nil || receipt != nil {
		return given(receipt, err)
	}
	p, err := eraseplan.Make(ctx, s, s.catalog.People(), r, s.writer.TombstoneKey())
	if err == nil {
		err = p.Confirm(&r)
	}
	if err != nil {
		return store.Receipt{}, err
	}
	leave, err := s.beginMaintenance(ctx)
	if err != nil {
		return store.Receipt{}, err
	}
	defer leave()
	if receipt := s.receiptOf(&r); receipt != nil {
		return *receipt, nil
	}
	receipt := p.Receipt(&r, store.Erased{}, 0, s.writer.TombstoneKey())
	begun, err := s.writer.BeginErasure(catalog.Erasure{Alone: r.IdentityOnly, Forms: eraseplan.Anchors(r.Identities), Receipt: &receipt}, p.Asked, p.Anchors)
	if err == nil {
		_, err = s.finishErasure(ctx, begun, p.Asked...)
	}
	if err != nil && !errors.Is(err, store.ErrInvalid) {
		err = volume.WriteError(err)
	}
	return given(s.receiptOf(&r), err)
}

func given(r *store.Receipt, err error) (store.Receipt, error) {
	if err != nil || r == nil {
		return store.Receipt{}, err
	}
	return *r, nil
}

// carriedOut ends what was cut off, and gives the receipt if that was what the request asks for, or if it was done before.
func (s *Store) carriedOut(ctx context.Context, r *store.ErasureRequest) (*store.Receipt, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	leave, err := s.beginMaintenance(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.receiptOf(r), nil
}

// receiptOf gives the receipt of the confirmed plan.
func (s *Store) receiptOf(r *store.ErasureRequest) *store.Receipt {
	return eraseplan.ReceiptOf(s.catalog.Manifest().Receipts, r, s.writer.TombstoneKey())
}

// Receipts of all erasures that had a plan.
func (s *Store) Receipts(context.Context) ([]store.Receipt, error) {
	list := slices.Clone(s.catalog.Manifest().Receipts)
	slices.Reverse(list)
	return list, nil
}
