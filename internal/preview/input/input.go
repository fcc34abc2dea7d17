// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package input completes the manifests of a preview.
package input

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/manifest"
)

// defaultSource reads the rows if the manifests have no sources.
const defaultSource = "events"

// Manifests of a preview. Store and sources are optional.
type Manifests struct {
	Store   *v1alpha1.EventStore
	Sources []*v1alpha1.TouchpointSource
	Maps    []*v1alpha1.JourneyMap
	Reports []*v1alpha1.MetricReport
	// MadeUp is set if the manifests have no sources.
	MadeUp bool
}

// Complete adds what the manifests leave out. It returns an error if they have no map, or several stores.
func Complete(set *manifest.Set) (*Manifests, error) {
	if len(set.Maps) == 0 {
		return nil, fmt.Errorf("the manifests have no JourneyMap: a report needs its map as well")
	}
	return Sources(set)
}

// Sources is Complete for manifests that need no map.
func Sources(set *manifest.Set) (*Manifests, error) {
	in := &Manifests{Sources: set.Sources, Maps: set.Maps, Reports: set.Reports, Store: &v1alpha1.EventStore{}}
	switch {
	case len(set.Stores) > 1:
		return nil, fmt.Errorf("the manifests have %d EventStores: a preview computes from one", len(set.Stores))
	case len(set.Stores) == 1:
		in.Store = set.Stores[0]
	}
	in.addSources()
	return in, nil
}

// addSources adds sources that maps name and the manifests lack.
func (in *Manifests) addSources() {
	for _, m := range in.Maps {
		for _, ref := range m.Spec.Sources {
			in.AddSource(string(ref.Name))
		}
	}
	if len(in.Sources) == 0 {
		in.MadeUp = true
		in.AddSource(defaultSource)
	}
}

// AddSource adds a source, unless there is one with that name.
func (in *Manifests) AddSource(name string) {
	if !slices.ContainsFunc(in.Sources, func(s *v1alpha1.TouchpointSource) bool { return s.Name == name }) {
		in.Sources = append(in.Sources, &v1alpha1.TouchpointSource{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
}

// MapOf returns the map of a report, or nil if it is not in the manifests.
func (in *Manifests) MapOf(r *v1alpha1.MetricReport) *v1alpha1.JourneyMap {
	i := slices.IndexFunc(in.Maps, func(m *v1alpha1.JourneyMap) bool {
		return m.Name == string(r.Spec.JourneyMapRef.Name) && m.Namespace == r.Namespace
	})
	if i < 0 {
		return nil
	}
	return in.Maps[i]
}

// SourcesOf returns the sources of a map: those that it names, or all.
func (in *Manifests) SourcesOf(m *v1alpha1.JourneyMap) []*v1alpha1.TouchpointSource {
	if len(m.Spec.Sources) == 0 {
		return in.Sources
	}
	var list []*v1alpha1.TouchpointSource
	for _, s := range in.Sources {
		if slices.ContainsFunc(m.Spec.Sources, func(ref v1alpha1.LocalReference) bool { return string(ref.Name) == s.Name }) {
			list = append(list, s)
		}
	}
	return list
}
