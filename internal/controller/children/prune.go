// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package children

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Prune deletes the objects of the given kinds that the parent controls and no longer wants. Each deletion has UID and version as preconditions, so
// that only objects that were checked are deleted.
func (a *Applier) Prune(ctx context.Context, p Parent, kinds []schema.GroupVersionKind, wanted []resources.Child) error {
	keep := make(map[key]bool, len(wanted))
	for _, c := range wanted {
		keep[keyOf(c)] = true
	}
	for _, gvk := range kinds {
		if err := a.prune(ctx, p, gvk, keep); err != nil {
			return err
		}
	}
	return nil
}

func (a *Applier) prune(ctx context.Context, p Parent, gvk schema.GroupVersionKind, keep map[key]bool) error {
	list, err := a.list(ctx, p, gvk)
	if err != nil {
		return err
	}
	for _, obj := range list {
		k := key{kind: gvk.GroupKind().String(), namespace: obj.GetNamespace(), name: obj.GetName()}
		if keep[k] || !metav1.IsControlledBy(obj, p.Object) || !obj.GetDeletionTimestamp().IsZero() {
			continue
		}
		a.records.drop(k)
		err := a.client.Delete(ctx, obj, client.Preconditions{UID: ptr.To(obj.GetUID()), ResourceVersion: ptr.To(obj.GetResourceVersion())},
			client.PropagationPolicy(metav1.DeletePropagationBackground))
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete %s %s: %w", gvk.Kind, obj.GetName(), err)
		}
	}
	return nil
}

func (a *Applier) list(ctx context.Context, p Parent, gvk schema.GroupVersionKind) ([]client.Object, error) {
	o, err := a.client.Scheme().New(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	if err != nil {
		return nil, fmt.Errorf("list of %s: %w", gvk, err)
	}
	list := o.(client.ObjectList)
	labels := client.MatchingLabels{resources.LabelKind: p.Kind, resources.LabelName: p.Object.GetName()}
	if err := a.client.List(ctx, list, client.InNamespace(p.Object.GetNamespace()), labels); err != nil {
		return nil, fmt.Errorf("list %s: %w", gvk.Kind, err)
	}
	items, err := meta.ExtractList(list)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", gvk.Kind, err)
	}
	out := make([]client.Object, 0, len(items))
	for _, i := range items {
		if obj, ok := i.(client.Object); ok {
			out = append(out, obj)
		}
	}
	return out, nil
}
