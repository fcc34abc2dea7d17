// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// Safety is the longest time between two reconciliations of an object. It corrects what no watch reports. An edit of a ConfigMap, which the operator
// does not watch, is found earlier (see children.Applier.LookAgain).
const Safety = 5 * time.Minute

// Kind is what the loop needs to know about a kind.
type Kind[T client.Object] struct {
	// GVK of the kind.
	GVK schema.GroupVersionKind
	// Table of its conditions.
	Table status.Table
	// New returns an empty object.
	New func() T
	// Conditions and Observed point into the object's status.
	Conditions func(T) *[]metav1.Condition
	Observed   func(T) *int64
	// Part returns the fields of the status that the operator owns.
	Part func(T) (map[string]any, error)
}

// Base is shared by all reconcilers.
type Base struct {
	// Client reads from the cache and writes to the API server.
	Client client.Client
	// Events emits Events about changed conditions.
	Events events.EventRecorder
	// Clock is the clock.
	Clock clock.PassiveClock
}

// Step does one thing for an object. If it fails, the remaining steps are skipped.
type Step[S any] func(ctx context.Context, scope S) error

// Reconciler reconciles one kind. S is the scope of the kind: the turn and the results that the steps pass to each other.
type Reconciler[T client.Object, S any] struct {
	Base
	// Kind of the objects.
	Kind Kind[T]
	// Begin creates the scope of a turn.
	Begin func(t *Turn[T]) S
	// Steps in order.
	Steps []Step[S]
	// Evaluate sets all conditions other than Ready, Reconciling and Stalled, and the other fields of the status, even if a step failed.
	Evaluate func(ctx context.Context, scope S)
	// Forget drops what is kept in memory of an object that was deleted.
	Forget func(key types.NamespacedName)

	written sync.Map // types.NamespacedName → written
}

// Reconcile runs one turn.
func (r *Reconciler[T, S]) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	obj := r.Kind.New()
	switch err := r.Client.Get(ctx, req.NamespacedName, obj); {
	case apierrors.IsNotFound(err), err == nil && !obj.GetDeletionTimestamp().IsZero():
		r.forget(req.NamespacedName)
		return ctrl.Result{}, nil
	case err != nil:
		return ctrl.Result{}, fmt.Errorf("read %s: %w", req, err)
	}
	if r.stale(obj) {
		return ctrl.Result{RequeueAfter: staleRetry}, nil
	}
	t := &Turn[T]{Object: obj, Now: r.Clock.Now(), WasReady: wasReady(*r.Kind.Conditions(obj), obj.GetGeneration())}
	told := *r.Kind.Conditions(obj)
	t.set = status.NewSet(r.Kind.Table, told, obj.GetGeneration(), t.Now)
	*r.Kind.Conditions(obj) = t.set.List() // without the conditions of others, and in the order in which they are written
	before, err := r.Kind.Part(obj)
	if err != nil {
		return ctrl.Result{}, err
	}
	if before, err = r.takeUp(ctx, t, before); err != nil {
		return after(err)
	}
	scope := r.Begin(t)
	retry, failed := outcome(t.set, r.run(ctx, scope))
	if retry > 0 {
		t.RecheckAt(t.Now.Add(retry))
	}
	r.Evaluate(ctx, scope)
	if err := r.finish(ctx, t, before); err != nil {
		return after(errors.Join(failed, err))
	}
	r.emit(obj, r.Kind.Table.Transitions(told, *r.Kind.Conditions(obj)))
	if failed != nil {
		return after(failed)
	}
	return ctrl.Result{RequeueAfter: t.wait(spread(obj.GetUID()))}, nil
}

func (r *Reconciler[T, S]) run(ctx context.Context, scope S) error {
	for _, step := range r.Steps {
		if err := step(ctx, scope); err != nil {
			return err
		}
	}
	return nil
}

// takeUp reports, before any work, that a new generation is being processed. Otherwise a tool that waits by kstatus could mistake an object that was
// not processed yet for a finished one.
func (r *Reconciler[T, S]) takeUp(ctx context.Context, t *Turn[T], before map[string]any) (map[string]any, error) {
	if *r.Kind.Observed(t.Object) == t.Object.GetGeneration() {
		return before, nil
	}
	t.set.Progressing(v1alpha1.ReasonProgressing, "The operator is applying the spec.")
	*r.Kind.Conditions(t.Object) = t.set.List()
	*r.Kind.Observed(t.Object) = t.Object.GetGeneration()
	part, err := r.Kind.Part(t.Object)
	if err != nil {
		return nil, err
	}
	return part, r.write(ctx, t.Object, part)
}

// finish writes the status if it has changed.
func (r *Reconciler[T, S]) finish(ctx context.Context, t *Turn[T], before map[string]any) error {
	*r.Kind.Conditions(t.Object) = t.set.List()
	part, err := r.Kind.Part(t.Object)
	if err != nil || reflect.DeepEqual(before, part) {
		return err
	}
	return r.write(ctx, t.Object, part)
}

// emit emits Events. They do not refer to a version of the object, so that repeated ones are counted instead of accumulating.
func (r *Reconciler[T, S]) emit(obj T, transitions []status.Transition) {
	about := &corev1.ObjectReference{
		APIVersion: r.Kind.GVK.GroupVersion().String(), Kind: r.Kind.GVK.Kind,
		Namespace: obj.GetNamespace(), Name: obj.GetName(), UID: obj.GetUID(),
	}
	for _, tr := range transitions {
		r.Events.Eventf(about, nil, tr.EventType, tr.Reason, tr.Condition, "%s", tr.Message)
	}
}

// after converts an error to what the runtime does next. A quiet error is not logged.
func after(err error) (ctrl.Result, error) {
	if quiet(err) {
		return ctrl.Result{RequeueAfter: time.Second}, nil
	}
	return ctrl.Result{}, err
}

// spread returns the safety interval of an object. It varies, so that objects are not reconciled all at once.
func spread(uid types.UID) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(uid)) // a hash never fails
	return Safety - time.Duration(h.Sum32()%60)*time.Second
}
