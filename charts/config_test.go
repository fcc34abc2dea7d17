// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// kustomize returns the objects of a folder in config/.
func kustomize(t *testing.T, dir string) []*unstructured.Unstructured {
	t.Helper()
	kubectl := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
	if _, err := os.Stat(kubectl); err != nil || os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Skip("KUBEBUILDER_ASSETS does not say where kubectl is: run hack/cluster/prepare.sh --envtest")
	}
	out, err := exec.Command(kubectl, "kustomize", dir).Output()
	require.NoError(t, err)
	return objects(t, string(out))
}

// The chart and config/ give the same objects, except for what a release adds: its labels, the annotations that keep the CRDs, the tag of the image,
// and the test.
func TestChartMatchesConfig(t *testing.T) {
	for name, c := range map[string]struct {
		dir  string
		args []string
	}{
		"cluster":    {"../config/default", nil},
		"namespaced": {"../config/namespaced", []string{"--set", "mode=namespaced", "--set", "crds.enabled=false"}},
		"prometheus": {"../config/prometheus", []string{"--set", "prometheus.enabled=true,operator.enabled=false,crds.enabled=false",
			"--set", "rbac.aggregated=false", "--set", "policy.enabled=false"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := map[string]map[string]any{}
			for _, o := range kustomize(t, c.dir) {
				// Helm users create the namespace; kustomize sets it in overlays.
				if o.GetKind() != "Namespace" {
					want[o.GetKind()+" "+o.GetName()] = plain(o)
				}
			}
			got := map[string]map[string]any{}
			for _, o := range template(t, append(c.args, "--set", "image.tag=latest")...) {
				if o.GetAnnotations()["helm.sh/hook"] == "" {
					got[o.GetKind()+" "+o.GetName()] = plain(o)
				}
			}
			require.Empty(t, cmp.Diff(want, got), "config/ (-) and the chart (+) differ")
		})
	}
}

// ofTheRelease are labels and annotations that only the chart or only config/ has.
var ofTheRelease = []string{
	"helm.sh/chart", "app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by",
	"helm.sh/resource-policy", "kustomize.toolkit.fluxcd.io/prune", "argocd.argoproj.io/sync-options",
}

// plain returns an object without what depends on the kind of installation.
func plain(o *unstructured.Unstructured) map[string]any {
	o = o.DeepCopy()
	for _, field := range []string{"labels", "annotations"} {
		m, _, _ := unstructured.NestedStringMap(o.Object, "metadata", field)
		for _, key := range ofTheRelease {
			delete(m, key)
		}
		unstructured.RemoveNestedField(o.Object, "metadata", field)
		if len(m) > 0 {
			_ = unstructured.SetNestedStringMap(o.Object, m, "metadata", field)
		}
	}
	// The role that controller-gen writes has no labels, and config/namespaced has no namespace.
	if labels := o.GetLabels(); len(labels) == 0 {
		unstructured.RemoveNestedField(o.Object, "metadata", "labels")
	}
	unstructured.RemoveNestedField(o.Object, "metadata", "namespace")
	subjects, _, _ := unstructured.NestedSlice(o.Object, "subjects")
	for _, s := range subjects {
		delete(s.(map[string]any), "namespace")
	}
	if subjects != nil {
		_ = unstructured.SetNestedSlice(o.Object, subjects, "subjects")
	}
	return o.Object
}

// The namespace of all objects is that of the release. The comparison with config/ ignores it.
func TestNamespaceIsThatOfTheRelease(t *testing.T) {
	clusterWide := []string{
		"CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
	}
	for _, o := range template(t, "--set", "prometheus.enabled=true") {
		if o.GetNamespace() == "" {
			require.Contains(t, clusterWide, o.GetKind())
		} else {
			require.Equal(t, namespace, o.GetNamespace())
		}
		subjects, _, _ := unstructured.NestedSlice(o.Object, "subjects")
		for _, s := range subjects {
			require.Equal(t, namespace, s.(map[string]any)["namespace"], "%s %s", o.GetKind(), o.GetName())
		}
	}
}

// The files that the chart copies from config/ are up to date.
func TestCopiedFilesMatchConfig(t *testing.T) {
	from := map[string]string{
		"grafana": "grafana", "crd": "crd/bases", "rbac": "rbac", "aggregated": "rbac/aggregated", "metrics": "rbac/metrics", "policy": "policy", "prometheus": "prometheus",
	}
	for folder, config := range from {
		sources, err := filepath.Glob(filepath.Join("../config", config, "*.[yj][as]*"))
		require.NoError(t, err)
		require.NotEmpty(t, sources)
		for _, source := range sources {
			if strings.HasSuffix(source, "kustomization.yaml") {
				continue
			}
			want, err := os.ReadFile(source)
			require.NoError(t, err)
			got, err := os.ReadFile(filepath.Join(chart, "files", folder, filepath.Base(source)))
			require.NoError(t, err, "make generate")
			require.Equal(t, string(want), string(got), "%s: make generate", source)
		}
	}
}
