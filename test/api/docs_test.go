// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
)

var example = regexp.MustCompile("(?s)```yaml\n(apiVersion: journeyman[.]dev/.*?)```")

// The complete examples on the pages of the kinds are accepted as they stand.
func TestExamplesOfThePages(t *testing.T) {
	pages, err := filepath.Glob("../../docs/kinds/*.md")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, page := range pages {
		raw, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, found := range example.FindAllStringSubmatch(string(raw), -1) {
			obj := &unstructured.Unstructured{}
			require.NoError(t, yaml.Unmarshal([]byte(found[1]), &obj.Object), page)
			obj.SetNamespace("default")
			require.NoError(t, create(t.Context(), obj), page)
			require.Equal(t, strings.TrimSuffix(filepath.Base(page), ".md"), strings.ToLower(obj.GetKind()))
			seen[obj.GetKind()] = true
		}
	}
	require.Len(t, seen, 4, "each kind has a complete example")
}

// The expressions of the samples and of the pages compile.
func TestMappingsCompile(t *testing.T) {
	sources := 0
	compile := func(raw []byte, name string) {
		var source v1alpha1.TouchpointSource
		require.NoError(t, yaml.Unmarshal(raw, &source), name)
		_, err := mapping.Compile(source.Spec.Mapping)
		require.NoError(t, err, name)
		sources++
	}
	for _, sample := range samples(t) {
		if sample.GetKind() == "TouchpointSource" {
			raw, err := sample.MarshalJSON()
			require.NoError(t, err)
			compile(raw, sample.GetName())
		}
	}
	page, err := os.ReadFile("../../docs/kinds/touchpointsource.md")
	require.NoError(t, err)
	compile([]byte(example.FindStringSubmatch(string(page))[1]), "docs/kinds/touchpointsource.md")
	require.Equal(t, 6, sources)
}
