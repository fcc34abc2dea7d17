// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// snapshot is what a scan reads: the sorted files of one manifest and the runs of the memtable, which do not change.
type snapshot struct {
	store.Snapshot
	parts []*part.Part
	runs  []*run.Run
	view  *identity.View
}

// scan merges the sorted files and the fresh rows, all of them in the order of the answer.
type scan struct {
	store    *Store
	snapshot snapshot
	schema   *arrow.Schema
	request  store.ScanRequest
	query    *rows.Query

	ctx    context.Context
	cancel context.CancelCauseFunc

	// mu is held while the scan works.
	mu      sync.Mutex
	closed  bool
	open    []rows.Source
	merger  *rows.Merger
	batch   *scanBatch
	current arrow.RecordBatch
	stats   store.ScanStats
	// units sorts the rows once more, when the scan goes by a unit instead of the person.
	units *unitRows
	// counter has the rows that are counted instead of given.
	counter *rows.Counter
}

// Scan gives events in order. It sees the commits up to its snapshot, whatever is appended or sorted meanwhile.
func (s *Store) Scan(ctx context.Context, r store.ScanRequest) (store.Scan, error) {
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	if err := s.memtable.Tidy(); err != nil {
		return nil, unavailable(err.Error())
	}
	sc := &scan{store: s}
	sc.ctx, sc.cancel = context.WithCancelCause(ctx)
	if sc.snapshot, err = s.takeSnapshot(sc, r); err != nil {
		sc.cancel(err)
		return nil, err
	}
	if r.By != "" {
		err = sc.prepareUnits(schema, r)
	} else {
		err = sc.prepare(schema, r)
	}
	if err != nil {
		err = sc.explain(err)
		return nil, errors.Join(err, sc.Close())
	}
	return sc, nil
}

// takeSnapshot fixes what the scan reads, and keeps its files from being removed until the scan is closed.
func (s *Store) takeSnapshot(sc *scan, r store.ScanRequest) (snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.Check(s.seq); err != nil {
		return snapshot{}, err
	}
	if r.AsOfSeq == 0 {
		r.AsOfSeq = s.seq
	}
	if r.IdentityVersion == 0 {
		v, err := s.people.VersionAt(r.AsOfSeq)
		if err != nil {
			return snapshot{}, fmt.Errorf("%w: seq %d: %w", store.ErrSnapshotGone, r.AsOfSeq, err)
		}
		r.IdentityVersion = v
	}
	view, err := s.people.View(r.IdentityVersion)
	if err != nil {
		return snapshot{}, fmt.Errorf("%w: identity version %d: %w", store.ErrSnapshotGone, r.IdentityVersion, err)
	}
	s.readers.begin(sc, s.manifest.Number)
	return snapshot{
		Snapshot: store.Snapshot{Seq: r.AsOfSeq, IdentityVersion: view.Version()},
		parts:    s.parts, runs: s.memtable.Runs(r.AsOfSeq), view: view,
	}, nil
}

func (sc *scan) Snapshot() store.Snapshot { return sc.snapshot.Snapshot }

func (sc *scan) Stats() store.ScanStats {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	stats := sc.stats
	if sc.query != nil {
		stats.Bytes = sc.query.Bytes
	}
	if sc.counter != nil {
		stats.Tallies = sc.counter.Tallies()
	}
	return stats
}

func (sc *scan) Next() (arrow.RecordBatch, error) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.releaseCurrent()
	if sc.closed {
		return nil, sc.explain(errors.Join(context.Cause(sc.ctx), io.ErrClosedPipe))
	}
	var err error
	if sc.units != nil {
		sc.current, err = sc.units.next()
	} else {
		sc.batch.reset(sc.limit())
		sc.current, err = sc.fill()
	}
	if err != nil {
		return nil, sc.explain(err)
	}
	if sc.current == nil {
		return nil, io.EOF
	}
	sc.stats.Rows += sc.current.NumRows()
	return sc.current, nil
}

// fill makes the next batch, nil at the end.
func (sc *scan) fill() (arrow.RecordBatch, error) {
	if err := sc.ctx.Err(); err != nil {
		return nil, err
	}
	if sc.merger == nil {
		if err := sc.begin(); err != nil {
			return nil, err
		}
	}
	limit := sc.limit()
	for sc.batch.rows < limit && sc.batch.text < batchText {
		s, err := sc.merger.Next(limit - sc.batch.rows)
		if err != nil {
			return nil, err
		}
		if s.Block == nil {
			break
		}
		if sc.batch.add(s.Block, s.Run, s.First, s.End); s.Last {
			sc.batch.settle()
		}
	}
	sc.batch.settle()
	if err := sc.batch.check(); sc.batch.rows == 0 || err != nil {
		return nil, err
	}
	return sc.batch.record(), nil
}

// limit is the most rows of a batch: a dictionary has room for the texts of all of them.
func (sc *scan) limit() int { return min(int(sc.store.options.BatchRows), maxDictionary) }

// explain turns an error of the engine into one of the contract.
func (sc *scan) explain(err error) error {
	cause := context.Cause(sc.ctx)
	switch {
	case cause != nil && errors.Is(cause, store.ErrSnapshotGone):
		return cause
	case cause != nil:
		return unavailable(cause.Error())
	default:
		return unavailable(err.Error())
	}
}

func (sc *scan) releaseCurrent() {
	if sc.current != nil {
		sc.current.Release()
		sc.current = nil
	}
}

// interrupt ends the scan from outside.
func (sc *scan) interrupt(why error) { sc.cancel(why) }

// Close ends the scan, and removes files that were kept for it alone.
func (sc *scan) Close() error {
	sc.cancel(context.Canceled)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.releaseCurrent()
	sc.closed, sc.merger, sc.batch = true, nil, nil
	if sc.units != nil {
		sc.units.close()
		sc.units = nil
	}
	for _, b := range sc.open {
		_ = b.Close() // it was only read
	}
	sc.open = nil
	sc.store.readers.end(sc)
	return sc.store.removeUnread()
}
