// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// releases returns the folders with the manifests of released versions: make fixtures VERSION=v1.2.3.
func releases(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("../test/released/v*.*.*/manifests")
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	return dirs
}

// manifest returns the objects of a manifest of a release.
func manifest(t *testing.T, dir, name string) []*unstructured.Unstructured {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name+".yaml.gz"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return objects(t, string(text))
}

// leftBehind is an object that a later release no longer installs. Reason says why, and what users do with it.
type leftBehind struct{ Kind, Name, Reason string }

// The current manifests have all objects of a release, so that none is left behind, and do not change immutable fields.
func TestUpgradeOfTheManifests(t *testing.T) {
	for _, dir := range releases(t) {
		var left []leftBehind
		if text, err := os.ReadFile(filepath.Join(dir, "left-behind.yaml")); err == nil {
			require.NoError(t, yaml.UnmarshalStrict(text, &left))
		}
		for name, today := range map[string][]*unstructured.Unstructured{"chart": template(t), "install": kustomize(t, "../config/default")} {
			for _, was := range manifest(t, dir, name) {
				if slices.ContainsFunc(left, func(l leftBehind) bool { return l.Kind == was.GetKind() && l.Name == was.GetName() }) {
					continue
				}
				at := slices.IndexFunc(today, func(o *unstructured.Unstructured) bool { return whole(o) == whole(was) })
				require.GreaterOrEqual(t, at, 0, "%s: %s is left behind; if that is meant, write it into left-behind.yaml with the reason", name, whole(was))
				for _, path := range frozen[was.GetKind()] {
					a, _, err := unstructured.NestedFieldNoCopy(was.Object, path...)
					require.NoError(t, err)
					b, _, err := unstructured.NestedFieldNoCopy(today[at].Object, path...)
					require.NoError(t, err)
					require.Empty(t, cmp.Diff(a, b), "%s: %v", whole(was), path)
				}
			}
		}
	}
}

// whole returns the full name of an object. Some versions of kustomize give these policies a namespace, although they are cluster-scoped.
func whole(o *unstructured.Unstructured) string {
	if strings.HasPrefix(o.GetKind(), "ValidatingAdmissionPolicy") {
		return o.GetKind() + " " + o.GetName()
	}
	return o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
}

// frozen are the immutable fields by kind.
var frozen = map[string][][]string{
	"Deployment": {{"spec", "selector"}}, "ClusterRoleBinding": {{"roleRef"}}, "RoleBinding": {{"roleRef"}},
	"CustomResourceDefinition": {{"spec", "names"}, {"spec", "scope"}, {"spec", "group"}},
}

// The current CRDs have every version and field of released CRDs with the same type, so that stored objects stay readable.
func TestCRDsKeepWhatReleasesHad(t *testing.T) {
	for _, dir := range releases(t) {
		today := kustomize(t, "../config/crd")
		for _, was := range manifest(t, dir, "crds") {
			is := schemas(t, find(t, today, was.GetKind(), was.GetName()))
			for version, schema := range schemas(t, was) {
				require.Contains(t, is, version, "%s: a version that was stored is served until nothing is stored in it", was.GetName())
				keeps(t, was.GetName()+" "+version, schema, is[version])
			}
		}
	}
}

// schemas returns the schemas of a CRD by version.
func schemas(t *testing.T, crd *unstructured.Unstructured) map[string]any {
	t.Helper()
	versions, found, err := unstructured.NestedSlice(crd.Object, "spec", "versions")
	require.NoError(t, err)
	require.True(t, found)
	out := map[string]any{}
	for _, v := range versions {
		version := v.(map[string]any)
		require.Equal(t, true, version["served"])
		out[version["name"].(string)] = version["schema"].(map[string]any)["openAPIV3Schema"]
	}
	return out
}

// keeps compares types and properties of two schemas.
func keeps(t *testing.T, path string, was, is any) {
	t.Helper()
	before, ok := was.(map[string]any)
	if !ok {
		return
	}
	after, ok := is.(map[string]any)
	require.True(t, ok, "%s is not there any more", path)
	require.Equal(t, before["type"], after["type"], path)
	require.Subset(t, list(after["enum"]), list(before["enum"]), "%s: a value that was allowed", path)
	for _, part := range []string{"items", "additionalProperties"} {
		if before[part] != nil {
			keeps(t, path+"."+part, before[part], after[part])
		}
	}
	properties, _ := before["properties"].(map[string]any)
	others, _ := after["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		keeps(t, fmt.Sprint(path, ".", name), properties[name], others[name])
	}
	for _, name := range list(after["required"]) {
		require.Contains(t, list(before["required"]), name, "%s: a field that was optional", path)
	}
}

func list(value any) []any {
	l, _ := value.([]any)
	return l
}

// The changelog has a section for the version of the chart, and the app has the same version.
func TestChangelogHasTheVersion(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(chart, "Chart.yaml"))
	require.NoError(t, err)
	var c struct{ Version, AppVersion string }
	require.NoError(t, yaml.Unmarshal(text, &c))
	require.Equal(t, c.Version, c.AppVersion)
	changes, err := os.ReadFile("../CHANGELOG.md")
	require.NoError(t, err)
	require.Contains(t, string(changes), "\n## ["+c.Version+"] - 20")
}
