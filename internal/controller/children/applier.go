// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

const (
	// verify is how often a child that is not watched is checked for drift, verifySpace the time for each of many children, and verifyMost the longest
	// resulting interval, so that the checks are cheap for any number of children.
	verify      = 20 * time.Second
	verifySpace = 25 * time.Millisecond
	verifyMost  = 4 * time.Minute
	// again is how often a Secret, which cannot be read, is created again in case it is missing. Doubt does it at once.
	again = time.Hour
	// doubtful is the minimum age of a creation that Doubt repeats, so that a slow rollout does not cause many requests.
	doubtful = 30 * time.Second
)

// Parent is the owner of children.
type Parent struct {
	// Kind of it, as in package resources.
	Kind string
	// Object itself.
	Object client.Object
}

// Applier applies children. It is safe for concurrent use on different parents.
type Applier struct {
	client  client.Client
	live    client.Reader
	clock   clock.PassiveClock
	watched map[schema.GroupKind]bool
	records records
}

// New returns an Applier that reads watched kinds from the client's cache, and all others with live.
func New(c client.Client, live client.Reader, clk clock.PassiveClock, watched []client.Object) (*Applier, error) {
	a := &Applier{client: c, live: live, clock: clk, watched: map[schema.GroupKind]bool{}, records: records{m: map[key]record{}}}
	for _, obj := range watched {
		gvk, err := c.GroupVersionKindFor(obj)
		if err != nil {
			return nil, fmt.Errorf("kind of %T: %w", obj, err)
		}
		a.watched[gvk.GroupKind()] = true
	}
	return a, nil
}

// every returns how often a child that is not watched is checked.
func (a *Applier) every() time.Duration {
	return min(max(verify, time.Duration(a.records.len())*verifySpace), verifyMost)
}

// LookAgain returns the time at which the children of an object have to be applied again, because some of them are not watched.
func (a *Applier) LookAgain() time.Time { return a.clock.Now().Add(a.every()) }

// Apply applies children in order. A child that the API server refuses permanently does not hold up the others, but pods are not created from a
// template whose documents, keys or permissions were refused. Apply stops at any other error. The error is a *flow.Stalled if a child is refused or
// its name is taken, a *flow.Waiting if the object of an earlier parent still exists, or that of the API server.
func (a *Applier) Apply(ctx context.Context, p Parent, list []resources.Child) error {
	var refusals []error
	unprepared := false
	for _, c := range list {
		if unprepared && c.RunsPods() {
			continue
		}
		err := a.one(ctx, p, c)
		if r := (*refusal)(nil); errors.As(err, &r) {
			refusals = append(refusals, r.stalled())
			unprepared = unprepared || c.Prepares()
			continue
		}
		if err != nil {
			return errors.Join(append(refusals, err)...)
		}
	}
	return errors.Join(refusals...)
}

func (a *Applier) one(ctx context.Context, p Parent, c resources.Child) error {
	if c.CreateOnly {
		return a.create(ctx, p, c)
	}
	return a.ensure(ctx, p, c)
}

// Forget drops the records of the children of a parent that was deleted.
func (a *Applier) Forget(kind string, parent types.NamespacedName) {
	a.records.dropIf(func(r record) bool { return r.kind == kind && r.parent == parent })
}

// Latest reads a watched child from the cache. It returns false if there is none, or if the cache does not yet show the last write of this process: a
// rollout must not be evaluated by an older state.
func (a *Applier) Latest(ctx context.Context, at client.ObjectKey, obj client.Object) (bool, error) {
	gvk, err := a.client.GroupVersionKindFor(obj)
	if err != nil {
		return false, fmt.Errorf("kind of %T: %w", obj, err)
	}
	if err := a.client.Get(ctx, at, obj); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	rec, ok := a.records.get(key{kind: gvk.GroupKind().String(), namespace: at.Namespace, name: at.Name})
	return !ok || !older(obj.GetResourceVersion(), rec.version), nil
}

// Exists reports whether a watched child exists: in the cache, or because this process has written it and the cache does not show it yet.
func (a *Applier) Exists(ctx context.Context, at client.ObjectKey, obj client.Object) (bool, error) {
	gvk, err := a.client.GroupVersionKindFor(obj)
	if err != nil {
		return false, fmt.Errorf("kind of %T: %w", obj, err)
	}
	if _, ok := a.records.get(key{kind: gvk.GroupKind().String(), namespace: at.Namespace, name: at.Name}); ok {
		return true, nil
	}
	err = a.client.Get(ctx, at, obj)
	return err == nil, client.IgnoreNotFound(err)
}

// Doubt makes the next Apply create the parent's create-only children again, because pods that do not start can be missing one of them.
func (a *Applier) Doubt(parent types.UID) {
	before := a.clock.Now().Add(-doubtful)
	a.records.dropIf(func(r record) bool { return r.owner == parent && r.desired == created && r.checked.Before(before) })
}

