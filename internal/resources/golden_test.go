// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

var update = flag.Bool("update", false, "update the golden files")

// now is the current time in these tests.
var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

const testImage = "example.com/journeyman:v1"

// testRelease is the operator of these tests, and testRollout the input for pods.
var (
	testRelease = resources.Release{
		Image: testImage, Versions: resources.Versions{Store: 3, Documents: 2}, OldestStore: 2, Mode: resources.RolloutOnChange,
		RecordKey: testKey,
	}
	testRollout = resources.Rollout{Image: testImage, Versions: testRelease.Versions, RecordKey: testKey}
	testKey     = resources.RecordKey(pki.OperatorKey{1, 2, 3}.RolloutRecordKey())
)

// fixture is the content of an input file. The first document is the parent whose children are built.
type fixture struct {
	parent  string
	stores  []*v1alpha1.EventStore
	sources []*v1alpha1.TouchpointSource
	maps    []*v1alpha1.JourneyMap
	reports []*v1alpha1.MetricReport
	pods    resources.PodDefaults
	network resources.Network
}

// bounded is an operator that restricts all traffic, with all addresses set.
var bounded = resources.Network{
	Mode: resources.PoliciesBoth, OperatorNamespace: "journeyman-system",
	MetricsFrom: []networkingv1.NetworkPolicyPeer{
		{
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": "monitoring"}},
			PodSelector: &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
				{Key: "app", Operator: metav1.LabelSelectorOpIn, Values: []string{"prometheus"}},
			}},
		},
		{IPBlock: &networkingv1.IPBlock{CIDR: "10.1.0.0/16", Except: []string{"10.1.1.0/24"}}},
	},
	APIServer: []string{"172.18.0.3/32", "172.18.0.2/32"}, DNS: []string{"169.254.20.10/32"},
}

func loadFixture(t *testing.T, path string) fixture {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	f := fixture{network: bounded}
	if strings.Contains(path, "minimal") {
		f.network = resources.Network{Mode: resources.PoliciesIngress, OperatorNamespace: "journeyman-system"}
	}
	for _, document := range strings.Split(string(data), "\n---\n") {
		var meta struct{ Kind string }
		require.NoError(t, yaml.Unmarshal([]byte(document), &meta))
		if f.parent == "" {
			f.parent = meta.Kind
		}
		switch meta.Kind {
		case v1alpha1.EventStoreKind:
			f.stores = append(f.stores, decode[v1alpha1.EventStore](t, document))
		case v1alpha1.TouchpointSourceKind:
			f.sources = append(f.sources, decode[v1alpha1.TouchpointSource](t, document))
		case v1alpha1.JourneyMapKind:
			f.maps = append(f.maps, decode[v1alpha1.JourneyMap](t, document))
		case v1alpha1.MetricReportKind:
			f.reports = append(f.reports, decode[v1alpha1.MetricReport](t, document))
		default:
			t.Fatalf("%s: kind %q", path, meta.Kind)
		}
	}
	return f
}

func decode[T any](t *testing.T, document string) *T {
	t.Helper()
	object := new(T)
	require.NoError(t, yaml.UnmarshalStrict([]byte(document), object))
	return object
}

func (f fixture) material(t *testing.T) pki.StoreMaterial {
	t.Helper()
	m, err := pki.OperatorKey{1, 2, 3}.Material(resources.StoreIdentity(f.stores[0]), 0)
	require.NoError(t, err)
	return m
}

// children builds all possible children of the parent of a fixture, including first Jobs.
func (f fixture) children(t *testing.T) []resources.Child {
	t.Helper()
	m := f.material(t)
	store := f.stores[0]
	var children []resources.Child
	var err error
	switch f.parent {
	case v1alpha1.EventStoreKind:
		children, err = resources.EventStoreChildren(resources.EventStoreInput{Store: store, Rollout: testRollout, Pods: f.pods, Network: f.network, Material: m})
	case v1alpha1.TouchpointSourceKind:
		children, err = resources.TouchpointSourceChildren(resources.TouchpointSourceInput{
			Source: f.sources[0], Store: store, Rollout: testRollout, Pods: f.pods, Network: f.network, AppendSecret: resources.AppendSecretName(store.Name, m),
		})
	case v1alpha1.JourneyMapKind:
		in := f.mapInput(m)
		children, err = resources.AnalysisChildren(in)
		children = append(children, firstRun(t, in))
	case v1alpha1.MetricReportKind:
		in := f.reportInput(m)
		children, err = resources.AnalysisChildren(in)
		children = append(children, firstRun(t, in))
	}
	require.NoError(t, err)
	return children
}

func (f fixture) mapInput(m pki.StoreMaterial) resources.JourneyMapInput {
	return resources.JourneyMapInput{Map: f.maps[0], AnalysisShared: f.shared(m)}
}

