// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/scan"
)

// Scan returns events in order. It reads the commits up to its snapshot, whatever is appended or flushed in the meantime.
func (s *Store) Scan(ctx context.Context, r store.ScanRequest) (store.Scan, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	if _, err := r.Schema(); err != nil {
		return nil, err
	}
	if err := s.catalog.Memtable().Tidy(); err != nil {
		return nil, unavailable(err.Error())
	}
	return scan.Open(ctx, s.catalog, s.sorts, s.options.BatchRows, r)
}
