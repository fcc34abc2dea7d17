// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package config_test tests the manifests that no API server validates: Argo CD's health script, Prometheus' alerts, and aggregated roles.
package config_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/test/argo"
	"github.com/journeyman-dev/journeyman/test/page"
)

// conditions parses conditions such as "Ready=True". Each gets a message.
func conditions(list ...string) []any {
	all := make([]any, 0, len(list))
	for _, c := range list {
		kind, status, _ := strings.Cut(c, "=")
		all = append(all, map[string]any{"type": kind, "status": status, "message": "about " + kind})
	}
	return all
}

func TestArgoHealth(t *testing.T) {
	type fields = map[string]any
	seen := func(generation int64, list ...string) fields {
		return fields{"observedGeneration": generation, "conditions": conditions(list...)}
	}
	off := fields{"suspend": true}
	for name, tc := range map[string]struct {
		spec, status fields
		want         string
		says         string
	}{
		"new":                          {nil, nil, argo.Progressing, "Waiting"},
		"not looked at":                {nil, fields{"observedGeneration": int64(2)}, argo.Progressing, "Waiting"},
		"old generation":               {nil, seen(1, "Ready=True"), argo.Progressing, "Waiting"},
		"first write":                  {nil, seen(2, "Ready=Unknown", "Reconciling=True"), argo.Progressing, "about Ready"},
		"stalled":                      {nil, seen(2, "Ready=False", "Stalled=True"), argo.Degraded, "about Stalled"},
		"ready":                        {fields{"suspend": false}, seen(2, "Ready=True"), argo.Healthy, "about Ready"},
		"stale, but ready":             {nil, seen(2, "Ready=True", "Fresh=False"), argo.Healthy, "about Ready"},
		"apply is refused":             {nil, seen(2, "Ready=False", "Reconciling=True"), argo.Progressing, "about Ready"},
		"no longer stalled":            {nil, seen(2, "Stalled=False", "Ready=True"), argo.Healthy, "about Ready"},
		"suspended source":             {off, seen(2, "Ready=True"), argo.Suspended, "suspend is set"},
		"suspended map":                {fields{"analysis": off}, seen(2, "Ready=True"), argo.Suspended, "suspend is set"},
		"suspension not yet looked at": {off, seen(1, "Ready=True"), argo.Progressing, "Waiting"},
		"suspended and refused":        {off, seen(2, "Ready=False", "Stalled=True"), argo.Degraded, "about Stalled"},
	} {
		t.Run(name, func(t *testing.T) {
			script, err := os.ReadFile("argocd/health.lua")
			require.NoError(t, err)
			object := &unstructured.Unstructured{Object: fields{"metadata": fields{"generation": int64(2)}}}
			for key, part := range map[string]fields{"spec": tc.spec, "status": tc.status} {
				if part != nil {
					object.Object[key] = part
				}
			}
			status, message, err := argo.Health(string(script), object)
			require.NoError(t, err)
			require.Equal(t, tc.want, status)
			require.Contains(t, message, tc.says)
		})
	}
}

// Users who can edit a namespace can write all kinds except TouchpointSources.
func TestAggregatedRoles(t *testing.T) {
	writes, reads := map[string][]string{}, map[string][]string{}
	for _, level := range []string{"view", "edit", "admin"} {
		text, err := os.ReadFile("rbac/aggregated/" + level + ".yaml")
		require.NoError(t, err)
		var role rbacv1.ClusterRole
		require.NoError(t, yaml.UnmarshalStrict(text, &role))
		require.Equal(t, map[string]string{
			"app.kubernetes.io/name": "journeyman", "rbac.authorization.k8s.io/aggregate-to-" + level: "true",
		}, role.Labels)
		for _, rule := range role.Rules {
			require.Equal(t, []string{"journeyman.dev"}, rule.APIGroups)
			if slices.Contains(rule.Verbs, "get") {
				reads[level] = append(reads[level], rule.Resources...)
			}
			if slices.Contains(rule.Verbs, "patch") {
				writes[level] = append(writes[level], rule.Resources...)
			}
		}
	}
	require.Empty(t, writes["view"])
	require.ElementsMatch(t, []string{"eventstores", "journeymaps", "metricreports"}, writes["edit"])
	require.Equal(t, []string{"touchpointsources"}, writes["admin"])
	require.Subset(t, reads["view"], append(writes["edit"], writes["admin"]...), "who may write may read")
}

// The code has every series that an alert uses. An alert on a missing series would never fire.
func TestAlertsUseExistingSeries(t *testing.T) {
	alerts, err := os.ReadFile("prometheus/rules/journeyman.yaml") // all PrometheusRules
	require.NoError(t, err)
	series := regexp.MustCompile(`\bjourneyman_[a-z_]+`).FindAllString(string(alerts), -1)
	require.NotEmpty(t, series)
	sources := goSources(t)
	for _, name := range series {
		// programs add their prefix to the names: "journeyman_store_" and "seq"
		short := regexp.MustCompile(`^journeyman_(store|ingest)_`).ReplaceAllString(name, "")
		require.True(t, strings.Contains(sources, `"`+name+`"`) || strings.Contains(sources, `("`+short+`"`), "no program writes %s", name)
	}
}

func goSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir("../internal", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	}))
	return all.String()
}

// The ConfigMap on the page for Argo CD is the one that kustomize builds from config/argocd.
func TestArgoPage(t *testing.T) {
	files, err := page.Files("../docs/gitops/argocd.md")
	require.NoError(t, err)
	var shown corev1.ConfigMap
	require.NoError(t, yaml.UnmarshalStrict([]byte(files["argocd-cm.yaml"]), &shown))
	text, err := os.ReadFile("argocd/kustomization.yaml")
	require.NoError(t, err)
	var kustomization struct {
		ConfigMapGenerator []struct {
			Name, Namespace string
			Files           []string
		} `json:"configMapGenerator"`
		Labels []struct{ Pairs map[string]string }
	}
	require.NoError(t, yaml.Unmarshal(text, &kustomization))
	made := kustomization.ConfigMapGenerator[0]
	require.Equal(t, []string{made.Name, made.Namespace}, []string{shown.Name, shown.Namespace})
	require.Equal(t, kustomization.Labels[0].Pairs, shown.Labels, "Argo CD reads no ConfigMap without its label")
	require.Len(t, shown.Data, len(made.Files))
	for _, f := range made.Files {
		key, file, _ := strings.Cut(f, "=")
		content, err := os.ReadFile("argocd/" + file)
		require.NoError(t, err)
		require.Equal(t, string(content), shown.Data[key], key)
	}
}
