// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/config"
)

// samples are the objects of config/samples: the tests use what users are told to use.
type samples struct {
	store   v1alpha1.EventStore
	sources []v1alpha1.TouchpointSource
	journey v1alpha1.JourneyMap
	report  v1alpha1.MetricReport
	secrets map[string]corev1.Secret
}

const namespace = "shop"

func readSamples(t *testing.T) *samples {
	t.Helper()
	files, err := filepath.Glob("../../config/samples/*.yaml")
	require.NoError(t, err)
	s := &samples{secrets: map[string]corev1.Secret{}}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for document := range bytes.SplitSeq(raw, []byte("\n---\n")) {
			s.add(t, document)
		}
	}
	require.Len(t, s.sources, 5)
	require.NotEmpty(t, s.journey.Name)
	require.NotEmpty(t, s.report.Name)
	return s
}

func (s *samples) add(t *testing.T, document []byte) {
	var head metav1.TypeMeta
	require.NoError(t, yaml.Unmarshal(document, &head))
	switch head.Kind {
	case "EventStore":
		require.NoError(t, yaml.UnmarshalStrict(document, &s.store))
	case "TouchpointSource":
		var source v1alpha1.TouchpointSource
		require.NoError(t, yaml.UnmarshalStrict(document, &source))
		s.sources = append(s.sources, source)
	case "JourneyMap":
		require.NoError(t, yaml.UnmarshalStrict(document, &s.journey))
	case "MetricReport":
		require.NoError(t, yaml.UnmarshalStrict(document, &s.report))
	case "Secret":
		var secret corev1.Secret
		require.NoError(t, yaml.UnmarshalStrict(document, &secret))
		s.secrets[secret.Name] = secret
	}
}

// ingest is the document of a source's pods, as the operator would write it.
func (s *samples) ingest(source *v1alpha1.TouchpointSource, storeURL string) config.Ingest {
	spec := *source.Spec.DeepCopy()
	fast := int32(1_000_000)
	spec.Limits = &v1alpha1.SourceLimits{MaxEventsPerSecond: &fast}
	return config.Ingest{
		Version: config.Version, Namespace: namespace, Name: source.Name, UID: "uid-" + source.Name, Generation: 1,
		Store: config.Store{URL: storeURL, UID: "uid-store"}, Source: spec, Privacy: s.store.Spec.Privacy, Retention: s.store.Spec.Retention,
	}
}

// metrics is the document of the map's job, or of the report's.
func (s *samples) metrics(kind, storeURL string, born time.Time) *config.Metrics {
	m := &config.Metrics{
		Version: config.Version, Kind: kind, Namespace: namespace, Name: s.journey.Name, UID: "uid-" + kind, Generation: 1,
		Store: config.Store{URL: storeURL, UID: "uid-store"}, Exclude: s.store.Spec.Exclude,
		Map: s.journey.Spec, MapName: s.journey.Name, MapGeneration: 1,
	}
	for _, source := range s.sources {
		m.Sources = append(m.Sources, config.MapSource{Name: source.Name, ExpectEvery: source.Spec.ExpectEvery, CreatedAt: metav1.NewTime(born)})
	}
	if kind == "MetricReport" {
		m.Name, m.Report = s.report.Name, &s.report.Spec
	}
	return m
}
