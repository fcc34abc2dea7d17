// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package touchpointsource reconciles TouchpointSources: the pods that take in the events of one system.
package touchpointsource

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/deps"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/status"
)

// +kubebuilder:rbac:groups=journeyman.dev,resources=eventstores,verbs=list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=touchpointsources,verbs=list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=touchpointsources/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=create;get;patch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups="",resources=services,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=apps,resources=deployments,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=autoscaling,resources=horizontalpodautoscalers,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

var kind = flow.Kind[*v1alpha1.TouchpointSource]{
	GVK:        v1alpha1.GroupVersion.WithKind(resources.TouchpointSourceKind),
	Table:      status.TouchpointSource,
	New:        func() *v1alpha1.TouchpointSource { return &v1alpha1.TouchpointSource{} },
	Conditions: func(o *v1alpha1.TouchpointSource) *[]metav1.Condition { return &o.Status.Conditions },
	Observed:   func(o *v1alpha1.TouchpointSource) *int64 { return &o.Status.ObservedGeneration },
	Part: func(o *v1alpha1.TouchpointSource) (map[string]any, error) {
		return runtime.DefaultUnstructuredConverter.ToUnstructured(&o.Status)
	},
}

type reconciler struct {
	*deps.Deps
	cadence  flow.Cadence
	mappings mappings
}

// scope is one turn of one source, and what its steps found.
type scope struct {
	*flow.Turn[*v1alpha1.TouchpointSource]
	key   types.NamespacedName
	store *v1alpha1.EventStore
	input resources.TouchpointSourceInput
}

// SetupWithManager starts the reconciler with the manager.
func SetupWithManager(mgr ctrl.Manager, d *deps.Deps) error {
	r := &reconciler{Deps: d}
	children := deps.ByLabel(resources.TouchpointSourceKind)
	return ctrl.NewControllerManagedBy(mgr).
		Named("touchpointsource").
		For(&v1alpha1.TouchpointSource{}).
		Watches(&appsv1.Deployment{}, children).
		Watches(&corev1.Service{}, children).
		Watches(&corev1.ServiceAccount{}, children).
		Watches(&autoscalingv2.HorizontalPodAutoscaler{}, children).
		Watches(&policyv1.PodDisruptionBudget{}, children).
		Watches(&v1alpha1.EventStore{}, refs.SourcesOfStore(d.Client), builder.WithPredicates(deps.SpecOr(nil))).
		WatchesRawSource(d.Stores.Sources()).
		WithOptions(controller.Options{MaxConcurrentReconciles: d.Concurrency}).
		Complete(r.flow())
}

func (r *reconciler) flow() *flow.Reconciler[*v1alpha1.TouchpointSource, *scope] {
	return &flow.Reconciler[*v1alpha1.TouchpointSource, *scope]{
		Base:   r.Base,
		Kind:   kind,
		Begin:  r.begin,
		Steps:  []flow.Step[*scope]{r.compileMapping, r.findStore, r.chooseRollout, r.applyChildren, r.awaitRollout},
		Judge:  r.judge,
		Forget: r.forget,
	}
}

func (r *reconciler) forget(key types.NamespacedName) {
	r.cadence.Forget(key)
	r.mappings.forget(key)
	r.Children.Forget(resources.TouchpointSourceKind, key)
}

// judge sets what is known of a source's health.
func (r *reconciler) judge(ctx context.Context, s *scope) {
	w := r.workload(ctx, s)
	look := r.Stores.Source(types.NamespacedName{Namespace: s.key.Namespace, Name: string(s.Object.Spec.StoreRef.Name)}, s.key.Name)
	s.Judge(v1alpha1.ConditionIngestionAvailable, ingestionAvailable(s.Object, s.store, w, look, s.Condition(v1alpha1.ConditionIngestionAvailable)))
	verdict, ask := fresh(s.Object, look, s.Condition(v1alpha1.ConditionFresh), s.Now)
	if ask {
		r.Stores.Ask(types.NamespacedName{Namespace: s.key.Namespace, Name: string(s.Object.Spec.StoreRef.Name)})
	}
	s.Judge(v1alpha1.ConditionFresh, verdict)
	s.Judge(v1alpha1.ConditionRejecting, rejecting(look, s.Condition(v1alpha1.ConditionRejecting)))
	r.show(s, w, look)
}
