// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package deps

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// ByLabel reconciles the parent that a child's labels name. Labels also exist where owner references do not: on retained claims, and on the Jobs of a CronJob.
func ByLabel(parentKind string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(_ context.Context, obj client.Object) []reconcile.Request {
		labels := obj.GetLabels()
		if labels[resources.LabelKind] != parentKind {
			return nil
		}
		return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: obj.GetNamespace(), Name: labels[resources.LabelName]}}}
	})
}

// SpecOr passes objects that were created, deleted or have a new spec, and those that the given function reports as changed.
func SpecOr(changed func(before, after client.Object) bool) predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		if e.ObjectOld == nil || e.ObjectNew == nil {
			return false
		}
		return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() || (changed != nil && changed(e.ObjectOld, e.ObjectNew))
	}}
}

// Turned reports whether the status or reason of a condition has changed.
func Turned(conditionType string, before, after []metav1.Condition) bool {
	was, is := meta.FindStatusCondition(before, conditionType), meta.FindStatusCondition(after, conditionType)
	if was == nil || is == nil {
		return was != is
	}
	return was.Status != is.Status || was.Reason != is.Reason
}
