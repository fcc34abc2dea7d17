// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package metricreport reconciles MetricReports: the jobs that compute KPIs over the customers of a map, and whether they meet their targets.
package metricreport

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/accept"
	"github.com/journeyman-dev/journeyman/internal/controller/analysis"
	"github.com/journeyman-dev/journeyman/internal/controller/deps"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// +kubebuilder:rbac:groups=journeyman.dev,resources=eventstores;journeymaps;touchpointsources,verbs=list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=metricreports,verbs=get;list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=metricreports/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=create;get;patch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=batch,resources=cronjobs,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=create;delete;get;list;watch
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=roles;rolebindings,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

var kind = flow.Kind[*v1alpha1.MetricReport]{
	GVK:        v1alpha1.GroupVersion.WithKind(v1alpha1.MetricReportKind),
	Table:      status.MetricReport,
	New:        func() *v1alpha1.MetricReport { return &v1alpha1.MetricReport{} },
	Conditions: func(o *v1alpha1.MetricReport) *[]metav1.Condition { return &o.Status.Conditions },
	Observed:   func(o *v1alpha1.MetricReport) *int64 { return &o.Status.ObservedGeneration },
	Part: func(o *v1alpha1.MetricReport) (map[string]any, error) {
		return status.Part(o.Status.Conditions, o.Status.ObservedGeneration)
	},
}

// scope is one reconciliation of one report, and the results of its steps.
type scope = analysis.Scope[*v1alpha1.MetricReport]

// reconciler has the steps that only reports need.
type reconciler struct {
	analysis.Reconciler[*v1alpha1.MetricReport]
}

// SetupWithManager adds the reconciler to the manager.
func SetupWithManager(mgr ctrl.Manager, d *deps.Deps) error {
	r := &reconciler{analysis.Reconciler[*v1alpha1.MetricReport]{
		Deps: d, Kind: kind, Facts: facts, Children: resources.ReportName, Input: input, Evaluate: evaluate,
	}}
	r.Steps = []flow.Step[*scope]{r.CheckSchedule, r.findMap, inherit, r.FindStore, r.FindSources, checkStages, r.ApplyChildren}
	return r.Builder(mgr, "metricreport").
		Watches(&v1alpha1.JourneyMap{}, refs.ReportsOfMap(d.Client), builder.WithPredicates(deps.SpecOr(nil))).
		Watches(&v1alpha1.EventStore{}, refs.ReportsInNamespace(d.Client), builder.WithPredicates(deps.SpecOr(analysis.StoreTurned))).
		Watches(&v1alpha1.TouchpointSource{}, refs.ReportsInNamespace(d.Client), builder.WithPredicates(deps.SpecOr(nil))).
		Complete(r.Flow())
}

func facts(m *v1alpha1.MetricReport) analysis.Facts {
	return analysis.Facts{Analysis: m.Spec.Analysis, Trace: &m.Status.Trace, AsOf: m.Status.Summary.AsOf()}
}

func (r *reconciler) findMap(ctx context.Context, s *scope) (err error) {
	s.Map, err = refs.Map(ctx, r.Client, s.Key.Namespace, "spec.journeyMapRef.name", s.Object.Spec.JourneyMapRef.Name)
	return err
}

// inherit completes the analysis of the report from its map. An invalid value that is not in the report is attributed to the map.
func inherit(_ context.Context, s *scope) error {
	s.Through = fmt.Sprintf("spec.journeyMapRef (JourneyMap %s): ", s.Map.Name)
	s.Analysis = podconfig.ReportAnalysis(s.Object.Spec.Analysis, s.Map.Spec.Analysis)
	s.MapHash = podconfig.MapHash(&s.Map.Spec, s.Analysis)
	schedule, err := resources.ReportSchedule(s.Object, s.Map)
	if err != nil {
		return s.OfMap(flow.Refused(accept.ScheduleFault(err)))
	}
	s.Schedule = &schedule
	return nil
}

func input(s *scope, shared resources.AnalysisShared) resources.AnalysisInput {
	return resources.MetricReportInput{Report: s.Object, Map: s.Map, AnalysisShared: shared}
}

// evaluate sets whether the report's numbers meet their targets.
func evaluate(s *scope, run analysis.Run) {
	s.SetCondition(v1alpha1.ConditionTargetsMet, targetsMet(s.Object, run.HasResults()))
}
