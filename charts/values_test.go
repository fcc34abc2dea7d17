// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// values.yaml and the schema have the same keys. Objects accept unknown keys only if users or Kubernetes define the keys.
func TestSchemaMatchesValues(t *testing.T) {
	var schema map[string]any
	raw, err := os.ReadFile(filepath.Join(chart, "values.schema.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &schema))
	sameKeys(t, "", values(t), schema)
}

// values returns the default values of the chart.
func values(t *testing.T) (all map[string]any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(chart, "values.yaml"))
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalStrict(raw, &all))
	require.NotEmpty(t, all)
	return all
}

// sameKeys compares a mapping with its schema.
func sameKeys(t *testing.T, path string, values, schema map[string]any) {
	t.Helper()
	properties, ok := schema["properties"].(map[string]any)
	require.True(t, ok, "%s has no properties in the schema", path)
	require.Equal(t, false, schema["additionalProperties"], "%s takes keys that nobody knows", path)
	require.Equal(t, slices.Sorted(maps.Keys(properties)), slices.Sorted(maps.Keys(values)), "keys of %q: schema, values.yaml", path)
	for key, value := range values {
		below, isMap := value.(map[string]any)
		// fields of Kubernetes need no default
		if isMap && len(below) > 0 && key != "resources" {
			sameKeys(t, strings.TrimPrefix(path+"."+key, "."), below, properties[key].(map[string]any))
		}
	}
}

// Helm refuses invalid values, with an error that names the value.
func TestRefusedValues(t *testing.T) {
	for set, names := range map[string]string{
		"mode=everywhere":                        "mode",
		"networkPolicy.egress=Shut":              "egress",
		"networkPolicy.egress=Closed":            "apiServerCIDRs",
		"networkPolicy.dnsCIDRs[0]=10.0.0.1":     "dnsCIDRs",
		"networkPolicy.metricsFrom[0].pods=x":    "metricsFrom",
		"egress.permittedCIDRs[0]=10.0.0.1":      "permittedCIDRs",
		"replicas=0":                             "replicas",
		"replicas=1.5":                           "replicas",
		"replicaCount=2":                         "replicaCount",
		"image.registry=example.com":             "registry",
		"image.digest=sha256:abc":                "digest",
		"image.pullPolicy=Sometimes":             "pullPolicy",
		"image.repository=":                      "repository",
		"imagePullSecrets[0].name=registry":      "imagePullSecrets",
		"imagePullSecrets={My_Secret}":           "imagePullSecrets",
		"imagePullSecrets={a,a}":                 "imagePullSecrets",
		"podUser=root":                           "podUser",
		"rollout=Never":                          "rollout",
		"log.level=loud":                         "level",
		"extraArgs={leader-elect}":               "extraArgs",
		"resources.memory=1Gi":                   "memory",
		"memoryTarget=512Mi":                     "memoryTarget",
		"podDisruptionBudget.maxUnavailable=0":   "maxUnavailable",
		"podDisruptionBudget.minAvailable=1":     "minAvailable",
		"tolerations[0].efect=NoSchedule":        "efect",
		"tolerations[0].effect=NoGo":             "effect",
		"affinity.podAffinities.a=b":             "podAffinities",
		"topologySpreadConstraints[0].maxSkew=1": "topologySpreadConstraints",
		"labels.replicas=3":                      "labels",
		"crds.keep=false":                        "keep",
		"sampleData.namespace=Shop":              "namespace",
		"metrics.certificateSecret=tls/secret":   "certificateSecret",
		"serviceAccount.name=other":              "serviceAccount",
		"prometheus.enabled=yes please":          "prometheus",
		"prometheus.label.release=x":             "label",
		"prometheus.alerts.runbooks=wiki":        "runbooks",
		"priorityClassName=Very High":            "priorityClassName",
		"nodeSelector.pool=1":                    "nodeSelector",
		"operator=true":                          "operator",
		"policy.enabled=":                        "policy",
		"extraEnv[0].value=x":                    "extraEnv",
	} {
		t.Run(set, func(t *testing.T) {
			_, err := helm(t, "template", release, chart, "--set", set)
			require.Error(t, err)
			require.ErrorContains(t, err, "values don't meet the specifications of the schema")
			require.ErrorContains(t, err, names)
		})
	}
}

// Each value changes the objects: the test sets each one alone to its value in everything.values.yaml. A value that nothing reads would be
// misleading.
func TestEveryValueHasAnEffect(t *testing.T) {
	raw, err := os.ReadFile("testdata/everything.values.yaml")
	require.NoError(t, err)
	var everything map[string]any
	require.NoError(t, yaml.UnmarshalStrict(raw, &everything))
	set := map[string]string{
		"mode": "namespaced", "operator.enabled": "false", "crds.enabled": "false", "rbac.aggregated": "false", "policy.enabled": "false",
		"metrics.enabled": "false", "networkPolicy.enabled": "false", "podDisruptionBudget.enabled": "false", "image.tag": "v2",
		"prometheus.alerts.enabled": "false",
	}
	for key := range values(t) {
		if key != "mode" && key != "global" {
			require.Contains(t, everything, key, "everything.values.yaml")
		}
	}
	bases := map[string]string{}
	seen := map[string]bool{}
	check := func(path string, args ...string) {
		base := []string{"template", release, chart, "--namespace", namespace, "--set-json", "replicas=2"}
		// Values of a part that is disabled by default are tested with the part enabled.
		if part, _, _ := strings.Cut(path, "."); (part == "prometheus" || part == "dashboards") && path != part+".enabled" {
			base = append(base, "--set", part+".enabled=true")
		}
		key := strings.Join(base, " ")
		if bases[key] == "" {
			out, err := helm(t, base...)
			require.NoError(t, err)
			bases[key] = out
		}
		out, err := helm(t, append(base, args...)...)
		require.NoError(t, err)
		require.NotEqual(t, bases[key], out, "%s changes nothing", path)
		seen[path] = true
	}
	for _, path := range slices.Sorted(maps.Keys(set)) {
		check(path, "--set", path+"="+set[path])
	}
	// The networks of closed egress have no effect while egress is open.
	closed := []string{"--set-json", "networkPolicy=" + asJSON(t, everything["networkPolicy"])}
	for path, other := range map[string]string{"egress": `"Open"`, "apiServerCIDRs": `["10.0.0.1/32"]`, "dnsCIDRs": "[]", "metricsFrom": "[]"} {
		require.NotEqual(t, string(text(t, template(t, closed...))),
			string(text(t, template(t, append(closed, "--set-json", "networkPolicy."+path+"="+other)...))), "networkPolicy.%s changes nothing", path)
		seen["networkPolicy."+path] = true
	}
	for key, value := range everything {
		below, isMap := value.(map[string]any)
		if !isMap || key == "nodeSelector" || key == "affinity" || key == "resources" || strings.HasSuffix(strings.ToLower(key), "labels") ||
			strings.HasSuffix(strings.ToLower(key), "annotations") {
			checkJSON(t, check, key, key, value)
			continue
		}
		for k, v := range below {
			if path := key + "." + k; !seen[path] && path != "sampleData.namespace" && path != "sampleData.caSecret" {
				checkJSON(t, check, path, path, v)
			}
		}
	}
}

func checkJSON(t *testing.T, check func(string, ...string), name, path string, value any) {
	t.Helper()
	check(name, "--set-json", path+"="+asJSON(t, value))
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return string(raw)
}
