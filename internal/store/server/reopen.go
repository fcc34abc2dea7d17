// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Reopening is a store that can be closed and reopened with other options while it is served. In between, all calls return ErrUnavailable, and scans
// in progress end with it.
type Reopening struct {
	change sync.Mutex
	mu     sync.RWMutex
	inner  store.Store
}

var errReopening = fmt.Errorf("%w: the store is reopening with a changed configuration", store.ErrUnavailable)

// NewReopening returns a Reopening with an open store.
func NewReopening(inner store.Store) *Reopening { return &Reopening{inner: inner} }

// Reopen closes the store, which ends the calls in progress, and uses the one that open returns. If open fails, there is no store.
func (r *Reopening) Reopen(open func() (store.Store, error)) error {
	r.change.Lock()
	defer r.change.Unlock()
	if err := r.Close(); err != nil {
		return err
	}
	inner, err := open()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inner = inner
	return nil
}

// Close closes the store. Reopen can open another one.
func (r *Reopening) Close() error {
	r.mu.Lock()
	inner := r.inner
	r.inner = nil
	r.mu.Unlock()
	if inner == nil {
		return nil
	}
	return inner.Close()
}

// with calls the current store.
func with[T any](r *Reopening, call func(store.Store) (T, error)) (T, error) {
	r.mu.RLock()
	inner := r.inner
	r.mu.RUnlock()
	if inner == nil {
		var zero T
		return zero, errReopening
	}
	return call(inner)
}

// Append as the store does.
func (r *Reopening) Append(ctx context.Context, b store.Batch) (store.Appended, error) {
	return with(r, func(s store.Store) (store.Appended, error) { return s.Append(ctx, b) })
}

// Cursors as the store does.
func (r *Reopening) Cursors(ctx context.Context, source string) (store.Cursors, error) {
	return with(r, func(s store.Store) (store.Cursors, error) { return s.Cursors(ctx, source) })
}

// Scan as the store does.
func (r *Reopening) Scan(ctx context.Context, q store.ScanRequest) (store.Scan, error) {
	return with(r, func(s store.Store) (store.Scan, error) { return s.Scan(ctx, q) })
}

// State as the store does.
func (r *Reopening) State(ctx context.Context) (store.State, error) {
	return with(r, func(s store.Store) (store.State, error) { return s.State(ctx) })
}

// PutResult as the store does.
func (r *Reopening) PutResult(ctx context.Context, result store.Result) error {
	_, err := with(r, func(s store.Store) (struct{}, error) { return struct{}{}, s.PutResult(ctx, result) })
	return err
}

// Results as the store does.
func (r *Reopening) Results(ctx context.Context, owner string, limit int) ([]store.Result, error) {
	return with(r, func(s store.Store) ([]store.Result, error) { return s.Results(ctx, owner, limit) })
}

// Pin as the store does.
func (r *Reopening) Pin(ctx context.Context, q store.PinRequest) (store.Pin, error) {
	return with(r, func(s store.Store) (store.Pin, error) { return s.Pin(ctx, q) })
}

// Unpin as the store does.
func (r *Reopening) Unpin(ctx context.Context, id string) error {
	_, err := with(r, func(s store.Store) (struct{}, error) { return struct{}{}, s.Unpin(ctx, id) })
	return err
}

// Erase as the store does.
func (r *Reopening) Erase(ctx context.Context, id event.Identity) (store.Erased, error) {
	return with(r, func(s store.Store) (store.Erased, error) { return s.Erase(ctx, id) })
}

// EraseIdentity as the store does.
func (r *Reopening) EraseIdentity(ctx context.Context, id event.Identity) (store.Erased, error) {
	return with(r, func(s store.Store) (store.Erased, error) { return s.EraseIdentity(ctx, id) })
}

// PlanErasure as the store does.
func (r *Reopening) PlanErasure(ctx context.Context, q store.ErasureRequest) (store.ErasurePlan, error) {
	return with(r, func(s store.Store) (store.ErasurePlan, error) { return s.PlanErasure(ctx, q) })
}

// EraseAsPlanned as the store does.
func (r *Reopening) EraseAsPlanned(ctx context.Context, q store.ErasureRequest) (store.Receipt, error) {
	return with(r, func(s store.Store) (store.Receipt, error) { return s.EraseAsPlanned(ctx, q) })
}

// Receipts as the store does.
func (r *Reopening) Receipts(ctx context.Context) ([]store.Receipt, error) {
	return with(r, func(s store.Store) ([]store.Receipt, error) { return s.Receipts(ctx) })
}

// Split as the store does.
func (r *Reopening) Split(ctx context.Context, q store.SplitRequest) (store.Parted, error) {
	return with(r, func(s store.Store) (store.Parted, error) { return s.Split(ctx, q) })
}

// Retain as the store does.
func (r *Reopening) Retain(ctx context.Context, before time.Time) (store.Retained, error) {
	return with(r, func(s store.Store) (store.Retained, error) { return s.Retain(ctx, before) })
}

var _ store.Store = (*Reopening)(nil)
