// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"context"
	"errors"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/eraseplan"
)

// Plan computes what a request will remove, with a scan of the whole store.
func (c *Compactor) Plan(ctx context.Context, all store.Scanner, r store.ErasureRequest) (*eraseplan.Plan, error) {
	return eraseplan.Make(ctx, all, c.catalog.People(), r, c.writer.TombstoneKey())
}

// EraseAsPlanned carries out a confirmed plan, and keeps the receipt in the manifest.
func (c *Compactor) EraseAsPlanned(ctx context.Context, p *eraseplan.Plan, r *store.ErasureRequest) (store.Receipt, error) {
	end, err := c.beginErasing(ctx)
	if err != nil {
		return store.Receipt{}, err
	}
	defer end()
	if receipt := c.receiptOf(r); receipt != nil {
		return *receipt, nil
	}
	receipt := p.Receipt(r, store.Erased{}, 0, c.writer.TombstoneKey())
	begun, err := c.writer.BeginErasure(catalog.Erasure{Alone: r.IdentityOnly, Forms: eraseplan.Anchors(r.Identities), Receipt: &receipt}, p.Asked, p.Anchors)
	if err == nil {
		_, err = c.finishErasure(ctx, begun, p.Asked...)
	}
	if err != nil && !errors.Is(err, store.ErrInvalid) {
		err = volume.WriteError(err)
	}
	return given(c.receiptOf(r), err)
}

func given(r *store.Receipt, err error) (store.Receipt, error) {
	if err != nil || r == nil {
		return store.Receipt{}, err
	}
	return *r, nil
}

// CarriedOut completes an interrupted erasure, and returns the receipt if the request was for that one or for an earlier one; otherwise nil.
func (c *Compactor) CarriedOut(ctx context.Context, r *store.ErasureRequest) (*store.Receipt, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	end, err := c.beginErasing(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	return c.receiptOf(r), nil
}

// receiptOf returns the receipt of the confirmed plan.
func (c *Compactor) receiptOf(r *store.ErasureRequest) *store.Receipt {
	return eraseplan.ReceiptOf(c.catalog.Manifest().Receipts, r, c.writer.TombstoneKey())
}

// Receipts returns the receipts of all erasures with a plan, the newest first.
func (c *Compactor) Receipts() []store.Receipt {
	list := slices.Clone(c.catalog.Manifest().Receipts)
	slices.Reverse(list)
	return list
}
