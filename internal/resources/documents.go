// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"fmt"
	"slices"
	"strings"

	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/preset"
)

// configMap holds one document for pods.
func (p parent) configMap(name string, document any) (Child, error) {
	packed, err := podconfig.Pack(document)
	if err != nil {
		return Child{}, fmt.Errorf("document of %s %s/%s: %w", p.kind, p.namespace, p.name, err)
	}
	ac := coreac.ConfigMap(name, p.namespace)
	if packed.Text != "" {
		ac.WithData(map[string]string{podconfig.File: packed.Text})
	} else {
		ac.WithBinaryData(map[string][]byte{podconfig.PackedFile: packed.Binary})
	}
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return Child{Object: ac, GVK: configMapKind, Namespace: p.namespace, Name: name}, nil
}

func storeAddress(store *v1alpha1.EventStore) podconfig.Store {
	return podconfig.Store{URL: StoreURL(store), UID: string(store.UID)}
}

func storeDocument(store *v1alpha1.EventStore) podconfig.StoreServer {
	return podconfig.StoreServer{
		Version:   podconfig.Version,
		Namespace: store.Namespace, Name: store.Name, UID: string(store.UID),
		Retention: store.Spec.Retention,
		Identity:  linksOf(store.Spec.Identity),
	}
}

// linksOf returns the part of the policy that the store needs. Placeholders are removed before events reach it.
func linksOf(p *v1alpha1.IdentityPolicy) *v1alpha1.IdentityPolicy {
	if p == nil || len(p.Placeholders) == 0 {
		return p
	}
	p = p.DeepCopy()
	p.Placeholders = nil
	return p
}

func placeholdersOf(p *v1alpha1.IdentityPolicy) []v1alpha1.Placeholder {
	if p == nil {
		return nil
	}
	return p.Placeholders
}

// IngestDocument returns the document of a source's pods.
func IngestDocument(source *v1alpha1.TouchpointSource, store *v1alpha1.EventStore, network Network) podconfig.Ingest {
	expanded, paths := expand(&source.Spec)
	spec := *expanded.DeepCopy()
	spec.Scaling, spec.Pod, spec.AllowFrom = nil, nil, nil
	return podconfig.Ingest{
		Version: podconfig.Version, RulePaths: paths,
		Namespace: source.Namespace, Name: source.Name, UID: string(source.UID), Generation: source.Generation,
		Store:     storeAddress(store),
		Source:    spec,
		Privacy:   store.Spec.Privacy,
		Retention: store.Spec.Retention,

		Placeholders: placeholdersOf(store.Spec.Identity), EgressPermitted: network.EgressPermitted,
	}
}

// expand completes a spec by its preset. A spec that cannot be completed is left as it is: the operator has reported it, and creates nothing from it.
func expand(spec *v1alpha1.TouchpointSourceSpec) (*v1alpha1.TouchpointSourceSpec, []string) {
	if expanded, paths, err := preset.Expand(spec); err == nil {
		return expanded, paths
	}
	return spec, nil
}

// MapDocument returns the document of a map's analysis job.
func MapDocument(m *v1alpha1.JourneyMap, store *v1alpha1.EventStore, sources []*v1alpha1.TouchpointSource) podconfig.Analysis {
	spec := *m.Spec.DeepCopy()
	spec.Pod = nil
	list := mapSources(sources)
	return podconfig.Analysis{
		Version: podconfig.Version,
		Kind:    v1alpha1.JourneyMapKind, Namespace: m.Namespace, Name: m.Name, UID: string(m.UID), Generation: m.Generation,
		Store:   storeAddress(store),
		Exclude: store.Spec.Exclude,
		Sources: list, SourcesHash: podconfig.SourcesHash(list, store.Spec.Exclude),
		Map: spec, MapName: m.Name, MapGeneration: m.Generation, MapCreatedAt: m.CreationTimestamp,
	}
}

// ReportDocument returns the document of a report's analysis job.
func ReportDocument(
	r *v1alpha1.MetricReport, m *v1alpha1.JourneyMap, store *v1alpha1.EventStore, sources []*v1alpha1.TouchpointSource,
) podconfig.Analysis {
	document := MapDocument(m, store, sources)
	document.Kind, document.Name, document.UID, document.Generation = v1alpha1.MetricReportKind, r.Name, string(r.UID), r.Generation
	document.Report = r.Spec.DeepCopy()
	document.Report.Pod = nil
	document.Report.Analysis = podconfig.ReportAnalysis(r.Spec.Analysis, m.Spec.Analysis)
	document.MapHash = podconfig.MapHash(&m.Spec, document.Report.Analysis)
	return document
}

// SourcesHash returns podconfig.SourcesHash for the sources of a map and their store.
func SourcesHash(store *v1alpha1.EventStore, sources []*v1alpha1.TouchpointSource) string {
	return podconfig.SourcesHash(mapSources(sources), store.Spec.Exclude)
}

// mapSources sorts by name, so that the order in a cache or a spec does not matter.
func mapSources(sources []*v1alpha1.TouchpointSource) []podconfig.MapSource {
	list := make([]podconfig.MapSource, 0, len(sources))
	for _, s := range sources {
		spec, _ := expand(&s.Spec)
		list = append(list, podconfig.MapSource{
			Name: s.Name, Channel: string(spec.Channel), ExpectEvery: s.Spec.ExpectEvery, CreatedAt: s.CreationTimestamp,
		})
	}
	slices.SortFunc(list, func(a, b podconfig.MapSource) int { return strings.Compare(a.Name, b.Name) })
	return list
}
