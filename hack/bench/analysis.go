// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// analysis measures runs of the sample map's analysis job over many events.
func (b *bench) analysis(ctx context.Context) error {
	fmt.Println(`
Analysis of the sample map (5 stages, 10 touchpoints, 4 personas, so that all events are read), store and job as processes of their own. The store is
started anew before each, so that its memory is that of the analysis. Fresh events are still in the log, clustered ones in sorted files.`)
	fmt.Fprintln(b.out, "events\tfresh\tpersons\tbytes stored\tfill s\tseconds\tCPU s: job\tstore\tpeak MiB: job\tstore\tcustomers\t")
	for _, events := range b.sizes.analysed {
		if err := b.analyseMany(ctx, events); err != nil {
			return err
		}
	}
	return b.out.Flush()
}

// analyseMany measures three states of a store: four fifths of the events, flushed; the newest fifth in addition, in the log; and all events,
// flushed.
func (b *bench) analyseMany(ctx context.Context, events int64) (err error) {
	r, err := b.fresh(ctx, fmt.Sprintf("analysis-%d", events), "--compact-every", "1s")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(), os.RemoveAll(r.Dir())) }()
	p := world.Defaults(time.Now())
	p.Clean = true
	p.Persons = int(float64(events) / eventsOfAPerson)
	w, err := world.New(p)
	if err != nil {
		return err
	}
	edge := w.Params.Now.Add(-time.Duration(p.Days) * 24 * time.Hour / 5)
	began := time.Now()
	if err := fill(ctx, r, w, func(t time.Time) bool { return t.Before(edge) }); err != nil {
		return err
	}
	if err := settle(ctx, r); err != nil {
		return err
	}
	if err := restart(ctx, r, "--compact-every", "-1s"); err != nil {
		return err
	}
	if err := fill(ctx, r, w, func(t time.Time) bool { return !t.Before(edge) }); err != nil {
		return err
	}
	filled := time.Since(began)
	if err := restart(ctx, r, "--compact-every", "-1s"); err != nil {
		return err
	}
	if err := b.measure(ctx, r, w, filled); err != nil {
		return err
	}
	if err := restart(ctx, r, "--compact-every", "1s"); err != nil {
		return err
	}
	if err := settle(ctx, r); err != nil {
		return err
	}
	if err := restart(ctx, r, "--compact-every", "1s"); err != nil {
		return err
	}
	return b.measure(ctx, r, w, filled)
}

// eventsOfAPerson is the measured mean in a world of 80 days without noise.
const eventsOfAPerson = 14.9

func restart(ctx context.Context, r *rig.Rig, args ...string) error {
	if err := r.Store.Stop(); err != nil {
		return err
	}
	return r.StartStore(ctx, args...)
}

func (b *bench) measure(ctx context.Context, r *rig.Rig, w *world.World, filled time.Duration) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	state, err := c.State(ctx)
	if err != nil {
		return err
	}
	before, err := r.Store.CPU()
	if err != nil {
		return err
	}
	a, err := r.Analyse(ctx, "JourneyMap", w.Params.Now, w.Params.Start())
	if err != nil {
		return err
	}
	after, err := r.Store.CPU()
	if err != nil {
		return err
	}
	peak, err := r.Store.PeakMemory()
	if err != nil {
		return err
	}
	var status v1alpha1.JourneyMapStatus
	if err := json.Unmarshal(a.Status, &status); err != nil {
		return err
	}
	health := state.Health
	fresh := 100 * float64(health.UnflushedBytes) / float64(max(1, health.UsedBytes))
	kind := "clustered"
	if health.UnflushedBytes > 0 {
		kind = fmt.Sprintf("20%% of the time, %.0f MiB of log, %.0f%% of the bytes", float64(health.UnflushedBytes)/(1<<20), fresh)
	}
	fmt.Fprintf(b.out, "%d\t%s\t%d\t%d\t%.0f\t%.2f\t%.2f\t%.2f\t%d\t%d\t%d\t\n", health.Events, kind, health.Persons, health.UsedBytes, filled.Seconds(),
		a.Took.Seconds(), a.CPU.Seconds(), (after - before).Seconds(), a.PeakMemory>>20, peak>>20, status.Summary.Customers)
	return nil
}
