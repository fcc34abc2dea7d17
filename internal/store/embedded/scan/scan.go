// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package scan returns the events of a snapshot in order: it collects the sorted files, the runs and the rows that moved, merges them, and builds
// Arrow batches. A scan by unit sorts the rows of its files and runs itself. It only depends on a snapshot, not on a store.
package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/batch"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
)

// Scan merges sorted files, runs and moved rows, all of them in the order of the response.
type Scan struct {
	catalog   *catalog.Catalog
	sorts     *extsort.Pool
	batchRows int
	snapshot  catalog.Snapshot
	schema    *arrow.Schema
	request   store.ScanRequest
	query     *rows.Query

	ctx    context.Context
	cancel context.CancelCauseFunc

	// mu is held while the scan works.
	mu      sync.Mutex
	closed  bool
	open    []rows.Source
	merger  *rows.Merger
	batch   *batch.Batch
	current arrow.RecordBatch
	stats   store.ScanStats
	// moved are the rows that are not stored with their person.
	moved *moved
	// units sorts the rows again in a scan by unit.
	units *units
	// counter counts rows instead of returning them.
	counter *rows.Counter
}

var _ store.Scan = (*Scan)(nil)

// Open opens a scan. Batches have at most batchRows rows. Damage of the files that it will read is reported before the first row. A scan by unit
// sorts within the limits of the pool, when its first rows are requested.
func Open(ctx context.Context, c *catalog.Catalog, sorts *extsort.Pool, batchRows int64, r store.ScanRequest) (store.Scan, error) {
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	s := &Scan{catalog: c, sorts: sorts, batchRows: min(int(batchRows), batch.MaxDictionary)}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	if s.snapshot, err = c.Acquire(s, r); err != nil {
		s.cancel(err)
		return nil, err
	}
	if err := s.check(schema, r); err != nil {
		err = s.explain(err)
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// check checks the request and the files. An erasure can discard the scan in the meantime.
func (s *Scan) check(schema *arrow.Schema, r store.ScanRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.By != "" {
		return s.prepareUnits(r)
	}
	return s.prepare(schema, r)
}

// Snapshot returns the state that the scan reads.
func (s *Scan) Snapshot() store.Snapshot { return s.snapshot.Snapshot }

// Stats returns the statistics so far.
func (s *Scan) Stats() store.ScanStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	if s.query != nil {
		stats.Bytes = s.query.Bytes
	}
	if s.counter != nil {
		stats.Tallies = s.counter.Tallies()
	}
	if s.units != nil && s.units.shard == 0 {
		// Rows without a unit belong to no shard. The first shard counts them.
		stats.WithoutUnit = s.units.without
	}
	return stats
}

// Next returns the next batch, or io.EOF. It is valid until the next call.
func (s *Scan) Next() (arrow.RecordBatch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.releaseCurrent()
	if s.closed {
		return nil, s.explain(errors.Join(context.Cause(s.ctx), io.ErrClosedPipe))
	}
	var err error
	if s.current, err = s.next(); err != nil {
		return nil, s.explain(err)
	}
	if s.current == nil {
		return nil, io.EOF
	}
	s.stats.Rows += s.current.NumRows()
	return s.current, nil
}

// next returns the next batch, or nil at the end.
func (s *Scan) next() (arrow.RecordBatch, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	from, err := s.ordered()
	if err != nil {
		return nil, err
	}
	s.batch.Reset(s.batchRows)
	for !s.batch.Full(s.batchRows, batch.MaxText) {
		next, err := from.Next(s.batchRows - s.batch.Rows())
		if err != nil {
			return nil, err
		}
		if next.Block == nil {
			break
		}
		if s.batch.Add(next.Block, next.Run, next.First, next.End); next.Last {
			s.batch.Settle()
		}
	}
	return s.batch.Record()
}

// ordered returns rows in the order of the response.
type ordered interface {
	Next(most int) (rows.Stretch, error)
}

// ordered starts reading, unless it has started.
func (s *Scan) ordered() (ordered, error) {
	if s.units != nil {
		return s.units.sorted(s.query, s.places())
	}
	if s.merger == nil {
		if err := s.begin(); err != nil {
			return nil, errors.Join(err, s.moved.close())
		}
	}
	return s.merger, nil
}

// places returns the places of the snapshot's rows.
func (s *Scan) places() []place {
	var list []place
	for _, p := range s.snapshot.Parts {
		list = append(list, p)
	}
	for _, r := range s.snapshot.Runs {
		list = append(list, r)
	}
	return list
}

// explain converts an error of the engine to one of the contract.
func (s *Scan) explain(err error) error {
	cause := context.Cause(s.ctx)
	switch {
	case cause != nil && errors.Is(cause, store.ErrSnapshotGone):
		return cause
	case cause != nil:
		return fmt.Errorf("%w: %s", store.ErrUnavailable, cause.Error())
	default:
		return fmt.Errorf("%w: %s", store.ErrUnavailable, err.Error())
	}
}

func (s *Scan) releaseCurrent() {
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
}

// Interrupt ends the scan from outside.
func (s *Scan) Interrupt(why error) { s.cancel(why) }

// Discard removes the temporary files of an interrupted scan, because its caller may not request more, nor close it, for a long time.
func (s *Scan) Discard() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closeSorts()
}

func (s *Scan) closeSorts() error {
	err := s.moved.close()
	if s.units != nil {
		err = errors.Join(err, s.units.close())
	}
	return err
}

// Close ends the scan, and removes files that were kept only for it.
func (s *Scan) Close() error {
	s.cancel(context.Canceled)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.releaseCurrent()
	s.closed, s.merger, s.batch = true, nil, nil
	err := s.closeSorts()
	for _, b := range s.open {
		_ = b.Close() // it was only read
	}
	s.open = nil
	return errors.Join(err, s.catalog.Release(s))
}
