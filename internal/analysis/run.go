// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// failureTimeout bounds the time in which a failed run is noted, even if the run itself was told to stop.
const failureTimeout = 20 * time.Second

// Run is one run of the job.
type Run struct {
	// Document of the object.
	Document *podconfig.Analysis
	// Scheduled is the time that the run is for.
	Scheduled time.Time
	// Job is the name of the Job, empty outside of one.
	Job string
	// Store to read from and to keep the result in.
	Store store.Scanner
	// Writer of the status.
	Writer *StatusWriter
	// File says that the store holds the events of files: all are read, and covered where the spec gives neither lookback nor range.
	File bool
	// Now is the clock.
	Now func() time.Time
	// Log takes progress and results.
	Log *slog.Logger
	// Rows that a table may have; 0 for the bound of the status. Only what is not written to a status may have more.
	Rows int
	// Each, if set, is called with every person of the first period, in the pass that counts them.
	Each func(v *metric.View, groups [][]breakdown.Placement)
}

// Execute computes, keeps the result in the store, and writes the status. A failure is noted in the status as well; results
// that are there stay.
func (r *Run) Execute(ctx context.Context) error {
	// Before anything is read of the store: who asked for the run did so when all that they mean was stored.
	runAt, err := r.Writer.RunAt(ctx)
	if err == nil {
		err = r.execute(ctx, runAt)
	}
	if err == nil || errors.Is(err, ErrSuperseded) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureTimeout)
	defer cancel()
	attempt := v1alpha1.RunRecord{Time: stamp(r.Now()), Job: r.Job, HandledRunAt: runAt, Error: err.Error()}
	if writeErr := r.Writer.WriteFailure(ctx, attempt); writeErr != nil {
		if errors.Is(writeErr, ErrSuperseded) {
			return writeErr
		}
		return errors.Join(err, writeErr)
	}
	return err
}

func (r *Run) execute(ctx context.Context, runAt string) error {
	out, err := r.compute(ctx)
	if err != nil {
		return err
	}
	out.runAt = runAt
	if err := r.keep(ctx, out, out.status(fit.MaxBytes)); err != nil {
		return err
	}
	if err := r.Writer.WriteResults(ctx, out.status); err != nil {
		return err
	}
	r.Log.Info("written", "kind", r.Document.Kind, "namespace", r.Document.Namespace, "name", r.Document.Name,
		"took", out.completed.Sub(out.started).String())
	return nil
}

// Compute gives the status that Execute would write, without writing anything: a JourneyMapStatus or a MetricReportStatus.
func (r *Run) Compute(ctx context.Context) (any, error) {
	out, err := r.compute(ctx)
	if err != nil {
		return nil, err
	}
	return out.status(fit.MaxBytes), nil
}

// Evaluate gives the engine after the scan, with the sums before they are rounded and cut for the status. Nothing is written.
func (r *Run) Evaluate(ctx context.Context) (*engine.Engine, error) {
	out, err := r.compute(ctx)
	if err != nil {
		return nil, err
	}
	return out.engine, nil
}

func (r *Run) compute(ctx context.Context) (*outcome, error) {
	out := &outcome{doc: r.Document, scheduled: r.Scheduled, started: r.Now(), job: r.Job, rows: r.Rows}
	state, err := r.Store.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if out.plan, err = newPlan(r.Document, earlier(r.Scheduled, out.started), state, r.File); err != nil {
		return nil, err
	}
	out.duplicates = duplicatesOf(&state, out.plan.scan.Sources)
	out.plan.journey.Each = r.Each
	if out.engine, err = engine.New(out.plan.journey); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	r.Log.Info("scanning", "asOf", out.plan.asOf.Format(time.RFC3339), "heldBackBy", out.plan.heldBackBy,
		"policy", out.plan.journey.Policy.String())
	if out.scanned, err = runShards(ctx, r.Store, out.plan, out.engine, state.Health.Snapshot, r.Log); err != nil {
		return nil, err
	}
	out.completed = r.Now()
	counts := out.engine.Counts()
	r.Log.Info("scanned", "events", counts.Rows, "seq", out.scanned.snapshot.Seq, "bytes", out.scanned.stats.Bytes,
		"late", counts.Late, "excluded", counts.Excluded, "future", counts.Future, "oversizedPersons", counts.Oversized,
		"publicEventsLeftOut", counts.CrowdedOut)
	return out, nil
}

// status gives the results as a status of at most so many bytes. It is written once, and only ever gets smaller.
func (o *outcome) status(limit int) any {
	if o.doc.Report != nil {
		if o.report == nil {
			o.report = o.reportStatus()
		}
		fit.Report(o.report, limit, o.breakdownResult)
		return o.report
	}
	if o.ofMap == nil {
		o.ofMap = o.mapStatus()
	}
	fit.Map(o.ofMap, limit)
	return o.ofMap
}

// keep puts the status into the store, for trends.
func (r *Run) keep(ctx context.Context, out *outcome, status any) error {
	body, err := json.Marshal(status)
	if err != nil {
		return err
	}
	return r.Store.PutResult(ctx, store.Result{
		Owner:    strings.Join([]string{r.Document.Kind, r.Document.Name, r.Document.UID}, "/"),
		Run:      fmt.Sprintf("%d-%d", r.Document.Generation, r.Scheduled.Unix()),
		At:       out.plan.asOf.UnixMicro(),
		Snapshot: out.scanned.snapshot,
		Body:     body,
	})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
