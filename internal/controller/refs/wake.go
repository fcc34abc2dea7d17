// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package refs

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// SourcesOfStore reconciles the sources that feed an EventStore.
func SourcesOfStore(c client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, store client.Object) []reconcile.Request {
		return list(ctx, c, &v1alpha1.TouchpointSourceList{}, store.GetNamespace(), client.MatchingFields{ByStore: store.GetName()})
	})
}

// MapsOfStore reconciles the maps that read an EventStore.
func MapsOfStore(c client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, store client.Object) []reconcile.Request {
		return list(ctx, c, &v1alpha1.JourneyMapList{}, store.GetNamespace(), client.MatchingFields{ByStore: store.GetName()})
	})
}

// MapsOfSource reconciles the maps that can use a source: those of its store, and those that name it.
func MapsOfSource(c client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, obj client.Object) []reconcile.Request {
		var maps v1alpha1.JourneyMapList
		if err := c.List(ctx, &maps, client.InNamespace(obj.GetNamespace()), client.UnsafeDisableDeepCopy); err != nil {
			log.FromContext(ctx).Error(err, "List maps to wake.")
			return nil
		}
		var out []reconcile.Request
		for i := range maps.Items {
			if m := &maps.Items[i]; concerns(m, obj.(*v1alpha1.TouchpointSource)) {
				out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(m)})
			}
		}
		return out
	})
}

func concerns(m *v1alpha1.JourneyMap, s *v1alpha1.TouchpointSource) bool {
	if len(m.Spec.Sources) == 0 {
		return m.Spec.StoreRef.Name == s.Spec.StoreRef.Name
	}
	for _, ref := range m.Spec.Sources {
		if string(ref.Name) == s.Name {
			return true
		}
	}
	return false
}

// ReportsOfMap reconciles the reports over a map.
func ReportsOfMap(c client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, m client.Object) []reconcile.Request {
		return list(ctx, c, &v1alpha1.MetricReportList{}, m.GetNamespace(), client.MatchingFields{ByMap: m.GetName()})
	})
}

// ReportsInNamespace reconciles all reports. Each one determines whether a store or source concerns it.
func ReportsInNamespace(c client.Reader) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, obj client.Object) []reconcile.Request {
		return list(ctx, c, &v1alpha1.MetricReportList{}, obj.GetNamespace())
	})
}

func list(ctx context.Context, c client.Reader, l client.ObjectList, namespace string, opts ...client.ListOption) []reconcile.Request {
	opts = append(opts, client.InNamespace(namespace), client.UnsafeDisableDeepCopy)
	if err := c.List(ctx, l, opts...); err != nil {
		log.FromContext(ctx).Error(err, "List objects to wake.")
		return nil
	}
	var names []string
	switch l := l.(type) {
	case *v1alpha1.TouchpointSourceList:
		for i := range l.Items {
			names = append(names, l.Items[i].Name)
		}
	case *v1alpha1.JourneyMapList:
		for i := range l.Items {
			names = append(names, l.Items[i].Name)
		}
	case *v1alpha1.MetricReportList:
		for i := range l.Items {
			names = append(names, l.Items[i].Name)
		}
	}
	out := make([]reconcile.Request, len(names))
	for i, n := range names {
		out[i] = reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: n}}
	}
	return out
}
