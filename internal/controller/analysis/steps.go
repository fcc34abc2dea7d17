// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"errors"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/accept"
	"github.com/journeyman-dev/journeyman/internal/controller/children"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// CheckSchedule reads the schedule of an object. A wrong one is the user's to mend, so the error is a *flow.Stalled with the path.
func CheckSchedule(spec *v1alpha1.Analysis, obj client.Object) (*resources.Schedule, error) {
	schedule, faults := accept.Schedule(spec, obj.GetUID())
	if err := flow.Refused(faults); err != nil {
		return nil, err
	}
	return &schedule, nil
}

// Fault turns an error of a schedule into a *flow.Stalled with the path of the field.
func Fault(err error) error { return flow.Refused(accept.ScheduleFault(err)) }

// Large turns the error of a spec that has no room in a ConfigMap into a *flow.Stalled; other errors stay.
func Large(err error) error {
	if errors.Is(err, podconfig.ErrTooLarge) {
		return &flow.Stalled{Reason: v1alpha1.ReasonInvalidSpec, Path: "spec", Problem: err.Error()}
	}
	return err
}

// Apply brings the children of an object to their desired state and starts the run that does not wait for the schedule: on acceptance, on a new
// generation, and on a new value of the annotation. That run waits for the store to answer, else it would
// use up its tries while the store starts. For the same reason there is no schedule before the store has come up once. Older first
// runs are removed.
func Apply(ctx context.Context, a *children.Applier, p children.Parent, list []resources.Child, first resources.AnalysisInput, r Run, now time.Time) error {
	if !r.StoreKnown {
		list = slices.DeleteFunc(slices.Clone(list), resources.Child.Scheduled)
	}
	if err := a.Apply(ctx, p, list); err != nil {
		return err
	}
	if err := a.Prune(ctx, p, resources.Prunable(p.Kind), list); err != nil {
		return err
	}
	if r.Suspended() || !r.StoreAnswers {
		return nil
	}
	job, err := resources.FirstRunJob(first, now)
	if err != nil {
		return err
	}
	if err := a.Apply(ctx, p, []resources.Child{job}); err != nil {
		return err
	}
	return a.Prune(ctx, p, resources.PrunableRuns(), []resources.Child{job})
}
