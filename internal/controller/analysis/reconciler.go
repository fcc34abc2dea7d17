// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

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
	"github.com/journeyman-dev/journeyman/internal/controller/deps"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Reconciler manages the Jobs of maps or of reports, and evaluates what they wrote. The two kinds are two values of it. They differ in how they read
// an object, in the steps that find its map, its store and its sources, and in how its numbers are evaluated.
type Reconciler[T client.Object] struct {
	*deps.Deps
	// Kind of the objects.
	Kind flow.Kind[T]
	// Facts reads the facts of an object.
	Facts func(T) Facts
	// Children returns the name of an object's children, of which there is one of each kind.
	Children func(name string) string
	// Input returns the input of the builders of the children.
	Input func(*Scope[T], resources.AnalysisShared) resources.AnalysisInput
	// Steps in order: those of the kind, and methods of Reconciler.
	Steps []flow.Step[*Scope[T]]
	// Evaluate sets the conditions other than AnalysisCurrent, which both kinds have.
	Evaluate func(*Scope[T], Run)
}

// Facts are what maps and reports have in common.
type Facts struct {
	// Analysis of the spec; nil for the defaults.
	Analysis *v1alpha1.Analysis
	// Trace of the status, and the time of its results.
	Trace *v1alpha1.Trace
	AsOf  *metav1.Time
	// Map whose customers are analysed; nil until it is found. For a map, it is the object itself.
	Map *v1alpha1.JourneyMap
}

// Scope is one reconciliation of one object, and the results of its steps.
type Scope[T client.Object] struct {
	*flow.Turn[T]
	Facts
	Key types.NamespacedName
	// Schedule of the runs; nil if the spec has no valid one.
	Schedule *resources.Schedule
	// Through is a prefix for paths in the map, which names the object that refers to it. It is empty if the object is the map.
	Through string
	// MapHash identifies the state of the map that results must be for; empty if the generation does.
	MapHash string
	// Store and Sources of the map.
	Store   *v1alpha1.EventStore
	Sources []*v1alpha1.TouchpointSource
}

// Builder returns the builder of the controller, which watches the objects and their children. The kind adds the objects that it refers to.
func (r *Reconciler[T]) Builder(mgr ctrl.Manager, name string) *builder.Builder {
	children := deps.ByLabel(r.Kind.GVK.Kind)
	return ctrl.NewControllerManagedBy(mgr).
		Named(name).
		For(r.Kind.New()).
		Watches(&batchv1.CronJob{}, children).
		Watches(&networkingv1.NetworkPolicy{}, children).
		Watches(&batchv1.Job{}, children).
		Watches(&corev1.ServiceAccount{}, children).
		Watches(&rbacv1.Role{}, children).
		Watches(&rbacv1.RoleBinding{}, children).
		WithOptions(controller.Options{MaxConcurrentReconciles: r.Concurrency})
}

// Flow returns the reconciler of the kind.
func (r *Reconciler[T]) Flow() *flow.Reconciler[T, *Scope[T]] {
	return &flow.Reconciler[T, *Scope[T]]{
		Base: r.Base,
		Kind: r.Kind,
		Begin: func(t *flow.Turn[T]) *Scope[T] {
			return &Scope[T]{Turn: t, Facts: r.Facts(t.Object), Key: client.ObjectKeyFromObject(t.Object)}
		},
		Steps:    r.Steps,
		Evaluate: r.evaluate,
		Forget:   func(key types.NamespacedName) { r.Deps.Children.Forget(r.Kind.GVK.Kind, key) },
	}
}

// evaluate sets the conditions about the object's numbers.
func (r *Reconciler[T]) evaluate(ctx context.Context, s *Scope[T]) {
	run, err := r.run(ctx, s)
	if err != nil {
		return // The cache is gone only when the operator terminates.
	}
	s.RecheckAt(run.ReadPodEvents(ctx, r.Live, client.ObjectKey{Namespace: s.Key.Namespace, Name: r.Children(s.Key.Name)}, s.Now))
	s.SetCondition(v1alpha1.ConditionAnalysisCurrent, Current(run, s.Now))
	r.Evaluate(s, run)
}

// run collects the state of the object's runs.
func (r *Reconciler[T]) run(ctx context.Context, s *Scope[T]) (Run, error) {
	jobs, err := ReadJobs(ctx, r.Client, r.Kind.GVK.Kind, s.Object)
	return Run{
		UID: string(s.Object.GetUID()), Generation: s.Object.GetGeneration(),
		Spec: s.Analysis, Schedule: s.Schedule,
		Record: s.Trace.Analysis, AsOf: s.AsOf, Attempt: s.Trace.LastRun, Sources: s.Trace.Sources,
		Jobs: jobs, StoreAnswers: StoreAnswers(s.Store), StoreKnown: StoreKnown(s.Store),
		Other: s.MapHash != "" && s.MapHash != s.Trace.MapHash || OtherSources(s.Trace, s.Store, s.Sources),
	}, err
}
