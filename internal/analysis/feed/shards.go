// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// maxShards is the number of shards that a run reads concurrently. A store serves four scans at once, and other runs need some, too.
const maxShards = 2

// pack requests the packed form of the rows, without the events that only need to be counted.
func pack(r store.ScanRequest, plan *engine.Plan, into *engine.Engine) store.ScanRequest {
	if plan.Each != nil || r.By != "" {
		return r
	}
	r.Packed, r.Columns = true, store.WithClass(r.Columns)
	if !plan.CountsRest() {
		r.Columns = append(r.Columns, store.ColumnSeq, store.ColumnIndex)
		return r
	}
	r.Counting = &store.Counting{Only: plan.EventNames(), Whole: journey.MaxEvents, Spans: into.TallySpans()}
	return r
}

const (
	// maxSnapshots is the number of snapshots that a run tries to read: an erasure ends the pin of a snapshot.
	maxSnapshots = 4
	// maxReads is how often a run reads a shard again because the store is not available, such as during a restart.
	maxReads = 12
)

// ReadAgainAfter is how long a run waits before it reads a shard again. Tests shorten it.
var ReadAgainAfter = 5 * time.Second

// Run reads the persons in shards, at most one for each processor, and merges their sums. All shards read the same snapshot. If pin is set, it pins
// the snapshot with that id, and the run survives restarts of the store. Otherwise all shards read the snapshot seen.
func Run(ctx context.Context, s store.Scanner, p *plan.Plan, into *engine.Engine, seen store.Snapshot, pin string, log *slog.Logger) (Scanned, error) {
	r := pack(p.Scan, &p.Journey, into)
	n := min(runtime.GOMAXPROCS(0), maxShards)
	if p.Journey.Each != nil || r.By != "" || n == 1 {
		return runScan(ctx, s, r, into, log)
	}
	r.Shards = n
	for attempt := 1; ; attempt++ {
		out, engines, err := runShards(ctx, s, p, r, seen, pin, log)
		if err == nil {
			return out, merge(into, engines)
		}
		if pin == "" || attempt == maxSnapshots || !errors.Is(err, store.ErrSnapshotGone) {
			return Scanned{}, err
		}
		log.Warn("the snapshot is gone; reading another one", "error", err.Error())
	}
}

// merge adds the sums of all shards to an engine without rows.
func merge(into *engine.Engine, shards []*engine.Engine) error {
	if err := into.Close(); err != nil {
		return err
	}
	for _, e := range shards {
		into.Merge(e)
	}
	return nil
}

// runShards reads all shards of one snapshot.
func runShards(
	ctx context.Context, s store.Scanner, p *plan.Plan, r store.ScanRequest, seen store.Snapshot, pin string, log *slog.Logger,
) (out Scanned, engines []*engine.Engine, err error) {
	release := hold(ctx, s, pin, &r, seen, log)
	defer release()
	engines, outs := make([]*engine.Engine, r.Shards), make([]Scanned, r.Shards)
	group, ctx := errgroup.WithContext(ctx)
	for i := range engines {
		shard := r
		shard.Shard = i
		group.Go(func() (err error) {
			outs[i], engines[i], err = runShard(ctx, s, p, shard, log)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Scanned{}, nil, err
	}
	out = outs[0]
	for i := 1; i < len(outs); i++ {
		out.Stats.Rows += outs[i].Stats.Rows
		out.Stats.Duplicates += outs[i].Stats.Duplicates
		out.Stats.Bytes += outs[i].Stats.Bytes
	}
	return out, engines, nil
}

// runShard reads a shard into an engine of its own. If the snapshot is pinned and the store is not available, it reads the shard again.
func runShard(ctx context.Context, s store.Scanner, p *plan.Plan, r store.ScanRequest, log *slog.Logger) (Scanned, *engine.Engine, error) {
	for read := 1; ; read++ {
		e, err := engine.New(p.Journey)
		if err != nil {
			return Scanned{}, nil, fmt.Errorf("%w: %w", plan.ErrConfig, err)
		}
		out, err := runScan(ctx, s, r, e, log)
		if err == nil || r.Pin == "" || read == maxReads || !errors.Is(err, store.ErrUnavailable) {
			return out, e, err
		}
		log.Warn("the store is not available; reading the shard again", "shard", r.Shard, "error", err.Error())
		select {
		case <-ctx.Done():
			return Scanned{}, nil, err
		case <-time.After(ReadAgainAfter):
		}
	}
}