func (f fixture) reportInput(m pki.StoreMaterial) resources.MetricReportInput {
	return resources.MetricReportInput{Report: f.reports[0], Map: f.maps[0], AnalysisShared: f.shared(m)}
}

func (f fixture) shared(m pki.StoreMaterial) resources.AnalysisShared {
	return resources.AnalysisShared{
		Store: f.stores[0], Sources: f.sources, Image: testImage, Pods: f.pods, Network: f.network, ScanSecret: resources.ScanSecretName(f.stores[0].Name, m),
	}
}

func firstRun(t *testing.T, in resources.AnalysisInput) resources.Child {
	t.Helper()
	job, err := resources.FirstRunJob(in, now)
	require.NoError(t, err)
	return job
}

func fixtures(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.in.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

func TestGolden(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got := render(t, loadFixture(t, path).children(t))
			golden := strings.TrimSuffix(path, ".in.yaml") + ".out.yaml"
			if *update {
				require.NoError(t, os.WriteFile(golden, got, 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err, "run the test with -update")
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s differs (-want +got); if that is meant, run the test with -update:\n%s", golden, diff)
			}
		})
	}
}

// render formats children as YAML, without the content of Secrets, which other tests cover.
func render(t *testing.T, children []resources.Child) []byte {
	t.Helper()
	var out bytes.Buffer
	for i, child := range children {
		object, err := child.Unstructured()
		require.NoError(t, err)
		if object.GetKind() == "Secret" {
			data, ok := object.Object["data"].(map[string]any)
			require.True(t, ok)
			for k := range data {
				data[k] = "(left out)"
			}
		}
		withoutRecord(t, object)
		if i > 0 {
			out.WriteString("---\n")
		}
		if child.CreateOnly {
			out.WriteString("# created once, never changed\n")
		}
		if child.Retained {
			out.WriteString("# outlives its parent\n")
		}
		text, err := yaml.Marshal(object.Object)
		require.NoError(t, err)
		out.Write(text)
	}
	return out.Bytes()
}

// withoutRecord removes the record of a workload, after it checks that the record has the same template.
func withoutRecord(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	annotations := object.GetAnnotations()
	text, ok := annotations[resources.RolloutAnnotation]
	if !ok {
		return
	}
	var record map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &record))
	template, _, err := unstructured.NestedMap(object.Object, "spec", "template")
	require.NoError(t, err)
	want, err := json.Marshal(template)
	require.NoError(t, err)
	got, err := json.Marshal(record["template"])
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got))
	annotations[resources.RolloutAnnotation], annotations[resources.RolloutMACAnnotation] = "(left out)", "(left out)"
	object.SetAnnotations(annotations)
}

// The fields of a Child agree with its object.
func TestChildNamesItself(t *testing.T) {
	for _, path := range fixtures(t) {
		for _, child := range loadFixture(t, path).children(t) {
			object, err := child.Unstructured()
			require.NoError(t, err)
			require.Equal(t, child.GVK, object.GroupVersionKind())
			require.Equal(t, child.Namespace, object.GetNamespace())
			require.Equal(t, child.Name, object.GetName())
			require.Equal(t, child.Retained, len(object.GetOwnerReferences()) == 0, child.String())
		}
	}
}

// The list of kinds to prune has exactly the kinds that are not always created.
func TestPrunableKinds(t *testing.T) {
	always := map[string]map[schema.GroupVersionKind]int{}
	total := map[string]int{}
	for _, path := range fixtures(t) {
		f := loadFixture(t, path)
		total[f.parent]++
		if always[f.parent] == nil {
			always[f.parent] = map[schema.GroupVersionKind]int{}
		}
		seen := map[schema.GroupVersionKind]bool{}
		for _, child := range f.children(t) {
			if !seen[child.GVK] {
				always[f.parent][child.GVK]++
			}
			seen[child.GVK] = true
		}
	}
	for kind, counts := range always {
		require.GreaterOrEqual(t, total[kind], 2, "%s needs a minimal and a full fixture", kind)
		prunable := resources.Prunable(kind)
		for gvk, n := range counts {
			switch gvk.Kind {
			case "Job":
				require.Contains(t, resources.PrunableRuns(), gvk, "Jobs of older generations have to go")
				continue
			case "NetworkPolicy":
				require.Contains(t, prunable, gvk, "an operator that makes none takes away those that were made")
				continue
			}
			require.Equal(t, n < total[kind], contains(prunable, gvk), "%s of %s", gvk.Kind, kind)
		}
	}
}

func contains(list []schema.GroupVersionKind, gvk schema.GroupVersionKind) bool {
	for _, g := range list {
		if g == gvk {
			return true
		}
	}
	return false
}
