// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

const recipes = "../../docs/examples/monitoring"

// Argo CD's notifications are text templates over the Application. The template of the recipe names the degraded objects, with the message of their
// condition.
func TestArgoNotificationNamesDegradedObjects(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(recipes, "argocd-notifications.yaml"))
	require.NoError(t, err)
	var config corev1.ConfigMap
	require.NoError(t, yaml.UnmarshalStrict(text, &config))
	var notification struct {
		Message string
		Webhook map[string]struct{ Method, Body string }
	}
	require.NoError(t, yaml.UnmarshalStrict([]byte(config.Data["template.journeys-degraded"]), &notification))
	resource := func(kind, name, status, message string) map[string]any {
		return map[string]any{"kind": kind, "namespace": "shop", "name": name, "health": map[string]any{"status": status, "message": message}}
	}
	app := map[string]any{
		"metadata": map[string]any{"name": "journeys"},
		"status": map[string]any{"resources": []any{
			resource("EventStore", "default", "Healthy", "The spec is accepted."),
			resource("JourneyMap", "retail", "Degraded", "spec.analysis.schedule is no cron line."),
			map[string]any{"kind": "Secret", "namespace": "shop", "name": "key"},
		}},
	}
	render := func(text string) string {
		functions := template.FuncMap{"toJson": func(v any) (string, error) {
			raw, err := json.Marshal(v)
			return string(raw), err
		}}
		var out strings.Builder
		require.NoError(t, template.Must(template.New("").Funcs(functions).Parse(text)).Execute(&out, map[string]any{"app": app}))
		return out.String()
	}
	message := render(notification.Message)
	require.Contains(t, message, "JourneyMap shop/retail: spec.analysis.schedule is no cron line.")
	require.NotContains(t, message, "EventStore")
	require.JSONEq(t, `{"text": "Application journeys is degraded"}`, render(notification.Webhook["chat"].Body))
	require.Contains(t, config.Data["trigger.on-journeys-degraded"], "send: [journeys-degraded]")
}

// Every alert that a recipe names exists, and every file of the recipes is on the page.
func TestRecipesNameExistingAlerts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(recipes, "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	page, err := os.ReadFile("../../docs/monitoring.md")
	require.NoError(t, err)
	all := alerts(t)
	for _, f := range files {
		require.Contains(t, string(page), "(examples/monitoring/"+filepath.Base(f)+")")
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, name := range alertNamed.FindAllString(string(text), -1) {
			require.True(t, named(all, name), "%s names %s", f, name)
		}
	}
}

// named reports whether an alert has the name or, for a pattern, starts with it.
func named(all map[string]alert, name string) bool {
	for a := range all {
		if a == name || strings.HasSuffix(name, ".*") && strings.HasPrefix(a, strings.TrimSuffix(name, ".*")) {
			return true
		}
	}
	return false
}
