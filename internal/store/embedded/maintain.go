// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"context"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// inside calls f while the store is open, and keeps it from being closed meanwhile.
func inside[T any](s *Store, f func() (T, error)) (T, error) {
	leave, err := s.enter()
	if err != nil {
		var none T
		return none, err
	}
	defer leave()
	return f()
}

// Compact flushes the log into sorted files, and merges files where there are many of like size. It does nothing when there is nothing to do.
func (s *Store) Compact(ctx context.Context) error {
	_, err := inside(s, func() (struct{}, error) { return struct{}{}, s.compactor.Compact(ctx) })
	return err
}

// MergeAll flushes the log and makes one file, or few large ones, of each month. The background does as much as is worth it; this is for imports,
// which then are read many times.
func (s *Store) MergeAll(ctx context.Context) error {
	_, err := inside(s, func() (struct{}, error) { return struct{}{}, s.compactor.MergeAll(ctx) })
	return err
}

// Erase removes the person that has the identity, and proves it.
func (s *Store) Erase(ctx context.Context, id event.Identity) (store.Erased, error) {
	return inside(s, func() (store.Erased, error) { return s.compactor.Erase(ctx, id, false) })
}

// EraseIdentity removes one identity, and proves it. Events that belong to other identities of its person stay.
func (s *Store) EraseIdentity(ctx context.Context, id event.Identity) (store.Erased, error) {
	return inside(s, func() (store.Erased, error) { return s.compactor.Erase(ctx, id, true) })
}

// PlanErasure says what an erasure will remove, by a scan of the whole store.
func (s *Store) PlanErasure(ctx context.Context, r store.ErasureRequest) (store.ErasurePlan, error) {
	p, err := s.compactor.Plan(ctx, s, r)
	if err != nil {
		return store.ErasurePlan{}, err
	}
	return p.ErasurePlan, nil
}

// EraseAsPlanned erases what the plan of the digest shows, and keeps the receipt. Asked again after it was carried out, or cut off, it gives the
// receipt.
func (s *Store) EraseAsPlanned(ctx context.Context, r store.ErasureRequest) (store.Receipt, error) {
	done, err := inside(s, func() (*store.Receipt, error) { return s.compactor.CarriedOut(ctx, &r) })
	if err != nil || done != nil {
		return *cmp.Or(done, &store.Receipt{}), err
	}
	p, err := s.compactor.Plan(ctx, s, r)
	if err == nil {
		err = p.Confirm(&r)
	}
	if err != nil {
		return store.Receipt{}, err
	}
	return inside(s, func() (store.Receipt, error) { return s.compactor.EraseAsPlanned(ctx, p, &r) })
}

// Receipts of all erasures that had a plan, the newest first.
func (s *Store) Receipts(context.Context) ([]store.Receipt, error) {
	return s.compactor.Receipts(), nil
}

// Retain removes the events before the instant. Older events that come later count as expired.
func (s *Store) Retain(ctx context.Context, before time.Time) (store.Retained, error) {
	return inside(s, func() (store.Retained, error) { return s.compactor.Retain(ctx, before) })
}

// Split takes an identity out of its person, or undoes that.
func (s *Store) Split(ctx context.Context, r store.SplitRequest) (store.Parted, error) {
	return inside(s, func() (store.Parted, error) { return s.compactor.Split(ctx, r) })
}
