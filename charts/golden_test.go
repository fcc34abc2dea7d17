// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "update the golden files")

// shared are kinds whose content is the same as in config/, which TestChartMatchesConfig compares. The golden files have only their metadata.
var shared = map[string]string{
	"CustomResourceDefinition": "config/crd", "ValidatingAdmissionPolicy": "config/policy", "PrometheusRule": "config/prometheus",
}

// TestGolden renders the chart with the values of each file in testdata.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.values.yaml")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, values := range files {
		t.Run(strings.TrimSuffix(filepath.Base(values), ".values.yaml"), func(t *testing.T) {
			got := text(t, template(t, "--values", values))
			golden := strings.TrimSuffix(values, ".values.yaml") + ".golden.yaml"
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

// text formats objects in the order of Helm.
func text(t *testing.T, list []*unstructured.Unstructured) []byte {
	t.Helper()
	var out bytes.Buffer
	for i, o := range list {
		if i > 0 {
			out.WriteString("---\n")
		}
		if from := shared[o.GetKind()]; from != "" {
			o = o.DeepCopy()
			o.Object["spec"] = "(as in " + from + ")"
		}
		if strings.HasPrefix(o.GetName(), "journeyman-dashboard-") {
			o = o.DeepCopy()
			o.Object["data"] = "(a file of config/grafana)"
		}
		raw, err := yaml.Marshal(o.Object)
		require.NoError(t, err)
		out.Write(raw)
	}
	return out.Bytes()
}

// helm lint reports nothing, with any values.
func TestLint(t *testing.T) {
	for _, values := range []string{"cluster", "namespaced", "everything"} {
		out, err := helm(t, "lint", "--strict", chart, "--values", "testdata/"+values+".values.yaml")
		require.NoError(t, err, out)
		require.NotContains(t, out, "[WARNING]")
		require.NotContains(t, out, "[ERROR]")
	}
}

// Helm keeps every CRD, and Flux and Argo CD do not prune it: otherwise all objects of its kind would be deleted.
func TestCRDsAreKept(t *testing.T) {
	_, err := os.Stat(filepath.Join(chart, "crds"))
	require.ErrorIs(t, err, os.ErrNotExist, "Helm never upgrades what is in crds/")
	crds := 0
	for _, o := range template(t, "--set", "crds.annotations.helm\\.sh/resource-policy=delete") {
		if o.GetKind() != "CustomResourceDefinition" {
			continue
		}
		crds++
		a := o.GetAnnotations()
		require.Equal(t, "keep", a["helm.sh/resource-policy"])
		require.Equal(t, "disabled", a["kustomize.toolkit.fluxcd.io/prune"])
		require.Equal(t, "Prune=false", a["argocd.argoproj.io/sync-options"])
	}
	require.Equal(t, 4, crds)
	for _, o := range template(t, "--set", "crds.enabled=false") {
		require.NotEqual(t, "CustomResourceDefinition", o.GetKind())
	}
}

// Pods have no fixed user if the API server is OpenShift, and have one otherwise.
func TestOpenShiftChoosesTheUser(t *testing.T) {
	security := func(args ...string) (pod map[string]any, arguments []string) {
		d := find(t, template(t, args...), "Deployment", "journeyman-operator")
		pod, _, err := unstructured.NestedMap(d.Object, "spec", "template", "spec")
		require.NoError(t, err)
		container := pod["containers"].([]any)[0].(map[string]any)
		arguments, _, err = unstructured.NestedStringSlice(container, "args")
		require.NoError(t, err)
		return pod["securityContext"].(map[string]any), arguments
	}
	pod, args := security()
	require.EqualValues(t, 65532, pod["runAsUser"])
	require.NotContains(t, args, "--pod-user=Platform")
	for _, set := range [][]string{{"--api-versions", "security.openshift.io/v1"}, {"--set", "podUser=Platform"}} {
		pod, args = security(set...)
		require.NotContains(t, pod, "runAsUser")
		require.NotContains(t, pod, "runAsGroup")
		require.Equal(t, true, pod["runAsNonRoot"])
		require.Contains(t, args, "--pod-user=Platform")
	}
}

// Pods that mount Secrets have a group, because only the group can read the files, unless the platform sets it.
func TestSecretsInVolumesCanBeRead(t *testing.T) {
	list := template(t, "--set", "sampleData.enabled=true", "--set", "metrics.certificateSecret=tls")
	for kind, name := range map[string]string{"Deployment": "journeyman-operator", "Job": "journeyman-sample-data"} {
		group, _, err := unstructured.NestedFieldNoCopy(find(t, list, kind, name).Object, "spec", "template", "spec", "securityContext", "fsGroup")
		require.NoError(t, err)
		require.EqualValues(t, 65532, group, name)
	}
}

// A namespaced release has no cluster-scoped objects except CRDs, and without crds.enabled no CRDs.
func TestNamespacedModeHasNoClusterScopedObjects(t *testing.T) {
	for _, o := range template(t, "--set", "mode=namespaced", "--set", "crds.enabled=false", "--set", "prometheus.enabled=true") {
		require.Equal(t, namespace, o.GetNamespace(), "%s %s", o.GetKind(), o.GetName())
		require.NotContains(t, o.GetKind(), "Cluster")
		require.NotContains(t, o.GetKind(), "AdmissionPolicy") // network policies are namespaced
	}
	without := template(t, "--set", "operator.enabled=false")
	for _, o := range without {
		require.NotContains(t, []string{"Deployment", "ServiceAccount", "ClusterRoleBinding", "Role", "Pod"}, o.GetKind())
	}
	find(t, without, "ClusterRole", "journeyman-install")
	find(t, without, "ValidatingAdmissionPolicy", "journeyman-operator-pods")
}

// Each dashboard of config/grafana is in a ConfigMap, unchanged.
func TestDashboardsMatchConfig(t *testing.T) {
	list := template(t, "--set", "dashboards.enabled=true")
	files, err := filepath.Glob("../config/grafana/*.json")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		name := filepath.Base(file)
		o := find(t, list, "ConfigMap", "journeyman-dashboard-"+strings.TrimSuffix(name, ".json"))
		require.Equal(t, "1", o.GetLabels()["grafana_dashboard"])
		data, _, err := unstructured.NestedStringMap(o.Object, "data")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"journeyman-" + name: string(want)}, data)
	}
}
