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

// inside calls f while the store is open, and prevents it from being closed in the meantime.
func inside[T any](s *Store, f func() (T, error)) (T, error) {
	leave, err := s.enter()
	if err != nil {
		var none T
		return none, err
	}
	defer leave()
	return f()
}

// Compact flushes the log into sorted files, and merges files of similar size. It does nothing if nothing is due.
func (s *Store) Compact(ctx context.Context) error {
	_, err := inside(s, func() (struct{}, error) { return struct{}{}, s.compactor.Compact(ctx) })
	return err
}

// MergeAll flushes the log and merges the files of each month into one, or a few large ones. The background loop does only as much as is worthwhile;
// this is for imports that are read many times.
func (s *Store) MergeAll(ctx context.Context) error {
	_, err := inside(s, func() (struct{}, error) { return struct{}{}, s.compactor.MergeAll(ctx) })
	return err
}

// Erase removes the person who has the identity, and verifies it.
func (s *Store) Erase(ctx context.Context, id event.Identity) (store.Erased, error) {
	return inside(s, func() (store.Erased, error) { return s.compactor.Erase(ctx, id, false) })
}

// EraseIdentity removes one identity, and verifies it. Events that belong to other identities of its person are kept.
func (s *Store) EraseIdentity(ctx context.Context, id event.Identity) (store.Erased, error) {
	return inside(s, func() (store.Erased, error) { return s.compactor.Erase(ctx, id, true) })
}

// PlanErasure returns what an erasure will remove, with a scan of the whole store.
func (s *Store) PlanErasure(ctx context.Context, r store.ErasureRequest) (store.ErasurePlan, error) {
	p, err := s.compactor.Plan(ctx, s, r)
	if err != nil {
		return store.ErasurePlan{}, err
	}
	return p.ErasurePlan, nil
}

// EraseAsPlanned carries out the plan with the digest, and keeps the receipt. A repeated call, also after an interruption, returns the receipt.
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

// Receipts returns the receipts of all erasures with a plan, the newest first.
func (s *Store) Receipts(context.Context) ([]store.Receipt, error) {
	return s.compactor.Receipts(), nil
}

// Retain removes the events before the instant. Older events that arrive later count as expired.
func (s *Store) Retain(ctx context.Context, before time.Time) (store.Retained, error) {
	return inside(s, func() (store.Retained, error) { return s.compactor.Retain(ctx, before) })
}

// Split separates an identity from its person, or undoes that.
func (s *Store) Split(ctx context.Context, r store.SplitRequest) (store.Parted, error) {
	return inside(s, func() (store.Parted, error) { return s.compactor.Split(ctx, r) })
}

// PlanRemoval counts what Remove would remove.
func (s *Store) PlanRemoval(ctx context.Context, r store.RemoveRequest) (store.RemovalPlan, error) {
	return inside(s, func() (store.RemovalPlan, error) { return s.compactor.PlanRemoval(ctx, r) })
}

// Remove removes events of a source, with their keys and what only they state about persons.
func (s *Store) Remove(ctx context.Context, r store.RemoveRequest) (store.Removed, error) {
	return inside(s, func() (store.Removed, error) { return s.compactor.Remove(ctx, r) })
}
