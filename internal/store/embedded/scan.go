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
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
)

// snapshot is what a scan reads: the sorted files of one manifest and the tail of the log, which do not change.
type snapshot struct {
	store.Snapshot
	number int64
	files  []fileMeta
	chunks []chunk
	view   *identity.View
}

// scan gives the persons range by range, so that only one range is sorted at a time.
type scan struct {
	store    *Store
	snapshot snapshot
	request  store.ScanRequest
	schema   *arrow.Schema
	// columns that the engine works with.
	columns []string

	ctx    context.Context
	cancel context.CancelCauseFunc

	// mu is held while the engine works for this scan.
	mu      sync.Mutex
	conn    *duck.Conn
	rows    *duck.Rows
	ranges  []personRange
	query   func(personRange) string
	current arrow.RecordBatch
	stats   store.ScanStats
	// unit that the scan goes by, if not by person.
	unit  store.UnitKey
	units unitNumbers
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
	sc := &scan{store: s, request: r, schema: schema}
	if r.By != "" {
		if sc.unit, err = store.ParseUnitKey(r.By); err != nil {
			return nil, err
		}
	}
	sc.ctx, sc.cancel = context.WithCancelCause(ctx)
	if sc.snapshot, err = s.takeSnapshot(sc, r); err != nil {
		sc.cancel(err)
		return nil, err
	}
	if err := sc.prepare(); err != nil {
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
		number:   s.manifest.Number, files: s.manifest.Files, chunks: s.tail.upTo(r.AsOfSeq), view: view,
	}, nil
}

func (sc *scan) Snapshot() store.Snapshot { return sc.snapshot.Snapshot }

func (sc *scan) Stats() store.ScanStats {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return sc.stats
}

func (sc *scan) Next() (arrow.RecordBatch, error) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.releaseCurrent()
	for {
		if sc.conn == nil {
			return nil, sc.explain(errors.Join(context.Cause(sc.ctx), io.ErrClosedPipe))
		}
		if sc.rows == nil {
			if len(sc.ranges) == 0 {
				return nil, io.EOF
			}
			rows, err := sc.conn.Query(sc.ctx, sc.query(sc.ranges[0]))
			if err != nil {
				return nil, sc.explain(err)
			}
			sc.rows, sc.ranges = rows, sc.ranges[1:]
		}
		batch, err := sc.rows.Next()
		if err == nil {
			return sc.give(batch), nil
		}
		sc.rows.Close()
		sc.rows = nil
		if !errors.Is(err, io.EOF) {
			sc.ranges = nil
			return nil, sc.explain(err)
		}
	}
}

// give names the columns as the contract does.
func (sc *scan) give(batch arrow.RecordBatch) arrow.RecordBatch {
	sc.current = array.NewRecordBatch(sc.schema, batch.Columns(), batch.NumRows())
	batch.Release()
	if sc.request.By != "" {
		sc.current = sc.units.number(sc.current)
	}
	sc.stats.Rows += sc.current.NumRows()
	return sc.current
}

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
	if sc.rows != nil {
		sc.rows.Close()
		sc.rows = nil
	}
	if sc.conn != nil {
		sc.conn.Close()
		sc.conn = nil
	}
	sc.store.readers.end(sc)
	return sc.store.removeUnread()
}
