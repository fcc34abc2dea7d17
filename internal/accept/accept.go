// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package accept checks specs beyond their schema. What fails here is Stalled, because only a person can fix it. The checks are
// pure, so that a preview refuses what the operator would.
package accept

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/followup"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/preset"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Fault is one error in a spec.
type Fault struct {
	// Reason is one of the constants of the API.
	Reason string
	// Path of the field.
	Path string
	// Problem and fix.
	Problem string
}

// Error names the field and says what is wrong with it.
func (f *Fault) Error() string { return f.Path + ": " + f.Problem }

// Schedule parses the schedule of an analysis, nil for the defaults. The UID spreads the minute of runs.
func Schedule(spec *v1alpha1.Analysis, uid types.UID) (resources.Schedule, []*Fault) {
	schedule, err := resources.ScheduleOf(spec, uid)
	return schedule, ScheduleFault(err)
}

// ScheduleFault returns the fault for an error of a schedule, or none.
func ScheduleFault(err error) []*Fault {
	if err == nil {
		return nil
	}
	fault := &Fault{Reason: v1alpha1.ReasonInvalidSchedule, Path: "spec.analysis", Problem: err.Error()}
	var wrong *field.Error
	if errors.As(err, &wrong) {
		fault.Path, fault.Problem = wrong.Field, wrong.ErrorBody()
	}
	if fault.Path == "spec.analysis.timeZone" {
		fault.Reason = v1alpha1.ReasonInvalidTimeZone
	}
	return []*Fault{fault}
}

// Mapping completes a source by its preset, and compiles its rules.
func Mapping(spec *v1alpha1.TouchpointSourceSpec) []*Fault {
	expanded, paths, err := preset.Expand(spec)
	var incomplete *preset.Error
	if errors.As(err, &incomplete) {
		return []*Fault{{Reason: v1alpha1.ReasonInvalidSpec, Path: "spec." + incomplete.Path, Problem: incomplete.Problem}}
	}
	if err == nil {
		_, err = mapping.Compile(expanded.Mapping, paths...)
	}
	if err == nil {
		err = followup.Check(expanded)
	}
	if err == nil {
		if f := expanded.Transport.Files; f != nil && f.TimeZone != "" {
			if _, err := value.Zone(f.TimeZone); err != nil {
				return []*Fault{{
					Reason: v1alpha1.ReasonInvalidSpec, Path: "spec.transport.files.timeZone", Problem: fmt.Sprintf("%q %s", f.TimeZone, err),
				}}
			}
		}
	}
	if err == nil {
		return nil
	}
	var wrong mapping.Errors
	if !errors.As(err, &wrong) || len(wrong) == 0 {
		return []*Fault{{Reason: v1alpha1.ReasonInvalidMapping, Path: "spec.mapping", Problem: err.Error()}}
	}
	var faults []*Fault
	for _, w := range wrong {
		f := &Fault{Reason: v1alpha1.ReasonInvalidMapping, Path: "spec." + w.Path, Problem: w.Message + "; " + w.Fix}
		if w.Expression != "" {
			f.Problem += " (in " + w.Expression + ")"
		}
		faults = append(faults, f)
	}
	return faults
}

// Feeds checks that a source feeds the store of the map that names it at the path.
func Feeds(m *v1alpha1.JourneyMap, path string, s *v1alpha1.TouchpointSource) []*Fault {
	if s.Spec.StoreRef.Name == m.Spec.StoreRef.Name {
		return nil
	}
	return []*Fault{{
		Reason: v1alpha1.ReasonInvalidSpec, Path: path,
		Problem: fmt.Sprintf("TouchpointSource %s feeds EventStore %s, but the map reads EventStore %s; name a source of that store, or remove the entry",
			s.Name, s.Spec.StoreRef.Name, m.Spec.StoreRef.Name),
	}}
}

// Stages returns faults for KPIs with a stage that the map does not have, which the job could not compute.
func Stages(r *v1alpha1.MetricReport, m *v1alpha1.JourneyMap) []*Fault {
	known := map[v1alpha1.ItemName]bool{}
	var names []string
	for i := range m.Spec.Stages {
		known[m.Spec.Stages[i].Name] = true
		names = append(names, string(m.Spec.Stages[i].Name))
	}
	var faults []*Fault
	for i := range r.Spec.KPIs {
		for _, ref := range stageRefs(&r.Spec.KPIs[i].Measure) {
			if known[ref.stage] {
				continue
			}
			faults = append(faults, &Fault{
				Reason: v1alpha1.ReasonInvalidStage, Path: fmt.Sprintf("spec.kpis[%d].measure.%s", i, ref.path),
				Problem: fmt.Sprintf("JourneyMap %s has no stage %q; it has %s", m.Name, ref.stage, value.Listed(names)),
			})
		}
	}
	return faults
}

type stageRef struct {
	path  string
	stage v1alpha1.ItemName
}

func stageRefs(m *v1alpha1.Measure) []stageRef {
	switch {
	case m.ConversionRate != nil:
		return []stageRef{{"conversionRate.from", m.ConversionRate.From}, {"conversionRate.to", m.ConversionRate.To}}
	case m.DropOffRate != nil:
		return []stageRef{{"dropOffRate.stage", m.DropOffRate.Stage}}
	}
	return nil
}
