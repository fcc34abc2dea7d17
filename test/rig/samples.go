// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/preset"
)

// Samples are the objects of config/samples, so that tests use what the docs recommend.
type Samples struct {
	Store   v1alpha1.EventStore
	Sources []v1alpha1.TouchpointSource
	Journey v1alpha1.JourneyMap
	Report  v1alpha1.MetricReport
	secrets map[string]corev1.Secret
}

// Namespace of the objects, and the UID of their store.
const (
	Namespace = "shop"
	storeUID  = "uid-store"
)

// ReadSamples reads all files of a folder.
func ReadSamples(dir string) (*Samples, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	s := &Samples{secrets: map[string]corev1.Secret{}}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for document := range bytes.SplitSeq(raw, []byte("\n---\n")) {
			if err := s.add(document); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	if len(s.Sources) == 0 || s.Store.Name == "" || s.Journey.Name == "" || s.Report.Name == "" {
		return nil, fmt.Errorf("%s: a store, a map, a report or the sources are missing", dir)
	}
	return s, nil
}

func (s *Samples) add(document []byte) error {
	var head metav1.TypeMeta
	if err := yaml.Unmarshal(document, &head); err != nil {
		return err
	}
	switch head.Kind {
	case "EventStore":
		return yaml.UnmarshalStrict(document, &s.Store)
	case "TouchpointSource":
		var source v1alpha1.TouchpointSource
		if err := yaml.UnmarshalStrict(document, &source); err != nil {
			return err
		}
		spec, _, err := preset.Expand(&source.Spec) // as the operator does for pods
		if err != nil {
			return err
		}
		source.Spec = *spec
		s.Sources = append(s.Sources, source)
		return nil
	case "JourneyMap":
		return yaml.UnmarshalStrict(document, &s.Journey)
	case "MetricReport":
		return yaml.UnmarshalStrict(document, &s.Report)
	case "Secret":
		var secret corev1.Secret
		err := yaml.UnmarshalStrict(document, &secret)
		s.secrets[secret.Name] = secret
		return err
	}
	return nil
}

// Secret returns the secret of a source, as its senders know it.
func (s *Samples) Secret(source *v1alpha1.TouchpointSource) string {
	_, ref := source.Spec.Transport.Chosen()
	if ref == nil {
		return "" // anybody can send
	}
	return s.secrets[ref.Name].StringData[v1alpha1.DefaultSecretKey]
}

// Pepper is the pepper for hashing.
func (s *Samples) Pepper() string {
	return s.secrets[s.Store.Spec.Privacy.PepperSecretRef.Name].StringData[v1alpha1.DefaultPepperKey]
}

// unbounded is a rate that no test reaches.
const unbounded = 1_000_000

// Ingest returns the document of a source's pods, without the rate limit.
func (s *Samples) Ingest(source *v1alpha1.TouchpointSource, storeURL string) podconfig.Ingest {
	spec := *source.Spec.DeepCopy()
	rate := int32(unbounded)
	spec.Limits = &v1alpha1.SourceLimits{MaxEventsPerSecond: &rate}
	document := podconfig.Ingest{
		Version: podconfig.Version, Namespace: Namespace, Name: source.Name, UID: "uid-" + source.Name, Generation: 1,
		Store: podconfig.Store{URL: storeURL, UID: storeUID}, Source: spec, Privacy: s.Store.Spec.Privacy, Retention: s.Store.Spec.Retention,
	}
	if spec.Egress != nil {
		document.EgressPermitted = spec.Egress.CIDRs
	}
	return document
}

// Analysis returns the document of the jobs of an object: JourneyMap or MetricReport. born is the creation time of the sources.
func (s *Samples) Analysis(kind, storeURL string, born time.Time) *podconfig.Analysis {
	m := &podconfig.Analysis{
		Version: podconfig.Version, Kind: kind, Namespace: Namespace, Name: s.Journey.Name, UID: "uid-" + kind, Generation: 1,
		Store: podconfig.Store{URL: storeURL, UID: storeUID}, Exclude: s.Store.Spec.Exclude,
		Map: s.Journey.Spec, MapName: s.Journey.Name, MapGeneration: 1,
	}
	for _, source := range s.Sources {
		m.Sources = append(m.Sources, podconfig.MapSource{Name: source.Name, ExpectEvery: source.Spec.ExpectEvery, CreatedAt: metav1.NewTime(born)})
	}
	if kind == "MetricReport" {
		m.Name, m.Report = s.Report.Name, &s.Report.Spec
	}
	return m
}

// StoreServer returns the document of the store's pod.
func (s *Samples) StoreServer() podconfig.StoreServer {
	return podconfig.StoreServer{
		Version: podconfig.Version, Namespace: Namespace, Name: s.Store.Name, UID: storeUID,
		Retention: s.Store.Spec.Retention, Identity: s.Store.Spec.Identity,
	}
}
