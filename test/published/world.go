// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package published

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
)

const (
	sourceName = "data"
	// batchSize is the number of events that are appended at a time.
	batchSize = 5000
)

// world is a store with the events of one data set.
type world struct {
	dir     string
	store   *embedded.Store
	source  *ingest.Offline
	pending []event.Event
	// dropped is the number of documents that a mapping rule dropped.
	dropped int
}

// newWorld opens a store for the documents that the rules map.
func newWorld(rules ...v1alpha1.MappingRule) (w *world, err error) {
	w = &world{}
	if w.source, err = ingest.NewOffline(sourceName, &v1alpha1.TouchpointSourceSpec{Channel: "web", Mapping: rules}); err != nil {
		return nil, err
	}
	if w.dir, err = os.MkdirTemp("", "published-"); err != nil {
		return nil, err
	}
	w.store, err = embedded.Open(embedded.Options{
		Dir: w.dir, CompactEvery: -1, MemoryLimit: 512 << 20, MinFree: 1, Threads: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(w.dir))
	}
	return w, nil
}

func (w *world) close() error { return errors.Join(w.store.Close(), os.RemoveAll(w.dir)) }

// add maps a document and appends its events in batches.
func (w *world) add(ctx context.Context, document map[string]any) error {
	mapped := w.source.Map(document, nil, nil, nil)
	if len(mapped.Rejected) > 0 {
		return fmt.Errorf("document %v: %w", document, mapped.Rejected[0])
	}
	if mapped.Dropped {
		w.dropped++
	}
	w.pending = append(w.pending, mapped.Events...)
	if len(w.pending) < batchSize {
		return nil
	}
	return w.flush(ctx)
}

func (w *world) flush(ctx context.Context) error {
	if len(w.pending) == 0 {
		return nil
	}
	_, err := w.store.Append(ctx, store.Batch{Source: sourceName, Events: w.pending})
	w.pending = w.pending[:0]
	return err
}

// between returns the analysis of a range of days, with an exclusive end, long after the last event.
func between(from, to string) (*v1alpha1.Analysis, error) {
	first, err1 := time.Parse(time.DateOnly, from)
	last, err2 := time.Parse(time.DateOnly, to)
	return &v1alpha1.Analysis{
		Range: &v1alpha1.TimeRange{From: metav1.Time{Time: first}, To: metav1.Time{Time: last}},
		AsOf:  &metav1.Time{Time: last.AddDate(2, 0, 0)},
	}, errors.Join(err1, err2)
}

// stages returns a map in which one event enters each stage.
func stages(analysis *v1alpha1.Analysis, window v1alpha1.Duration, names, events []string) v1alpha1.JourneyMapSpec {
	spec := v1alpha1.JourneyMapSpec{
		StoreRef: v1alpha1.LocalReference{Name: "default"}, Analysis: analysis,
		Progression: v1alpha1.Progression{Order: v1alpha1.Ordered, Window: window},
	}
	for i, name := range names {
		spec.Stages = append(spec.Stages, v1alpha1.Stage{Name: v1alpha1.ItemName(name), Touchpoints: []v1alpha1.Touchpoint{
			{Name: v1alpha1.ItemName(name), Match: []v1alpha1.EventMatch{{Event: events[i]}}},
		}})
	}
	return spec
}

// run returns a run of the analysis job for the map or, if it is not nil, for the report.
func (w *world) run(spec v1alpha1.JourneyMapSpec, report *v1alpha1.MetricReportSpec) *analysis.Run {
	doc := &podconfig.Analysis{
		Version: podconfig.Version, Kind: v1alpha1.JourneyMapKind, Namespace: "default", Name: "published", UID: "published", Map: spec,
		Sources: []podconfig.MapSource{{Name: sourceName}}, Report: report,
	}
	if report != nil {
		doc.Kind = v1alpha1.MetricReportKind
	}
	now := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	return &analysis.Run{
		Document: doc, Scheduled: now, Job: "published", Store: w.store, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	}
}

// compute returns the status that the analysis job would write.
func (w *world) compute(ctx context.Context, spec v1alpha1.JourneyMapSpec, report *v1alpha1.MetricReportSpec) (any, error) {
	if err := w.flush(ctx); err != nil {
		return nil, err
	}
	return w.run(spec, report).Compute(ctx)
}

// report computes KPIs and tables over a range of days.
func (w *world) report(ctx context.Context, from, to string, report v1alpha1.MetricReportSpec) (*v1alpha1.MetricReportStatus, error) {
	analysis, err := between(from, to)
	if err != nil {
		return nil, err
	}
	report.Analysis = analysis
	status, err := w.compute(ctx, anyMap(analysis), &report)
	if err != nil {
		return nil, err
	}
	return status.(*v1alpha1.MetricReportStatus), nil
}

// grid returns a table of a report over a range of days with all its rows, of which a status has only the first.
func (w *world) grid(ctx context.Context, from, to string, table v1alpha1.Table) (*v1alpha1.TableResult, error) {
	analysis, err := between(from, to)
	if err != nil {
		return nil, err
	}
	engine, err := w.run(anyMap(analysis), &v1alpha1.MetricReportSpec{Analysis: analysis, Tables: []v1alpha1.Table{table}}).Evaluate(ctx)
	if err != nil {
		return nil, err
	}
	out := &v1alpha1.TableResult{Name: table.Name}
	grid := engine.Evaluations()[0].Tables[0].Grid()
	for _, c := range grid.Columns {
		out.Columns = append(out.Columns, v1alpha1.TableColumn{Name: c.Name, Unit: c.Unit})
	}
	for _, r := range grid.Rows {
		out.Rows = append(out.Rows, v1alpha1.TableRow{Values: r.Values})
	}
	return out, nil
}

// anyMap returns a map for reports that do not use its stages.
func anyMap(analysis *v1alpha1.Analysis) v1alpha1.JourneyMapSpec {
	return stages(analysis, "1d", []string{"any"}, []string{""})
}
