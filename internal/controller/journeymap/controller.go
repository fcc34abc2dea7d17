// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package journeymap reconciles JourneyMaps: the jobs that compute a map's numbers, and what these say about journey and map.
package journeymap

import (
	"context"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

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

type reconciler struct {
	*deps.Deps
}

// scope is one turn of one map, and what its steps found.
type scope struct {
	*flow.Turn[*v1alpha1.JourneyMap]
	key      types.NamespacedName
	schedule *resources.Schedule
	store    *v1alpha1.EventStore
	sources  []*v1alpha1.TouchpointSource
}

// SetupWithManager starts the reconciler with the manager.
func SetupWithManager(mgr ctrl.Manager, d *deps.Deps) error {
	r := &reconciler{Deps: d}
	children := deps.ByLabel(v1alpha1.JourneyMapKind)
	return ctrl.NewControllerManagedBy(mgr).
		Named("journeymap").
		For(&v1alpha1.JourneyMap{}).
		Watches(&batchv1.CronJob{}, children).
		Watches(&networkingv1.NetworkPolicy{}, children).
		Watches(&batchv1.Job{}, children).
		Watches(&corev1.ServiceAccount{}, children).
		Watches(&rbacv1.Role{}, children).
		Watches(&rbacv1.RoleBinding{}, children).
		Watches(&v1alpha1.EventStore{}, refs.MapsOfStore(d.Client), builder.WithPredicates(deps.SpecOr(analysis.StoreTurned))).
		Watches(&v1alpha1.TouchpointSource{}, refs.MapsOfSource(d.Client), builder.WithPredicates(deps.SpecOr(freshTurned))).
		WithOptions(controller.Options{MaxConcurrentReconciles: d.Concurrency}).
		Complete(r.flow())
}

func (r *reconciler) flow() *flow.Reconciler[*v1alpha1.JourneyMap, *scope] {
	return &flow.Reconciler[*v1alpha1.JourneyMap, *scope]{
		Base:   r.Base,
		Kind:   kind,
		Begin:  begin,
		Steps:  []flow.Step[*scope]{checkSchedule, r.findStore, r.findSources, r.applyChildren},
		Judge:  r.judge,
		Forget: func(key types.NamespacedName) { r.Children.Forget(v1alpha1.JourneyMapKind, key) },
	}
}

// judge sets what is known of the map's numbers and of the map itself.
func (r *reconciler) judge(ctx context.Context, s *scope) {
	run, err := r.run(ctx, s)
	if err != nil {
		return // the cache is gone only when the operator ends
	}
	s.RecheckAt(run.FindWords(ctx, r.Live, client.ObjectKey{Namespace: s.key.Namespace, Name: resources.MapName(s.key.Name)}, s.Now))
	s.Judge(v1alpha1.ConditionAnalysisCurrent, analysis.Current(run, s.Now))
	s.Judge(v1alpha1.ConditionAsOfHeldBack, analysis.HeldBack(run))
	s.Judge(v1alpha1.ConditionDataFresh, dataFresh(s.sources))
	s.Judge(v1alpha1.ConditionMapFresh, mapFresh(s.Object, run.HasResults(), s.Now))
	s.Judge(v1alpha1.ConditionDropOffDetected, dropOff(s.Object, run.HasResults()))
}

func freshTurned(before, after client.Object) bool {
	return deps.Turned(v1alpha1.ConditionFresh,
		before.(*v1alpha1.TouchpointSource).Status.Conditions, after.(*v1alpha1.TouchpointSource).Status.Conditions)
}
