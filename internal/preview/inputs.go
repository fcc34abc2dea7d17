// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/manifest"
)

// defaultSource takes the rows where the manifests have no sources.
const defaultSource = "events"

// inputs are the manifests with what they leave open filled in: a preview needs neither a store nor sources.
type inputs struct {
	store   *v1alpha1.EventStore
	sources []*v1alpha1.TouchpointSource
	maps    []*v1alpha1.JourneyMap
	reports []*v1alpha1.MetricReport
	// madeUp tells that the manifests say nothing of sources.
	madeUp bool
}

func newInputs(set *manifest.Set) (*inputs, error) {
	in := &inputs{sources: set.Sources, maps: set.Maps, reports: set.Reports, store: &v1alpha1.EventStore{}}
	switch {
	case len(set.Maps) == 0:
		return nil, fmt.Errorf("the manifests have no JourneyMap: a report needs its map as well")
	case len(set.Stores) > 1:
		return nil, fmt.Errorf("the manifests have %d EventStores: a preview computes from one", len(set.Stores))
	case len(set.Stores) == 1:
		in.store = set.Stores[0]
	}
	in.addSources()
	return in, nil
}

// addSources makes up the sources that maps name and the manifests lack.
func (in *inputs) addSources() {
	for _, m := range in.maps {
		for _, ref := range m.Spec.Sources {
			in.addSource(string(ref.Name))
		}
	}
	if len(in.sources) == 0 {
		in.madeUp = true
		in.addSource(defaultSource)
	}
}

func (in *inputs) addSource(name string) {
	if !slices.ContainsFunc(in.sources, func(s *v1alpha1.TouchpointSource) bool { return s.Name == name }) {
		in.sources = append(in.sources, &v1alpha1.TouchpointSource{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
}

func (in *inputs) mapOf(r *v1alpha1.MetricReport) *v1alpha1.JourneyMap {
	i := slices.IndexFunc(in.maps, func(m *v1alpha1.JourneyMap) bool {
		return m.Name == string(r.Spec.JourneyMapRef.Name) && m.Namespace == r.Namespace
	})
	if i < 0 {
		return nil
	}
	return in.maps[i]
}

// sourcesOf gives the sources of a map: those that it names, or all.
func (in *inputs) sourcesOf(m *v1alpha1.JourneyMap) []*v1alpha1.TouchpointSource {
	if len(m.Spec.Sources) == 0 {
		return in.sources
	}
	var list []*v1alpha1.TouchpointSource
	for _, s := range in.sources {
		if slices.ContainsFunc(m.Spec.Sources, func(ref v1alpha1.LocalReference) bool { return string(ref.Name) == s.Name }) {
			list = append(list, s)
		}
	}
	return list
}
