// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pull

import (
	"context"
	"time"
)

// Sleep waits, or returns the error of ctx when that ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
