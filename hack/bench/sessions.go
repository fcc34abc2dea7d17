// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// mapColumns are the columns that the analysis of a map reads.
var mapColumns = []string{
	store.ColumnSource, store.ColumnChannel, store.ColumnKind, store.ColumnInitiator, store.ColumnEvent, store.ColumnReceivedAt, store.ColumnFlags,
}

// orders are the measured scans by name. A condition on a property reads all properties.
var orders = map[string]store.ScanRequest{
	"session":         {By: store.ColumnSessionID, Columns: mapColumns},
	"session+details": {By: store.ColumnSessionID, Columns: append(slices.Clone(mapColumns), store.ColumnProperties)},
	"person":          {Columns: mapColumns},
	"person+details":  {Columns: append(slices.Clone(mapColumns), store.ColumnProperties)},
}

// sessions measures a store process while one client reads all events, ordered by session or by person. The store has the memory limit that the
// operator sets. It is restarted for each scan, so that its peak memory is that of opening the store and of one scan.
func (b *bench) sessions(ctx context.Context) error {
	fmt.Printf(`
Scans of all events by one client of a store process with GOMEMLIMIT=%s. One in five rows was re-attributed after its file was written.
The hash is that of all rows in their order.
`, b.memory)
	fmt.Fprintln(b.out, "events\tscan\trows\tseconds\tCPU s: open\tscan\tpeak MiB: open\tscan\thash\t")
	for _, events := range b.sizes.analysed {
		dir, err := b.fillSessions(ctx, events)
		if err != nil {
			return err
		}
		for _, name := range strings.FieldsFunc(b.scans, func(r rune) bool { return r == ',' }) {
			request, ok := orders[name]
			if !ok {
				return fmt.Errorf("there is no scan %q", name)
			}
			if err := b.scanSessions(ctx, dir, name, events, request); err != nil {
				return fmt.Errorf("%s of %d events: %w", name, events, err)
			}
			if err := b.out.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// scanSessions starts a store over a filled folder, and reads one scan to its end.
func (b *bench) scanSessions(ctx context.Context, dir, name string, events int64, request store.ScanRequest) (err error) {
	o := b.options
	o.Dir, o.StoreArgs = dir, []string{"--compact-every", "-1s"}
	if err := os.Setenv("GOMEMLIMIT", b.memory); err != nil {
		return err
	}
	r, err := rig.New(ctx, o)
	if err = errors.Join(err, os.Unsetenv("GOMEMLIMIT")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	opened, openPeak, err := used(r.Store)
	if err != nil {
		return err
	}
	began := time.Now()
	rows, without, hash, err := readAll(ctx, r, request)
	if err != nil {
		return err
	}
	took := time.Since(began)
	cpu, peak, err := used(r.Store)
	if err != nil {
		return err
	}
	if rows+without != events {
		return fmt.Errorf("the scan gave %d rows, and %d without a unit", rows, without)
	}
	fmt.Fprintf(b.out, "%d\t%s\t%d\t%.1f\t%.1f\t%.1f\t%d\t%d\t%016x\t\n", events, name, rows, took.Seconds(), opened.Seconds(), (cpu - opened).Seconds(),
		openPeak>>20, peak>>20, hash)
	return nil
}

func used(p *rig.Process) (cpu time.Duration, peak int64, err error) {
	if cpu, err = p.CPU(); err == nil {
		peak, err = p.PeakMemory()
	}
	return cpu, peak, err
}

// readAll reads a scan to its end.
func readAll(ctx context.Context, r *rig.Rig, request store.ScanRequest) (rows, without int64, hash uint64, err error) {
	c, err := r.Client()
	if err != nil {
		return 0, 0, 0, err
	}
	scan, err := c.Scan(ctx, request)
	if err != nil {
		return 0, 0, 0, err
	}
	defer func() { err = errors.Join(err, scan.Close()) }()
	h := &rowHash{}
	for {
		batch, err := scan.Next()
		if errors.Is(err, io.EOF) {
			return rows, scan.Stats().WithoutUnit, h.sum(), nil
		}
		if err != nil {
			return 0, 0, 0, err
		}
		rows += batch.NumRows()
		h.add(batch)
	}
}

// rowHash hashes rows column by column, so that the hash does not depend on the size of batches.
type rowHash struct{ columns []*xxh3.Hasher }

func (h *rowHash) add(batch arrow.RecordBatch) {
	for i, column := range batch.Columns() {
		if i == len(h.columns) {
			h.columns = append(h.columns, xxh3.New())
		}
		to := h.columns[i]
		texts, ok := column.(*array.String)
		if !ok {
			_, _ = to.Write(column.Data().Buffers()[1].Bytes()) // writing to a hash cannot fail
			continue
		}
		for row := range texts.Len() {
			_, _ = to.WriteString(texts.Value(row))
			_, _ = to.Write([]byte{0})
		}
	}
}

func (h *rowHash) sum() uint64 {
	all := xxh3.New()
	for _, column := range h.columns {
		sum := column.Sum128().Bytes()
		_, _ = all.Write(sum[:])
	}
	return all.Sum64()
}
