// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	arrowmem "github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// batchRows of a scan: few, so that persons also span batches in tests.
const batchRows = 1000

var errClosed = errors.New("the store is closed")

// Scan returns the events that match the request.
func (s *Store) Scan(ctx context.Context, r store.ScanRequest) (store.Scan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, unavailable(errClosed)
	}
	rows, view, r, err := s.snapshot(r)
	if err != nil {
		return nil, err
	}
	r = r.Plain()
	schema, err := r.Schema()
	if err != nil {
		return nil, err
	}
	sc := &scan{
		ctx: ctx, schema: schema, rows: selectRows(rows, r, view),
		snapshot: store.Snapshot{Seq: r.AsOfSeq, IdentityVersion: view.Version()},
	}
	if r.By != "" {
		if err := sc.byUnit(r); err != nil {
			return nil, err
		}
	}
	return sc, nil
}

// snapshot returns the rows and the persons that a request reads, and the request with its snapshot.
func (s *Store) snapshot(r store.ScanRequest) ([]row, *identity.View, store.ScanRequest, error) {
	if r.Pin != "" {
		p := s.pin(r.Pin, s.now())
		if p == nil {
			return nil, nil, r, store.PinGone(r.Pin)
		}
		r, err := r.Pinned(&p.Pin)
		if err == nil {
			err = r.Check(p.Seq)
		}
		return p.rows, p.view, r, err
	}
	if err := r.Check(s.seq); err != nil {
		return nil, nil, r, err
	}
	if r.AsOfSeq == 0 {
		r.AsOfSeq = s.seq
	}
	if err := store.CheckFloor(r.AsOfSeq, s.floor); err != nil {
		return nil, nil, r, err
	}
	view, err := s.view(r)
	return s.rows, view, r, err
}

func (s *Store) view(r store.ScanRequest) (*identity.View, error) {
	if r.IdentityVersion == 0 {
		v, err := s.people.VersionAt(r.AsOfSeq)
		if err != nil {
			return nil, fmt.Errorf("%w: seq %d: %w", store.ErrSnapshotGone, r.AsOfSeq, err)
		}
		r.IdentityVersion = v
	}
	view, err := s.people.View(r.IdentityVersion)
	if err != nil {
		return nil, fmt.Errorf("%w: %w: %d", store.ErrSnapshotGone, err, r.IdentityVersion)
	}
	return view, nil
}

type personRow struct {
	*row
	person uint64
	unit   string
}

// selectRows returns the rows that match, in order.
func selectRows(from []row, r store.ScanRequest, view *identity.View) []personRow {
	var rows []personRow
	wanted := map[uint64]bool{}
	for i := range from {
		e := &from[i]
		p := view.PersonOf(e.Anchor())
		if e.seq > r.AsOfSeq || e.Time < r.From || r.To != 0 && e.Time >= r.To || r.By == "" && p%uint64(max(r.Shards, 1)) != uint64(r.Shard) ||
			len(r.Sources) > 0 && !slices.Contains(r.Sources, e.Source) {
			continue
		}
		copied := *e
		rows = append(rows, personRow{row: &copied, person: p})
		if slices.Contains(r.PersonsWith, e.Name) {
			wanted[p] = true
		}
	}
	if len(r.PersonsWith) > 0 && r.By == "" {
		rows = slices.DeleteFunc(rows, func(x personRow) bool { return !wanted[x.person] })
	}
	slices.SortFunc(rows, func(a, b personRow) int {
		return cmp.Or(
			cmp.Compare(a.person, b.person), cmp.Compare(a.Time, b.Time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index),
		)
	})
	return rows
}

type scan struct {
	ctx      context.Context
	schema   *arrow.Schema
	snapshot store.Snapshot
	rows     []personRow
	current  arrow.RecordBatch
	stats    store.ScanStats
}

func (s *scan) Snapshot() store.Snapshot { return s.snapshot }

func (s *scan) Stats() store.ScanStats { return s.stats }

func (s *scan) Next() (arrow.RecordBatch, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	s.release()
	if len(s.rows) == 0 {
		return nil, io.EOF
	}
	n := min(batchRows, len(s.rows))
	s.current = buildRecord(arrowmem.DefaultAllocator, s.schema, s.rows[:n])
	s.rows = s.rows[n:]
	s.stats.Rows += int64(n)
	return s.current, nil
}

func (s *scan) Close() error {
	s.release()
	s.rows = nil
	return nil
}

func (s *scan) release() {
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
}
