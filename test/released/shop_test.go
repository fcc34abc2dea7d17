// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

const (
	objectsDir  = "objects"
	childrenDir = "children"
	// image of the operator that wrote the objects
	releasedImage = "journeyman:test"
)

// operatorKey is the key of the operator that wrote the objects.
var operatorKey = pki.OperatorKey{1, 2, 3}

func recordKey() resources.RecordKey { return operatorKey.RolloutRecordKey() }

// shop is the namespace with the objects of a release.
type shop struct {
	stores  []*v1alpha1.EventStore
	sources []*v1alpha1.TouchpointSource
	maps    []*v1alpha1.JourneyMap
	reports []*v1alpha1.MetricReport
}

// loadShop reads the objects. The current types have all of their fields.
func loadShop(t *testing.T, dir string) *shop {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, objectsDir, "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	s := &shop{}
	for _, file := range files {
		b, err := yaml.YAMLToJSON(read(t, file))
		require.NoError(t, err)
		switch kind, _, _ := strings.Cut(filepath.Base(file), "-"); kind {
		case "eventstore":
			s.stores = append(s.stores, object[v1alpha1.EventStore](t, b))
		case "touchpointsource":
			s.sources = append(s.sources, object[v1alpha1.TouchpointSource](t, b))
		case "journeymap":
			s.maps = append(s.maps, object[v1alpha1.JourneyMap](t, b))
		case "metricreport":
			s.reports = append(s.reports, object[v1alpha1.MetricReport](t, b))
		default:
			t.Fatalf("%s: there is no such kind", file)
		}
	}
	return s
}

func object[T any](t *testing.T, b []byte) *T {
	t.Helper()
	o := new(T)
	strict(t, b, o)
	return o
}

// parents returns the objects that have children, because everything that they refer to exists.
func (s *shop) parents() (out []client.Object) {
	for _, o := range s.stores {
		out = append(out, o)
	}
	for _, o := range s.sources {
		if named(s.stores, string(o.Spec.StoreRef.Name)) != nil {
			out = append(out, o)
		}
	}
	for _, o := range s.maps {
		if named(s.stores, string(o.Spec.StoreRef.Name)) != nil {
			out = append(out, o)
		}
	}
	for _, o := range s.reports {
		if named(s.maps, string(o.Spec.JourneyMapRef.Name)) != nil {
			out = append(out, o)
		}
	}
	return out
}

func named[T client.Object](list []T, name string) (found T) {
	for _, o := range list {
		if o.GetName() == name {
			return o
		}
	}
	return found
}

func fileOf(parent client.Object) string {
	return strings.ToLower(parent.GetObjectKind().GroupVersionKind().Kind) + "-" + parent.GetName() + ".yaml"
}

// input returns everything that the children of an object depend on.
func (s *shop) input(t *testing.T, parent client.Object) any {
	t.Helper()
	network := resources.Network{Mode: resources.PoliciesIngress, OperatorNamespace: "journeyman-system"}
	material := func(store *v1alpha1.EventStore) pki.StoreMaterial {
		m, err := operatorKey.Material(resources.StoreIdentity(store), 0)
		require.NoError(t, err)
		return m
	}
	shared := func(name v1alpha1.LocalName) resources.AnalysisShared {
		store := named(s.stores, string(name))
		return resources.AnalysisShared{
			Store: store, Sources: s.sources, Image: releasedImage, Network: network, ScanSecret: resources.ScanSecretName(store.Name, material(store)),
		}
	}
	switch o := parent.(type) {
	case *v1alpha1.EventStore:
		return resources.EventStoreInput{Store: o, Network: network, Material: material(o)}
	case *v1alpha1.TouchpointSource:
		store := named(s.stores, string(o.Spec.StoreRef.Name))
		return resources.TouchpointSourceInput{Source: o, Store: store, Network: network, AppendSecret: resources.AppendSecretName(store.Name, material(store))}
	case *v1alpha1.JourneyMap:
		return resources.JourneyMapInput{Map: o, AnalysisShared: shared(o.Spec.StoreRef.Name)}
	case *v1alpha1.MetricReport:
		m := named(s.maps, string(o.Spec.JourneyMapRef.Name))
		return resources.MetricReportInput{Report: o, Map: m, AnalysisShared: shared(m.Spec.StoreRef.Name)}
	}
	t.Fatalf("%T has no children", parent)
	return nil
}

// children returns the children that an operator creates for an object without children.
func (s *shop) children(t *testing.T, parent client.Object) []*unstructured.Unstructured {
	t.Helper()
	return s.withRollout(t, parent, resources.Rollout{Image: releasedImage, Versions: resources.Versions{Store: 1, Documents: 1}, RecordKey: recordKey()})
}

func (s *shop) withRollout(t *testing.T, parent client.Object, rollout resources.Rollout) (out []*unstructured.Unstructured) {
	t.Helper()
	var children []resources.Child
	var err error
	switch in := s.input(t, parent).(type) {
	case resources.EventStoreInput:
		in.Rollout = rollout
		children, err = resources.EventStoreChildren(in)
	case resources.TouchpointSourceInput:
		in.Rollout = rollout
		children, err = resources.TouchpointSourceChildren(in)
	case resources.AnalysisInput:
		children, err = resources.AnalysisChildren(in)
		require.NoError(t, err)
		first, firstErr := resources.FirstRunJob(in, now)
		require.NoError(t, firstErr)
		children = append(children, first)
	}
	require.NoError(t, err)
	for _, c := range children {
		u, err := c.Unstructured()
		require.NoError(t, err)
		if u.GetKind() == "Secret" {
			u.Object["data"] = "(keys and certificates)"
		}
		out = append(out, u)
	}
	return out
}

// loadChildren returns the children of an object that a release created.
func loadChildren(t *testing.T, dir string, parent client.Object) (out []*unstructured.Unstructured) {
	t.Helper()
	for document := range strings.SplitSeq(string(read(t, dir, childrenDir, fileOf(parent))), "---\n") {
		u := &unstructured.Unstructured{}
		require.NoError(t, yaml.Unmarshal([]byte(document), &u.Object))
		if len(u.Object) > 0 {
			out = append(out, u)
		}
	}
	require.NotEmpty(t, out)
	return out
}

func byName(list []*unstructured.Unstructured) map[string]*unstructured.Unstructured {
	out := map[string]*unstructured.Unstructured{}
	for _, o := range list {
		out[o.GetKind()+" "+o.GetName()] = o
	}
	return out
}

// packed returns a document that is too long for plain text.
func packed(t *testing.T, s *shop) []byte {
	t.Helper()
	m := named(s.maps, "omnichannel-retail").DeepCopy()
	for len(m.Spec.Stages) < 2000 {
		m.Spec.Stages = append(m.Spec.Stages, m.Spec.Stages...)
	}
	p, err := podconfig.Pack(resources.MapDocument(m, s.stores[0], s.sources))
	require.NoError(t, err)
	require.NotEmpty(t, p.Binary)
	return p.Binary
}
