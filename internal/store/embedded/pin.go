// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// Pin keeps the latest snapshot readable.
func (s *Store) Pin(ctx context.Context, r store.PinRequest) (store.Pin, error) {
	return inside(s, func() (store.Pin, error) { return s.compactor.Pin(ctx, r) })
}

// Unpin ends a pin.
func (s *Store) Unpin(_ context.Context, id string) error {
	_, err := inside(s, func() (struct{}, error) { return struct{}{}, s.compactor.Unpin(id) })
	return err
}
