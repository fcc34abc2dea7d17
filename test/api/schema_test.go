// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

type schema = apiextensionsv1.JSONSchemaProps

// Steps of a path that are no field names.
const (
	anyItem = "[]"
	anyKey  = "{}"
)

// crds reads the CRDs by the kind in small letters.
func crds(t *testing.T) map[string]*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(crdDir, "*.yaml"))
	require.NoError(t, err)
	require.Len(t, files, 4)
	found := map[string]*apiextensionsv1.CustomResourceDefinition{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		crd := &apiextensionsv1.CustomResourceDefinition{}
		require.NoError(t, yaml.UnmarshalStrict(raw, crd))
		found[crd.Spec.Names.Singular] = crd
	}
	return found
}

// schemas of the kinds, by the kind in small letters.
func schemas(t *testing.T) map[string]schema {
	t.Helper()
	found := map[string]schema{}
	for kind, crd := range crds(t) {
		require.Len(t, crd.Spec.Versions, 1)
		found[kind] = *crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	}
	return found
}

// walk visits a schema and all below it, in a stable order.
func walk(s schema, path []string, visit func(path []string, s schema)) {
	visit(path, s)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		walk(s.Properties[name], append(slices.Clone(path), name), visit)
	}
	if s.Items != nil {
		walk(*s.Items.Schema, append(slices.Clone(path), anyItem), visit)
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		walk(*s.AdditionalProperties.Schema, append(slices.Clone(path), anyKey), visit)
	}
}

func dotted(path []string) string { return strings.Join(path, ".") }

// Lists and strings that nobody bounds let an object grow without limit, so every one has a maximum.
func TestEverythingIsBounded(t *testing.T) {
	for kind, root := range schemas(t) {
		walk(root, nil, func(path []string, s schema) {
			if len(path) < 2 {
				return
			}
			where := kind + " " + dotted(path)
			switch {
			case s.XIntOrString || s.Format == "date-time":
			case s.Type == "string" && len(s.Enum) == 0 && path[len(path)-1] != anyKey:
				require.NotNil(t, s.MaxLength, "%s has no maxLength", where)
			case s.Type == "array":
				require.NotNil(t, s.MaxItems, "%s has no maxItems", where)
				require.NotNil(t, s.XListType, "%s has no list type, so that a merge replaces it by accident", where)
			case s.Type == "object" && s.AdditionalProperties != nil:
				require.NotNil(t, s.MaxProperties, "%s has no maxProperties", where)
			case s.Type == "number":
				t.Errorf("%s is a float: ratios and money are decimal strings", where)
			}
			require.Nil(t, s.Default, "%s has a default, which drifts in GitOps", where)
			require.Nil(t, s.XPreserveUnknownFields, "%s lets unknown fields in", where)
		})
	}
}
