// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package eventstore reconciles EventStores: the pod that stores events, with its volume, keys and certificate.
package eventstore

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/deps"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// +kubebuilder:rbac:groups=journeyman.dev,resources=eventstores,verbs=list;watch
// +kubebuilder:rbac:groups=journeyman.dev,resources=eventstores/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=create;get;patch
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=create
// +kubebuilder:rbac:groups="",resources=services,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=apps,resources=statefulsets,verbs=create;get;list;patch;watch
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=create;delete;get;list;patch;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

var kind = flow.Kind[*v1alpha1.EventStore]{
	GVK:        v1alpha1.GroupVersion.WithKind(v1alpha1.EventStoreKind),
	Table:      status.EventStore,
	New:        func() *v1alpha1.EventStore { return &v1alpha1.EventStore{} },
	Conditions: func(o *v1alpha1.EventStore) *[]metav1.Condition { return &o.Status.Conditions },
	Observed:   func(o *v1alpha1.EventStore) *int64 { return &o.Status.ObservedGeneration },
	Part: func(o *v1alpha1.EventStore) (map[string]any, error) {
		return runtime.DefaultUnstructuredConverter.ToUnstructured(&o.Status)
	},
}

type reconciler struct {
	*deps.Deps
	cadence flow.Cadence
	marks   marks
}

// scope is one reconciliation of one store, and the results of its steps.
type scope struct {
	*flow.Turn[*v1alpha1.EventStore]
	key      types.NamespacedName
	material pki.StoreMaterial
	claim    *corev1.PersistentVolumeClaim
	workload *appsv1.StatefulSet
	rollout  resources.Rollout
	pods     resources.PodDefaults
	network  resources.Network
}

// SetupWithManager adds the reconciler to the manager.
func SetupWithManager(mgr ctrl.Manager, d *deps.Deps) error {
	r := &reconciler{Deps: d}
	return ctrl.NewControllerManagedBy(mgr).
		Named("eventstore").
		For(&v1alpha1.EventStore{}).
		Watches(&appsv1.StatefulSet{}, deps.ByLabel(v1alpha1.EventStoreKind)).
		Watches(&networkingv1.NetworkPolicy{}, deps.ByLabel(v1alpha1.EventStoreKind)).
		Watches(&corev1.PersistentVolumeClaim{}, deps.ByLabel(v1alpha1.EventStoreKind)).
		Watches(&corev1.Service{}, deps.ByLabel(v1alpha1.EventStoreKind)).
		WatchesRawSource(d.Stores.Stores()).
		WithOptions(controller.Options{MaxConcurrentReconciles: d.Concurrency}).
		Complete(r.flow())
}

func (r *reconciler) flow() *flow.Reconciler[*v1alpha1.EventStore, *scope] {
	return &flow.Reconciler[*v1alpha1.EventStore, *scope]{
		Base:     r.Base,
		Kind:     kind,
		Begin:    r.begin,
		Steps:    []flow.Step[*scope]{r.deriveSecrets, r.readWorkload, r.applyChildren, r.awaitRollout},
		Evaluate: r.evaluate,
		Forget:   r.forget,
	}
}

func (r *reconciler) evaluate(_ context.Context, s *scope) {
	look := r.Stores.Store(s.key)
	s.SetCondition(v1alpha1.ConditionAvailable, available(look, s.Condition(v1alpha1.ConditionAvailable), made(s.workload), s.Now))
	healthy := s.Condition(v1alpha1.ConditionStorageHealthy)
	lost := r.marks.lost(s.Object, look, healthy)
	if lost == nil {
		s.SetCondition(v1alpha1.ConditionStorageHealthy, storageHealthy(look, healthy))
	} else {
		s.SetCondition(v1alpha1.ConditionStorageHealthy, *lost)
	}
	r.show(s, look, lost != nil)
}

// made returns the creation time of a StatefulSet, or zero.
func made(w *appsv1.StatefulSet) time.Time {
	if w == nil {
		return time.Time{}
	}
	return w.CreationTimestamp.Time
}

func (r *reconciler) forget(key types.NamespacedName) {
	r.Stores.Forget(key)
	r.Keys.Forget(key)
	r.cadence.Forget(key)
	r.marks.forget(key)
	r.Children.Forget(v1alpha1.EventStoreKind, key)
}
