// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/compact"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/load"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/results"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

// Shares of the memory: at most a quarter for overlays, half for the sorts of scans by unit, and a quarter for rewriting files.
const (
	overlayShare = 4
	sortShare    = 2
	rewriteShare = 4
)

// load reads everything on the volume, and reports whether damage of the log was accepted.
func (s *Store) load(full chan<- struct{}) (accepted bool, err error) {
	o := &s.options
	s.catalog, err = catalog.Open(s.volume, catalog.Options{
		Identity: o.Identity, MaxIdentities: o.MaxIdentities, OverlayBytes: o.MemoryLimit / overlayShare, AcceptDamage: o.AcceptDamage,
		Clock: o.Clock, Logger: o.Logger,
	})
	if err != nil {
		return false, err
	}
	if s.results, err = results.Open(s.volume, o.Logger); err != nil {
		return false, err
	}
	if s.sorts, err = extsort.Open(s.volume, o.MemoryLimit/sortShare, o.TempLimit); err != nil {
		return false, err
	}
	s.writer, accepted, err = writer.Open(s.volume, s.catalog, writer.Options{
		Clock: o.Clock, Retention: o.Retention, SegmentBytes: o.SegmentBytes, MaxUnflushedBytes: o.MaxUnflushedBytes, MaxPendingBytes: o.MaxPendingBytes,
		AcceptDamage: o.AcceptDamage, Logger: o.Logger,
	}, full)
	if err != nil {
		return false, err
	}
	files := rewrite.New(s.volume, rewrite.Options{
		GroupRows: 2 * o.BatchRows, Memory: o.MemoryLimit / rewriteShare, Behind: o.Threads > 1,
	})
	s.loads = load.New(s.volume, files, s.writer, o.Clock)
	s.compactor = compact.New(s.volume, s.catalog, s.writer, files, s.results, s.loads, compact.Options{
		Clock: o.Clock, Retention: o.Retention, SegmentBytes: o.SegmentBytes, Every: o.CompactEvery, Logger: o.Logger,
	})
	return accepted, s.catalog.RemoveStrangers()
}
