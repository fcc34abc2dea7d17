// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"time"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

// Retain removes the events before the instant: files that are wholly older are unlinked, those of the month in which it lies are
// written again. Older events that come later count as expired.
func (s *Store) Retain(ctx context.Context, before time.Time) (store.Retained, error) {
	leave, err := s.enter()
	if err != nil {
		return store.Retained{}, err
	}
	defer leave()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.volume.Healthy(); err != nil {
		return store.Retained{}, err
	}
	answer, err := s.retain(ctx, before.UnixMicro(), true)
	if err != nil {
		return store.Retained{}, volume.WriteError(err)
	}
	return answer, nil
}

// dropExpired unlinks files that are wholly beyond the retention; it never writes a file again.
func (s *Store) dropExpired(ctx context.Context) error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.volume.Healthy(); err != nil {
		return err
	}
	_, err := s.retain(ctx, s.options.Clock().Add(-s.options.Retention).UnixMicro(), false)
	return err
}

func (s *Store) retain(ctx context.Context, before int64, exact bool) (store.Retained, error) {
	if err := s.writer.RaiseHorizon(before); err != nil {
		return store.Retained{}, err
	}
	if err := s.sortTail(ctx); err != nil {
		return store.Retained{}, err
	}
	var gone, split []*part.Part
	for _, p := range s.catalog.Parts() {
		switch {
		case p.MaxTime < before:
			gone = append(gone, p)
		case p.MinTime < before && exact:
			split = append(split, p)
		}
	}
	if len(gone)+len(split) == 0 {
		return store.Retained{}, nil
	}
	change := s.catalog.Change()
	old := part.Rows(change.Files)
	change.Files = part.Without(change.Files, append(gone, split...))
	if err := s.splitFiles(ctx, change, split, before); err != nil {
		return store.Retained{}, err
	}
	answer := store.Retained{Events: old - part.Rows(change.Files), Files: int64(len(gone))}
	return answer, s.writer.Install(change, writer.Cut{})
}

func (s *Store) splitFiles(ctx context.Context, change *catalog.Manifest, parts []*part.Part, before int64) error {
	if len(parts) == 0 {
		return nil
	}
	session, err := s.rewriting(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	for _, p := range parts {
		written, err := session.Rewrite(ctx, []*part.Part{p}, rewrite.Since(before), nil)
		if err != nil {
			return err
		}
		change.Files = append(change.Files, written...)
	}
	return nil
}
