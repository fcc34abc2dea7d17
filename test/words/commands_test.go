// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package words

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

var (
	typed   = regexp.MustCompile("`((?:kubectl|helm|make) [^`]+)`")
	field   = regexp.MustCompile(`\.((?:spec|status)(?:\.[a-zA-Z]+)+)`)
	program = regexp.MustCompile(` -- /([a-z]+)`)
)

// kubernetes are resources of Kubernetes and of other projects that the pages use.
var kubernetes = strings.Fields(`
	apiservices applications certificate cm crd cronjob cronjobs deployment deployments endpointslices events
	gitrepositories helmrelease helmreleases job jobs kustomization kustomizations lease namespace namespaces
	networkpolicies networkpolicy node nodes pod podmonitors pods prometheuses pv pvc secret secrets service services
	statefulset storageclass svc validatingadmissionpolicybindings
`)

// command is a command on a page, without the commands that it is piped into.
type command struct{ page, text string }

// commands returns the commands on pages for users: lines of code and code spans that start with kubectl, helm or make.
func commands(t *testing.T) []command {
	t.Helper()
	var all []command
	for name, page := range markdown(t) {
		if strings.HasPrefix(name, "docs/adr/") || strings.HasPrefix(name, "hack/") || strings.HasPrefix(name, "test/") {
			continue
		}
		for _, l := range page.Lines {
			var found []string
			if l.Code {
				found = regexp.MustCompile(`&&|;| \| `).Split(strings.TrimPrefix(strings.TrimSpace(l.Text), "$ "), -1)
			}
			for _, m := range typed.FindAllStringSubmatch(l.Text, -1) {
				found = append(found, m[1])
			}
			for _, text := range found {
				text, _, _ = strings.Cut(strings.TrimSpace(text), " #")
				if w := strings.Fields(text); len(w) > 1 && slices.Contains([]string{"kubectl", "helm", "make"}, w[0]) {
					all = append(all, command{name, text})
				}
			}
		}
	}
	require.Greater(t, len(all), 150)
	return all
}

// What a command in the docs names exists: a target of make, a folder of config, a value of the chart, a resource with its fields, a program.
func TestCommandsNameWhatExists(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	kinds, values := readKinds(t), readYAML(t, "charts/journeyman/values.yaml")
	for _, c := range commands(t) {
		words := strings.Fields(c.text)
		for i, w := range words[1:] {
			before := words[i]
			switch {
			case words[0] == "make" && i == 0 && !strings.Contains(w, "="):
				if !strings.Contains(string(makefile), "\n"+w+":") {
					t.Errorf("%s: %q: there is no such target", c.page, c.text)
				}
			case strings.HasPrefix(w, "config/"), strings.HasPrefix(w, "charts/"):
				if _, err := os.Stat(filepath.Join(root, w)); err != nil {
					t.Errorf("%s: %q: %s does not exist", c.page, c.text, w)
				}
			case words[0] == "helm" && before == "--set":
				for pair := range strings.SplitSeq(w, ",") {
					key, _, _ := strings.Cut(pair, "=")
					if !has(values, strings.Split(key, ".")) {
						t.Errorf("%s: %q: the chart has no value %s", c.page, c.text, key)
					}
				}
			case words[0] == "kubectl" && slices.Contains([]string{"get", "describe", "delete", "explain", "annotate", "wait"}, before) && i <= 3 && words[1] != "auth":
				c.resources(t, w, kinds)
			}
		}
		if m := program.FindStringSubmatch(c.text); m != nil {
			require.DirExists(t, filepath.Join(root, "cmd", m[1]), c.text)
		}
	}
}

// resources checks the resources that a kubectl command names, and the fields of our kinds that it reads.
func (c command) resources(t *testing.T, names string, kinds map[string]map[string]any) {
	t.Helper()
	if strings.HasPrefix(names, "-") || strings.ContainsAny(names, "<…") || c.text == "kubectl explain" {
		return
	}
	for name := range strings.SplitSeq(names, ",") {
		name, _, _ = strings.Cut(name, "/")
		name, path, _ := strings.Cut(name, ".")
		schema, ours := kinds[strings.ToLower(name)]
		if !ours {
			if !slices.Contains(kubernetes, name) {
				t.Errorf("%s: %q: there is no resource %s", c.page, c.text, name)
			}
			continue
		}
		fields := []string{path}
		for _, m := range field.FindAllStringSubmatch(c.text, -1) {
			fields = append(fields, m[1])
		}
		for _, f := range fields {
			if schema != nil && f != "" && !inSchema(schema, strings.Split(f, ".")) {
				t.Errorf("%s: %q: %s has no field %s", c.page, c.text, name, f)
			}
		}
	}
}

func readYAML(t *testing.T, path string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, yaml.Unmarshal(raw, &out))
	return out
}

// readKinds returns the schema of each of our kinds by all names that kubectl accepts. A category has none.
func readKinds(t *testing.T) map[string]map[string]any {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "config/crd/bases/*.yaml"))
	require.NoError(t, err)
	require.Len(t, files, 4)
	kinds := map[string]map[string]any{}
	for _, file := range files {
		spec := readYAML(t, strings.TrimPrefix(file, root))["spec"].(map[string]any)
		names := spec["names"].(map[string]any)
		schema := spec["versions"].([]any)[0].(map[string]any)["schema"].(map[string]any)["openAPIV3Schema"].(map[string]any)
		for _, n := range append(names["shortNames"].([]any), names["plural"], names["singular"]) {
			kinds[n.(string)] = schema
		}
		for _, n := range names["categories"].([]any) {
			kinds[n.(string)] = nil
		}
	}
	return kinds
}

// has reports whether values contain a path. Everything in an empty map is allowed, because users set it.
func has(values map[string]any, path []string) bool {
	v, ok := values[path[0]]
	if !ok || len(path) == 1 {
		return ok
	}
	below, ok := v.(map[string]any)
	return ok && (len(below) == 0 || has(below, path[1:]))
}

// inSchema reports whether a schema has the path, also through lists.
func inSchema(schema map[string]any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	if items, ok := schema["items"].(map[string]any); ok {
		return inSchema(items, path)
	}
	properties, _ := schema["properties"].(map[string]any)
	below, ok := properties[path[0]].(map[string]any)
	return ok && inSchema(below, path[1:])
}
