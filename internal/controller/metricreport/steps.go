// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metricreport

import (
	"context"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/analysis"
	"github.com/journeyman-dev/journeyman/internal/controller/children"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

func begin(t *flow.Turn[*v1alpha1.MetricReport]) *scope {
	return &scope{Turn: t, key: client.ObjectKeyFromObject(t.Object)}
}

func checkSchedule(_ context.Context, s *scope) error {
	var err error
	s.schedule, err = analysis.CheckSchedule(s.Object.Spec.Analysis, s.Object)
	return err
}

func (r *reconciler) findMap(ctx context.Context, s *scope) error {
	var err error
	s.journey, err = refs.Map(ctx, r.Client, s.key.Namespace, "spec.journeyMapRef.name", s.Object.Spec.JourneyMapRef.Name)
	return err
}

// inheritSchedule takes what the report does not say from its map. A wrong value that the report did not give is the map's.
func inheritSchedule(_ context.Context, s *scope) error {
	schedule, err := resources.ReportSchedule(s.Object, s.journey)
	if err == nil {
		s.schedule = &schedule
		return nil
	}
	return s.ofMap(analysis.Fault(err))
}

// ofMap names the map as the one whose field is wrong.
func (s *scope) ofMap(err error) error {
	var stalled *flow.Stalled
	if errors.As(err, &stalled) {
		stalled.Path = s.through(stalled.Path)
	}
	return err
}

func (r *reconciler) findStore(ctx context.Context, s *scope) error {
	var err error
	s.store, err = refs.Store(ctx, r.Client, s.key.Namespace, s.through("spec.storeRef.name"), s.journey.Spec.StoreRef.Name)
	return err
}

// findSources waits for sources that the map names and that are missing: numbers without them would be wrong.
func (r *reconciler) findSources(ctx context.Context, s *scope) error {
	var err error
	s.sources, err = refs.Sources(ctx, r.Client, s.journey, s.through("spec"))
	return err
}

// through is a path in the map that the report refers to.
func (s *scope) through(path string) string {
	return fmt.Sprintf("spec.journeyMapRef (JourneyMap %s): %s", s.journey.Name, path)
}

func (r *reconciler) applyChildren(ctx context.Context, s *scope) error {
	material, err := r.Keys.Material(s.store, s.Now)
	if err != nil {
		return fmt.Errorf("derive secrets: %w", err)
	}
	in := resources.MetricReportInput{
		Report: s.Object, Map: s.journey, Store: s.store, Sources: s.sources,
		Image: r.Image, Pods: r.Pods, Network: r.Network, ScanSecret: resources.ScanSecretName(s.store.Name, material),
	}
	list, err := resources.MetricReportChildren(in)
	if err != nil {
		return s.ofMap(analysis.Large(err))
	}
	run, err := r.run(ctx, s)
	if err != nil {
		return err
	}
	parent := children.Parent{Kind: v1alpha1.MetricReportKind, Object: s.Object}
	s.RecheckAt(r.Children.LookAgain())
	return analysis.Apply(ctx, r.Children, parent, list, in, run, s.Now)
}

// run gathers what is known of the report's runs.
func (r *reconciler) run(ctx context.Context, s *scope) (analysis.Run, error) {
	jobs, err := analysis.ReadJobs(ctx, r.Client, v1alpha1.MetricReportKind, s.Object)
	run := analysis.Run{
		UID: string(s.Object.UID), Generation: s.Object.Generation,
		Spec: s.Object.Spec.Analysis, Schedule: s.schedule,
		Record: s.Object.Status.Trace.Analysis, AsOf: s.Object.Status.Summary.AsOf(), Attempt: s.Object.Status.Trace.LastRun,
		Jobs: jobs, StoreAnswers: analysis.StoreAnswers(s.store), StoreKnown: analysis.StoreKnown(s.store),
		Other: analysis.OtherSources(&s.Object.Status.Trace, s.store, s.sources),
	}
	if s.journey != nil {
		run.Spec = podconfig.ReportAnalysis(s.Object.Spec.Analysis, s.journey.Spec.Analysis)
		run.Other = run.Other || s.Object.Status.Trace.MapHash != podconfig.MapHash(&s.journey.Spec, run.Spec)
	}
	return run, err
}
