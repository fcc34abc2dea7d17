// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package touchpointsource reconciles TouchpointSources: the pods that receive the events of one system.
package touchpointsource

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/deps"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/podevents"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// +kubebuilder:rbac:groups=journeyman.dev,resources=eventstores,verbs=list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=touchpointsources,verbs=list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=touchpointsources/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=create;get;patch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups="",resources=services,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=apps,resources=deployments,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=autoscaling,resources=horizontalpodautoscalers,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

var kind = flow.Kind[*v1alpha1.TouchpointSource]{
	GVK:        v1alpha1.GroupVersion.WithKind(v1alpha1.TouchpointSourceKind),
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

// scope is one reconciliation of one source, and the results of its steps.
type scope struct {
	*flow.Turn[*v1alpha1.TouchpointSource]
	key   types.NamespacedName
	store *v1alpha1.EventStore
	input resources.TouchpointSourceInput
}

// SetupWithManager adds the reconciler to the manager.
func SetupWithManager(mgr ctrl.Manager, d *deps.Deps) error {
	r := &reconciler{Deps: d}
	children := deps.ByLabel(v1alpha1.TouchpointSourceKind)
	return ctrl.NewControllerManagedBy(mgr).
		Named("touchpointsource").
		For(&v1alpha1.TouchpointSource{}).
		Watches(&appsv1.Deployment{}, children).
		Watches(&networkingv1.NetworkPolicy{}, children).
		Watches(&corev1.Service{}, children).
		Watches(&corev1.ServiceAccount{}, children).
		Watches(&autoscalingv2.HorizontalPodAutoscaler{}, children).
		Watches(&policyv1.PodDisruptionBudget{}, children).
		Watches(&v1alpha1.EventStore{}, refs.SourcesOfStore(d.Client), builder.WithPredicates(deps.SpecOr(storeTurned))).
		WatchesRawSource(d.Stores.Sources()).
		WithOptions(controller.Options{MaxConcurrentReconciles: d.Concurrency}).
		Complete(r.flow())
}

func (r *reconciler) flow() *flow.Reconciler[*v1alpha1.TouchpointSource, *scope] {
	return &flow.Reconciler[*v1alpha1.TouchpointSource, *scope]{
		Base:     r.Base,
		Kind:     kind,
		Begin:    r.begin,
		Steps:    []flow.Step[*scope]{r.compileMapping, r.findStore, r.chooseRollout, r.applyChildren, r.awaitRollout},
		Evaluate: r.evaluate,
		Forget:   r.forget,
	}
}

func (r *reconciler) forget(key types.NamespacedName) {
	r.cadence.Forget(key)
	r.mappings.forget(key)
	r.Children.Forget(v1alpha1.TouchpointSourceKind, key)
}

// storeTurned reports whether a store has started or stopped to answer.
func storeTurned(before, after client.Object) bool {
	return deps.Turned(v1alpha1.ConditionAvailable,
		before.(*v1alpha1.EventStore).Status.Conditions, after.(*v1alpha1.EventStore).Status.Conditions)
}

// evaluate sets the conditions about the source's health.
func (r *reconciler) evaluate(ctx context.Context, s *scope) {
	w := r.workload(ctx, s)
	at := types.NamespacedName{Namespace: s.key.Namespace, Name: string(s.Object.Spec.StoreRef.Name)}
	look := r.Stores.Source(at, s.key.Name)
	words := ""
	if w != nil && w.Status.AvailableReplicas == 0 {
		words = r.words(ctx, s, w)
		s.RecheckAt(s.Now.Add(podevents.Interval))
	}
	in := &ingestion{words: words, source: s.Object, store: r.storeThere(ctx, at), workload: w, look: look, now: s.Now}
	in.was = s.Condition(v1alpha1.ConditionIngestionAvailable)
	again := in.askAgain()
	s.SetCondition(v1alpha1.ConditionIngestionAvailable, in.available())
	available := s.Condition(v1alpha1.ConditionIngestionAvailable)
	verdict, ask := (&silence{
		source: s.Object, look: look, receiving: receivingSince(available), turnedAway: available.Reason == v1alpha1.ReasonSuspended,
		was: s.Condition(v1alpha1.ConditionFresh), now: s.Now,
	}).fresh()
	if ask || again {
		r.Stores.Ask(at)
	}
	s.SetCondition(v1alpha1.ConditionFresh, verdict)
	s.SetCondition(v1alpha1.ConditionRejecting, rejecting(look, s.Condition(v1alpha1.ConditionRejecting)))
	r.show(s, w, look)
}

// storeThere returns the EventStore in the cache, or nil. It also works if a step before the one that finds the store failed.
func (r *reconciler) storeThere(ctx context.Context, at types.NamespacedName) *v1alpha1.EventStore {
	es := &v1alpha1.EventStore{}
	if err := r.Client.Get(ctx, at, es); err != nil || !es.DeletionTimestamp.IsZero() {
		return nil // The cache only fails if the object does not exist.
	}
	return es
}