func (a *Applier) ensure(ctx context.Context, p Parent, c resources.Child) error {
	desired, err := hash(c.Object)
	if err != nil {
		return err
	}
	k := keyOf(c)
	rec, known := a.records.get(k)
	if !known || rec.owner != p.Object.GetUID() {
		return a.first(ctx, p, c, desired)
	}
	obj, err := a.look(ctx, c, rec, desired)
	switch {
	case apierrors.IsNotFound(err) || (err == nil && obj != nil && obj.GetUID() != rec.uid):
		a.records.drop(k)
		return a.first(ctx, p, c, desired)
	case err != nil:
		return err
	case obj == nil:
		return nil
	}
	if err := mayTouch(p, c, obj, rec.uid); err != nil {
		return err
	}
	same, err := a.unchanged(k, rec, obj, desired)
	if err != nil || same {
		return err
	}
	return a.apply(ctx, p, c, rec.uid, desired, obj)
}

// look reads a child that was applied before. It returns nil if the child need not be read now.
func (a *Applier) look(ctx context.Context, c resources.Child, rec record, desired string) (client.Object, error) {
	obj, err := a.empty(c.GVK)
	if err != nil {
		return nil, err
	}
	at := client.ObjectKey{Namespace: c.Namespace, Name: c.Name}
	if a.watched[c.GVK.GroupKind()] {
		return obj, a.client.Get(ctx, at, obj)
	}
	if rec.desired == desired {
		if same, err := a.untouched(ctx, c, rec); same || err != nil {
			return nil, err
		}
	}
	return obj, a.live.Get(ctx, at, obj)
}

// untouched reports whether a child that is not watched is unchanged, as far as is known. It is read at intervals, and only its metadata, because
// some children have a megabyte.
func (a *Applier) untouched(ctx context.Context, c resources.Child, rec record) (bool, error) {
	if a.clock.Since(rec.checked) < a.every() {
		return true, nil
	}
	about := &metav1.PartialObjectMetadata{}
	about.SetGroupVersionKind(c.GVK)
	if err := a.live.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: c.Name}, about); err != nil {
		return false, err
	}
	if about.GetUID() != rec.uid || about.GetResourceVersion() != rec.version {
		return false, nil
	}
	rec.checked = a.clock.Now()
	a.records.put(keyOf(c), rec)
	return true, nil
}

// first applies a child that this process has not applied yet.
func (a *Applier) first(ctx context.Context, p Parent, c resources.Child, desired string) error {
	obj, err := a.empty(c.GVK)
	if err != nil {
		return err
	}
	err = a.live.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: c.Name}, obj)
	if apierrors.IsNotFound(err) {
		return a.apply(ctx, p, c, "", desired, nil)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", c, err)
	}
	if err := mayTouch(p, c, obj, ""); err != nil {
		return err
	}
	if ok, err := a.adopted(ctx, p, c, obj, desired); ok || err != nil {
		return err
	}
	return a.apply(ctx, p, c, obj.GetUID(), desired, nil)
}

func (a *Applier) empty(gvk schema.GroupVersionKind) (client.Object, error) {
	o, err := a.client.Scheme().New(gvk)
	if err != nil {
		return nil, fmt.Errorf("kind %s: %w", gvk, err)
	}
	obj, ok := o.(client.Object)
	if !ok {
		return nil, fmt.Errorf("kind %s is not an object", gvk)
	}
	return obj, nil
}

// typed converts an object in a response of the API server to the type of its kind.
func (a *Applier) typed(u *unstructured.Unstructured, gvk schema.GroupVersionKind) (client.Object, error) {
	obj, err := a.empty(gvk)
	if err != nil {
		return nil, err
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, obj); err != nil {
		return nil, fmt.Errorf("convert %s: %w", gvk.Kind, err)
	}
	return obj, nil
}

// apply sends one child. seen is the object in the cache, if it was read.
func (a *Applier) apply(ctx context.Context, p Parent, c resources.Child, uid types.UID, desired string, seen client.Object) error {
	u, err := a.send(ctx, c, uid)
	if err != nil {
		a.records.drop(keyOf(c))
		return refused(c, err)
	}
	rec := record{
		kind: p.Kind, parent: client.ObjectKeyFromObject(p.Object), owner: p.Object.GetUID(), uid: u.GetUID(), desired: desired,
		version: u.GetResourceVersion(), checked: a.clock.Now(),
	}
	if seen != nil && seen.GetResourceVersion() == rec.version { // Nothing changed: others changed only fields that the operator does not own.
		if rec.content, err = contentOf(seen); err != nil {
			return err
		}
	}
	a.records.put(keyOf(c), rec)
	return nil
}

// unchanged reports whether applying the child would change nothing.
func (a *Applier) unchanged(k key, rec record, obj client.Object, desired string) (bool, error) {
	if rec.desired != desired {
		return false, nil
	}
	if older(obj.GetResourceVersion(), rec.version) {
		return true, nil // The cache has not seen the last write yet. It will, and trigger a reconciliation of the parent.
	}
	if obj.GetResourceVersion() == rec.version && rec.content != "" {
		rec.checked = a.clock.Now()
		a.records.put(k, rec)
		return true, nil
	}
	content, err := contentOf(obj)
	if err != nil {
		return false, err
	}
	if obj.GetResourceVersion() != rec.version && content != rec.content {
		return false, nil
	}
	rec.version, rec.content, rec.checked = obj.GetResourceVersion(), content, a.clock.Now()
	a.records.put(k, rec)
	return true, nil
}
