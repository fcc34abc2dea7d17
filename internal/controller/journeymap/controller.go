// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journeymap reconciles JourneyMaps: the jobs that compute a map's numbers, and the conditions that follow from these.
package journeymap

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/analysis"
	"github.com/journeyman-dev/journeyman/internal/controller/deps"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// +kubebuilder:rbac:groups=journeyman.dev,resources=eventstores;touchpointsources,verbs=list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=journeymaps,verbs=get;list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=journeymaps/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=create;get;patch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=batch,resources=cronjobs,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=create;delete;get;list;watch
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=roles;rolebindings,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

var kind = flow.Kind[*v1alpha1.JourneyMap]{
	GVK:        v1alpha1.GroupVersion.WithKind(v1alpha1.JourneyMapKind),
	Table:      status.JourneyMap,
	New:        func() *v1alpha1.JourneyMap { return &v1alpha1.JourneyMap{} },
	Conditions: func(o *v1alpha1.JourneyMap) *[]metav1.Condition { return &o.Status.Conditions },
	Observed:   func(o *v1alpha1.JourneyMap) *int64 { return &o.Status.ObservedGeneration },
	Part: func(o *v1alpha1.JourneyMap) (map[string]any, error) {
		return status.Part(o.Status.Conditions, o.Status.ObservedGeneration)
	},
}

// scope is one reconciliation of one map, and the results of its steps.
type scope = analysis.Scope[*v1alpha1.JourneyMap]

// SetupWithManager adds the reconciler to the manager.
func SetupWithManager(mgr ctrl.Manager, d *deps.Deps) error {
	r := &analysis.Reconciler[*v1alpha1.JourneyMap]{Deps: d, Kind: kind, Facts: facts, Children: resources.MapName, Input: input, Evaluate: evaluate}
	r.Steps = []flow.Step[*scope]{r.CheckSchedule, r.FindStore, r.FindSources, r.ApplyChildren}
	return r.Builder(mgr, "journeymap").
		Watches(&v1alpha1.EventStore{}, refs.MapsOfStore(d.Client), builder.WithPredicates(deps.SpecOr(analysis.StoreTurned))).
		Watches(&v1alpha1.TouchpointSource{}, refs.MapsOfSource(d.Client), builder.WithPredicates(deps.SpecOr(freshTurned))).
		Complete(r.Flow())
}

func facts(m *v1alpha1.JourneyMap) analysis.Facts {
	return analysis.Facts{Analysis: m.Spec.Analysis, Trace: &m.Status.Trace, AsOf: m.Status.Summary.AsOf(), Map: m}
}

func input(s *scope, shared resources.AnalysisShared) resources.AnalysisInput {
	return resources.JourneyMapInput{Map: s.Object, AnalysisShared: shared}
}

// evaluate sets the conditions about the map's numbers and the map itself.
func evaluate(s *scope, run analysis.Run) {
	s.SetCondition(v1alpha1.ConditionAsOfHeldBack, analysis.HeldBack(run))
	s.SetCondition(v1alpha1.ConditionDataFresh, dataFresh(s.Sources))
	s.SetCondition(v1alpha1.ConditionMapFresh, mapFresh(s.Object, run.HasResults(), s.Now))
	s.SetCondition(v1alpha1.ConditionDropOffDetected, dropOff(s.Object, run.HasResults()))
}

func freshTurned(before, after client.Object) bool {
	return deps.Turned(v1alpha1.ConditionFresh,
		before.(*v1alpha1.TouchpointSource).Status.Conditions, after.(*v1alpha1.TouchpointSource).Status.Conditions)
}
