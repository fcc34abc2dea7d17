// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/accept"
	"github.com/journeyman-dev/journeyman/internal/controller/children"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// CheckSchedule parses the schedule of the object. Only the user can fix an invalid one, so the error is a *flow.Stalled with the path.
func (r *Reconciler[T]) CheckSchedule(_ context.Context, s *Scope[T]) error {
	schedule, faults := accept.Schedule(s.Analysis, s.Object.GetUID())
	if err := flow.Refused(faults); err != nil {
		return err
	}
	s.Schedule = &schedule
	return nil
}

// FindStore sets the store of the map.
func (r *Reconciler[T]) FindStore(ctx context.Context, s *Scope[T]) (err error) {
	s.Store, err = refs.Store(ctx, r.Client, s.Key.Namespace, s.Through+"spec.storeRef.name", s.Map.Spec.StoreRef.Name)
	return err
}

// FindSources waits for sources that the map names and that are missing, because numbers without them would be wrong. Children that were already applied stay.
func (r *Reconciler[T]) FindSources(ctx context.Context, s *Scope[T]) (err error) {
	s.Sources, err = refs.Sources(ctx, r.Client, s.Map, s.Through+"spec")
	return err
}

// OfMap adds the map to an error about one of its fields.
func (s *Scope[T]) OfMap(err error) error {
	var stalled *flow.Stalled
	if errors.As(err, &stalled) {
		stalled.Path = s.Through + stalled.Path
	}
	return err
}

// ApplyChildren applies the children and starts the run that does not wait for the schedule.
func (r *Reconciler[T]) ApplyChildren(ctx context.Context, s *Scope[T]) error {
	material, err := r.Keys.Material(s.Store, s.Now)
	if err != nil {
		return fmt.Errorf("derive secrets: %w", err)
	}
	in := r.Input(s, resources.AnalysisShared{
		Store: s.Store, Sources: s.Sources,
		Image: r.Image, Pods: r.Pods, Network: r.Network, ScanSecret: resources.ScanSecretName(s.Store.Name, material),
	})
	list, err := resources.AnalysisChildren(in)
	if err != nil {
		return s.OfMap(large(err))
	}
	run, err := r.run(ctx, s)
	if err != nil {
		return err
	}
	s.RecheckAt(r.Deps.Children.LookAgain())
	return r.apply(ctx, s, list, in, run)
}

// large converts the error of a spec that does not fit into a ConfigMap to a *flow.Stalled; it returns other errors unchanged.
func large(err error) error {
	if errors.Is(err, podconfig.ErrTooLarge) {
		return &flow.Stalled{Reason: v1alpha1.ReasonInvalidSpec, Path: "spec", Problem: err.Error()}
	}
	return err
}

// apply applies the children and starts the first run: on acceptance, on a new generation, and on a new value of the annotation. That run waits until
// the store answers; otherwise it would use up its retries while the store starts. For the same reason there is no schedule before the store has been
// up once. apply removes older first runs.
func (r *Reconciler[T]) apply(ctx context.Context, s *Scope[T], list []resources.Child, first resources.AnalysisInput, run Run) error {
	if !run.StoreKnown {
		list = slices.DeleteFunc(slices.Clone(list), resources.Child.Scheduled)
	}
	a, parent := r.Deps.Children, children.Parent{Kind: r.Kind.GVK.Kind, Object: s.Object}
	if err := a.Apply(ctx, parent, list); err != nil {
		return err
	}
	if err := a.Prune(ctx, parent, resources.Prunable(parent.Kind), list); err != nil {
		return err
	}
	if run.Suspended() || !run.StoreAnswers {
		return nil
	}
	job, err := resources.FirstRunJob(first, s.Now)
	if err != nil {
		return err
	}
	if err := a.Apply(ctx, parent, []resources.Child{job}); err != nil {
		return err
	}
	return a.Prune(ctx, parent, resources.PrunableRuns(), []resources.Child{job})
}
