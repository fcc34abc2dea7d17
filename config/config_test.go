// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package config_test tests the manifests that no API server checks: Argo CD's health script, Prometheus' alerts
// and the aggregated roles.
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
	lua "github.com/yuin/gopher-lua"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// health runs the script as Argo CD does: with the object in the global variable obj.
func health(t *testing.T, object *lua.LTable) (status, message string) {
	t.Helper()
	state := lua.NewState()
	defer state.Close()
	state.SetGlobal("obj", object)
	require.NoError(t, state.DoFile("argocd/health.lua"))
	result, ok := state.Get(-1).(*lua.LTable)
	require.True(t, ok)
	return result.RawGetString("status").String(), result.RawGetString("message").String()
}

func table(pairs ...any) *lua.LTable {
	t := &lua.LTable{}
	for i := 0; i < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		switch v := pairs[i+1].(type) {
		case int:
			t.RawSetString(key, lua.LNumber(v))
		case string:
			t.RawSetString(key, lua.LString(v))
		case *lua.LTable:
			t.RawSetString(key, v)
		}
	}
	return t
}

func conditions(list ...string) *lua.LTable {
	t := &lua.LTable{}
	for _, c := range list {
		kind, status, _ := strings.Cut(c, "=")
		t.Append(table("type", kind, "status", status, "message", "about "+kind))
	}
	return t
}

func TestArgoHealth(t *testing.T) {
	for name, tc := range map[string]struct {
		status *lua.LTable
		want   string
		says   string
	}{
		"new":               {nil, "Progressing", "Waiting"},
		"not looked at":     {table("observedGeneration", 2), "Progressing", "Waiting"},
		"old generation":    {table("observedGeneration", 1, "conditions", conditions("Ready=True")), "Progressing", "Waiting"},
		"first write":       {table("observedGeneration", 2, "conditions", conditions("Ready=Unknown", "Reconciling=True")), "Progressing", "about Ready"},
		"stalled":           {table("observedGeneration", 2, "conditions", conditions("Ready=False", "Stalled=True")), "Degraded", "about Stalled"},
		"ready":             {table("observedGeneration", 2, "conditions", conditions("Ready=True")), "Healthy", "about Ready"},
		"stale, but ready":  {table("observedGeneration", 2, "conditions", conditions("Ready=True", "Fresh=False")), "Healthy", "about Ready"},
		"apply is refused":  {table("observedGeneration", 2, "conditions", conditions("Ready=False", "Reconciling=True")), "Progressing", "about Ready"},
		"no longer stalled": {table("observedGeneration", 2, "conditions", conditions("Stalled=False", "Ready=True")), "Healthy", "about Ready"},
	} {
		t.Run(name, func(t *testing.T) {
			object := table("metadata", table("generation", 2))
			if tc.status != nil {
				object.RawSetString("status", tc.status)
			}
			status, message := health(t, object)
			require.Equal(t, tc.want, status)
			require.Contains(t, message, tc.says)
		})
	}
}

// TestAggregatedRoles checks who may write what: everybody who may edit a namespace all kinds but TouchpointSources.
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

// TestAlertsNameRealSeries looks up every series of the alerts in the sources: an alert on a series that
// nobody writes never fires, and nobody notices.
func TestAlertsNameRealSeries(t *testing.T) {
	alerts, err := os.ReadFile("prometheus/alerts.yaml")
	require.NoError(t, err)
	series := regexp.MustCompile(`\bjourneyman_[a-z_]+`).FindAllString(string(alerts), -1)
	require.NotEmpty(t, series)
	sources := goSources(t)
	for _, name := range series {
		// Programs put their prefix before the names: "journeyman_store_" and "seq".
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
