// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package refs resolves the references between the four kinds, and finds the objects to reconcile when something that they refer to changes. A
// missing object is waited for and is not an error, because manifests can arrive in any order.
package refs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/accept"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Names of the indexes of the cache.
const (
	// ByStore finds TouchpointSources and JourneyMaps by the name of their store.
	ByStore = "spec.storeRef.name"
	// ByMap finds MetricReports by the name of their map.
	ByMap = "spec.journeyMapRef.name"
)

// Index adds the indexes to a cache.
func Index(ctx context.Context, indexer client.FieldIndexer) error {
	for _, i := range []struct {
		obj   client.Object
		field string
		value func(client.Object) string
	}{
		{&v1alpha1.TouchpointSource{}, ByStore, func(o client.Object) string { return string(o.(*v1alpha1.TouchpointSource).Spec.StoreRef.Name) }},
		{&v1alpha1.JourneyMap{}, ByStore, func(o client.Object) string { return string(o.(*v1alpha1.JourneyMap).Spec.StoreRef.Name) }},
		{&v1alpha1.MetricReport{}, ByMap, func(o client.Object) string { return string(o.(*v1alpha1.MetricReport).Spec.JourneyMapRef.Name) }},
	} {
		value := i.value
		if err := indexer.IndexField(ctx, i.obj, i.field, func(o client.Object) []string { return []string{value(o)} }); err != nil {
			return fmt.Errorf("index %s of %T: %w", i.field, i.obj, err)
		}
	}
	return nil
}

// Store returns an EventStore. path is the field that refers to it.
func Store(ctx context.Context, c client.Reader, namespace, path string, name v1alpha1.LocalName) (*v1alpha1.EventStore, error) {
	return find(ctx, c, namespace, path, v1alpha1.EventStoreKind, name, &v1alpha1.EventStore{})
}

// Map returns a JourneyMap.
func Map(ctx context.Context, c client.Reader, namespace, path string, name v1alpha1.LocalName) (*v1alpha1.JourneyMap, error) {
	return find(ctx, c, namespace, path, v1alpha1.JourneyMapKind, name, &v1alpha1.JourneyMap{})
}

func find[T client.Object](ctx context.Context, c client.Reader, namespace, path, kind string, name v1alpha1.LocalName, obj T) (T, error) {
	var none T
	err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: string(name)}, obj)
	if apierrors.IsNotFound(err) || (err == nil && !obj.GetDeletionTimestamp().IsZero()) {
		return none, flow.Missing(path, kind, string(name))
	}
	if err != nil {
		return none, fmt.Errorf("read %s %s: %w", kind, name, err)
	}
	return obj, nil
}

// Sources returns the TouchpointSources of a map: those that it names, or all of its store. If some are missing, it returns an error that names them,
// together with those that exist.
func Sources(ctx context.Context, c client.Reader, m *v1alpha1.JourneyMap, path string) ([]*v1alpha1.TouchpointSource, error) {
	var list v1alpha1.TouchpointSourceList
	if err := c.List(ctx, &list, client.InNamespace(m.Namespace), client.MatchingFields{ByStore: string(m.Spec.StoreRef.Name)}); err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	all := make(map[v1alpha1.LocalName]*v1alpha1.TouchpointSource, len(list.Items))
	for i := range list.Items {
		if list.Items[i].DeletionTimestamp.IsZero() {
			all[v1alpha1.LocalName(list.Items[i].Name)] = &list.Items[i]
		}
	}
	found := make([]*v1alpha1.TouchpointSource, 0, len(all))
	if len(m.Spec.Sources) == 0 {
		for _, s := range all {
			found = append(found, s)
		}
		slices.SortFunc(found, func(a, b *v1alpha1.TouchpointSource) int { return strings.Compare(a.Name, b.Name) })
		return found, nil
	}
	var missing []string
	for i, ref := range m.Spec.Sources {
		if s, ok := all[ref.Name]; ok {
			found = append(found, s)
			continue
		}
		if err := elsewhere(ctx, c, m, fmt.Sprintf("%s.sources[%d].name", path, i), ref.Name); err != nil {
			return found, err
		}
		missing = append(missing, string(ref.Name))
	}
	if len(missing) > 0 {
		return found, flow.Missing(path+".sources", v1alpha1.TouchpointSourceKind, value.Listed(missing))
	}
	return found, nil
}

// elsewhere reports whether a source that does not feed the map's store feeds another one. Waiting does not help then.
func elsewhere(ctx context.Context, c client.Reader, m *v1alpha1.JourneyMap, path string, name v1alpha1.LocalName) error {
	var s v1alpha1.TouchpointSource
	err := c.Get(ctx, client.ObjectKey{Namespace: m.Namespace, Name: string(name)}, &s)
	if err != nil || !s.DeletionTimestamp.IsZero() {
		return client.IgnoreNotFound(err)
	}
	return flow.Refused(accept.Feeds(m, path, &s))
}
