// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeymap

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/analysis"
	"github.com/journeyman-dev/journeyman/internal/controller/children"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

func begin(t *flow.Turn[*v1alpha1.JourneyMap]) *scope {
	return &scope{Turn: t, key: client.ObjectKeyFromObject(t.Object)}
}

func checkSchedule(_ context.Context, s *scope) error {
	var err error
	s.schedule, err = analysis.CheckSchedule(s.Object.Spec.Analysis, s.Object)
	return err
}

func (r *reconciler) findStore(ctx context.Context, s *scope) error {
	var err error
	s.store, err = refs.Store(ctx, r.Client, s.key.Namespace, "spec.storeRef.name", s.Object.Spec.StoreRef.Name)
	return err
}

// findSources waits for sources that are named and missing: numbers without them would be wrong. What was applied before stays.
func (r *reconciler) findSources(ctx context.Context, s *scope) error {
	var err error
	s.sources, err = refs.Sources(ctx, r.Client, s.Object, "spec")
	return err
}

func (r *reconciler) applyChildren(ctx context.Context, s *scope) error {
	material, err := r.Keys.Material(s.store, s.Now)
	if err != nil {
		return fmt.Errorf("derive secrets: %w", err)
	}
	in := resources.JourneyMapInput{
		Map: s.Object, Store: s.store, Sources: s.sources,
		Image: r.Image, Pods: r.Pods, Network: r.Network, ScanSecret: resources.ScanSecretName(s.store.Name, material),
	}
	list, err := resources.JourneyMapChildren(in)
	if err != nil {
		return analysis.Large(err)
	}
	run, err := r.run(ctx, s)
	if err != nil {
		return err
	}
	parent := children.Parent{Kind: v1alpha1.JourneyMapKind, Object: s.Object}
	s.RecheckAt(r.Children.LookAgain())
	return analysis.Apply(ctx, r.Children, parent, list, in, run, s.Now)
}

// run gathers what is known of the map's runs.
func (r *reconciler) run(ctx context.Context, s *scope) (analysis.Run, error) {
	jobs, err := analysis.ReadJobs(ctx, r.Client, v1alpha1.JourneyMapKind, s.Object)
	return analysis.Run{
		UID: string(s.Object.UID), Generation: s.Object.Generation,
		Spec: s.Object.Spec.Analysis, Schedule: s.schedule,
		Record: s.Object.Status.Trace.Analysis, AsOf: s.Object.Status.Summary.AsOf(), Attempt: s.Object.Status.Trace.LastRun,
		Sources: s.Object.Status.Trace.Sources,
		Jobs:    jobs, StoreAnswers: analysis.StoreAnswers(s.store), StoreKnown: analysis.StoreKnown(s.store),
		Other: analysis.OtherSources(&s.Object.Status.Trace, s.store, s.sources),
	}, err
}
