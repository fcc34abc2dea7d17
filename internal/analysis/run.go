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
	"github.com/journeyman-dev/journeyman/internal/analysis/feed"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/analysis/result"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// failureTimeout is the time in which a failed run is recorded, even if the run itself was cancelled.
const failureTimeout = 20 * time.Second

// Run is one run of the job.
type Run struct {
	// Document of the object.
	Document *podconfig.Analysis
	// Scheduled is the scheduled time of the run.
	Scheduled time.Time
	// Job is the name of the Job; empty outside one.
	Job string
	// Store to read from and to store the result in.
	Store store.Scanner
	// Writer of the status.
	Writer *publish.StatusWriter
	// File is set if the store holds the events of files. All of them are read, and analysed if the spec has neither lookback nor range.
	File bool
	// Now is the clock.
	Now func() time.Time
	// Log for progress and results.
	Log *slog.Logger
	// Rows is the number of rows of a table; 0 means the limit of the status. Only results that are not written to a status can have more.
	Rows int
	// Each, if set, is called for every person of the first period, in the pass that counts them.
	Each func(v *metric.View, groups [][]breakdown.Placement)
}

// Execute computes the results, stores them in the store, and writes the status. It also records a failure in the status, which keeps its previous results.
func (r *Run) Execute(ctx context.Context) error {
	// This comes before anything is read from the store: everything that is meant was stored before the run was requested.
	runAt, err := r.Writer.RunAt(ctx)
	if err == nil {
		err = r.execute(ctx, runAt)
	}
	if err == nil || errors.Is(err, publish.ErrSuperseded) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureTimeout)
	defer cancel()
	attempt := v1alpha1.RunRecord{Time: result.Stamp(r.Now()), Job: r.Job, HandledRunAt: runAt, Error: err.Error()}
	if writeErr := r.Writer.WriteFailure(ctx, attempt); writeErr != nil {
		if errors.Is(writeErr, publish.ErrSuperseded) {
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
	out.RunAt = runAt
	if err := r.keep(ctx, out, out.Status(fit.MaxBytes)); err != nil {
		return err
	}
	if err := r.Writer.WriteResults(ctx, out.Status); err != nil {
		return err
	}
	r.Log.Info("written", "kind", r.Document.Kind, "namespace", r.Document.Namespace, "name", r.Document.Name,
		"took", out.Completed.Sub(out.Started).String())
	return nil
}

// Compute returns the status that Execute would write, a JourneyMapStatus or a MetricReportStatus. It writes nothing.
func (r *Run) Compute(ctx context.Context) (any, error) {
	out, err := r.compute(ctx)
	if err != nil {
		return nil, err
	}
	return out.Status(fit.MaxBytes), nil
}

// Evaluate returns the engine after the scan, with the sums before they are rounded and truncated for the status. It writes nothing.
func (r *Run) Evaluate(ctx context.Context) (*engine.Engine, error) {
	out, err := r.compute(ctx)
	if err != nil {
		return nil, err
	}
	return out.Engine, nil
}

func (r *Run) compute(ctx context.Context) (*result.Outcome, error) {
	out := &result.Outcome{Doc: r.Document, Scheduled: r.Scheduled, Started: r.Now(), Job: r.Job, Rows: r.Rows}
	state, err := r.Store.State(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if out.Plan, err = plan.New(r.Document, earlier(r.Scheduled, out.Started), state, r.File); err != nil {
		return nil, err
	}
	out.Duplicates = result.DuplicatesOf(&state, out.Plan.Scan.Sources)
	out.Plan.Journey.Each = r.Each
	if out.Engine, err = engine.New(out.Plan.Journey); err != nil {
		return nil, fmt.Errorf("%w: %w", plan.ErrConfig, err)
	}
	r.Log.Info("scanning", "asOf", out.Plan.AsOf.Format(time.RFC3339), "heldBackBy", out.Plan.HeldBackBy,
		"policy", out.Plan.Journey.Policy.String())
	if out.Scanned, err = feed.Run(ctx, r.Store, out.Plan, out.Engine, state.Health.Snapshot, r.pin(out.Started), r.Log); err != nil {
		return nil, err
	}
	out.Completed = r.Now()
	counts := out.Engine.Counts()
	r.Log.Info("scanned", "events", counts.Rows, "seq", out.Scanned.Snapshot.Seq, "bytes", out.Scanned.Stats.Bytes,
		"late", counts.Late, "excluded", counts.Excluded, "future", counts.Future, "oversizedPersons", counts.Oversized,
		"publicEventsLeftOut", counts.CrowdedOut)
	return out, nil
}

// pin returns the id of the pin of this run. A store that holds the events of files needs none.
func (r *Run) pin(started time.Time) string {
	if r.File {
		return ""
	}
	return fmt.Sprintf("%s/%s/%s/%d", r.Document.Kind, r.Document.Name, r.Document.UID, started.UnixNano())
}

// keep stores the status in the store, for trends.
func (r *Run) keep(ctx context.Context, out *result.Outcome, status any) error {
	body, err := json.Marshal(status)
	if err != nil {
		return err
	}
	return r.Store.PutResult(ctx, store.Result{
		Owner:    strings.Join([]string{r.Document.Kind, r.Document.Name, r.Document.UID}, "/"),
		Run:      fmt.Sprintf("%d-%d", r.Document.Generation, r.Scheduled.Unix()),
		At:       out.Plan.AsOf.UnixMicro(),
		Snapshot: out.Scanned.Snapshot,
		Body:     body,
	})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
