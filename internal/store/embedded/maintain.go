// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"time"
)

// retainEvery is how often the store looks for events beyond their retention.
const retainEvery = time.Hour

// runMaintenance sorts the log when it is long or old, merges files, and removes old ones.
func (s *Store) runMaintenance(ctx context.Context) {
	defer close(s.stopped)
	if s.options.CompactEvery < 0 {
		<-ctx.Done()
		return
	}
	ticker := time.NewTicker(s.options.CompactEvery)
	defer ticker.Stop()
	var retained time.Time
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-s.full:
			if s.catalog.Memtable().Bytes() >= s.options.SegmentBytes {
				err = s.Compact(ctx)
			}
		case <-ticker.C:
			err = s.Compact(ctx)
			if now := s.options.Clock(); s.options.Retention > 0 && now.Sub(retained) >= retainEvery {
				retained = now
				err = errors.Join(err, s.dropExpired(ctx))
			}
		}
		if err != nil && ctx.Err() == nil {
			s.options.Logger.Error("sorting the log failed; it is tried again", "error", err)
		}
	}
}

// Compact sorts the log into files, and merges files where there are many of like size. It does nothing when there is nothing to do.
func (s *Store) Compact(ctx context.Context) error {
	leave, err := s.enter()
	if err != nil {
		return err
	}
	defer leave()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.volume.Healthy(); err != nil {
		return err
	}
	if err := s.resumeErasure(ctx); err != nil {
		return err
	}
	if err := s.sortTail(ctx); err != nil {
		return err
	}
	return s.mergeFiles(ctx)
}
