// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package feed

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// maxShards is the number of shards that a run reads concurrently. A store serves four scans at once, and other runs need some, too.
const maxShards = 2

// pack requests the packed form of the rows, without the events that only have to be counted.
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

// Run reads the persons in shards, as many as there are processors, and merges their sums. All shards read the same snapshot.
func Run(ctx context.Context, s store.Scanner, p *plan.Plan, into *engine.Engine, seen store.Snapshot, log *slog.Logger) (Scanned, error) {
	r := pack(p.Scan, &p.Journey, into)
	n := min(runtime.GOMAXPROCS(0), maxShards)
	if p.Journey.Each != nil || r.By != "" || n == 1 {
		return runScan(ctx, s, r, into, log)
	}
	r.AsOfSeq, r.IdentityVersion, r.Shards = seen.Seq, seen.IdentityVersion, n
	engines, outs := []*engine.Engine{into}, make([]Scanned, n)
	for len(engines) < n {
		e, err := engine.New(p.Journey)
		if err != nil {
			return Scanned{}, fmt.Errorf("%w: %w", plan.ErrConfig, err)
		}
		engines = append(engines, e)
	}
	group, ctx := errgroup.WithContext(ctx)
	for i, e := range engines {
		shard := r
		shard.Shard = i
		group.Go(func() (err error) {
			outs[i], err = runScan(ctx, s, shard, e, log)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Scanned{}, err
	}
	out := outs[0]
	for i := 1; i < n; i++ {
		into.Merge(engines[i])
		out.Stats.Rows += outs[i].Stats.Rows
		out.Stats.Duplicates += outs[i].Stats.Duplicates
		out.Stats.Bytes += outs[i].Stats.Bytes
	}
	return out, nil
}
