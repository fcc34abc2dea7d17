// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/scan"
)

// Scan gives events in order. It sees the commits up to its snapshot, whatever is appended or sorted meanwhile.
func (s *Store) Scan(ctx context.Context, r store.ScanRequest) (store.Scan, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	if _, err := r.Schema(); err != nil {
		return nil, err
	}
	if err := s.memtable.Tidy(); err != nil {
		return nil, unavailable(err.Error())
	}
	return scan.Open(ctx, snapshots{s}, s.db, s.options.BatchRows, r)
}

// snapshots of the store, for its scans.
type snapshots struct{ *Store }

// Acquire fixes what the scan reads, and keeps its files from being removed until the scan is closed.
func (s snapshots) Acquire(sc *scan.Scan, r store.ScanRequest) (scan.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.Check(s.seq); err != nil {
		return scan.Snapshot{}, err
	}
	if r.AsOfSeq == 0 {
		r.AsOfSeq = s.seq
	}
	if r.IdentityVersion == 0 {
		v, err := s.people.VersionAt(r.AsOfSeq)
		if err != nil {
			return scan.Snapshot{}, fmt.Errorf("%w: seq %d: %w", store.ErrSnapshotGone, r.AsOfSeq, err)
		}
		r.IdentityVersion = v
	}
	view, err := s.people.View(r.IdentityVersion)
	if err != nil {
		return scan.Snapshot{}, fmt.Errorf("%w: identity version %d: %w", store.ErrSnapshotGone, r.IdentityVersion, err)
	}
	s.readers.begin(sc, s.manifest.Number)
	return scan.Snapshot{
		Snapshot: store.Snapshot{Seq: r.AsOfSeq, IdentityVersion: view.Version()},
		Parts:    s.parts, Runs: s.memtable.Runs(r.AsOfSeq), View: view,
	}, nil
}

// Release lets the files go that were kept for the scan alone.
func (s snapshots) Release(sc *scan.Scan) error {
	s.readers.end(sc)
	return s.removeUnread()
}
