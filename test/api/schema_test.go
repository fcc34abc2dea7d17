// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

type schema = apiextensionsv1.JSONSchemaProps

// Steps of a path other than names of fields.
const (
	anyItem = "[]"
	anyKey  = "{}"
)

// crds returns the CRDs by kind, in lower case.
func crds() map[string]*apiextensionsv1.CustomResourceDefinition {
	found := map[string]*apiextensionsv1.CustomResourceDefinition{}
	for _, f := range must(filepath.Glob(filepath.Join(crdDir, "*.yaml"))) {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		must0(yaml.UnmarshalStrict(must(os.ReadFile(f)), crd))
		found[crd.Spec.Names.Singular] = crd
	}
	if len(found) != 4 {
		panic(fmt.Sprintf("%d CRDs, and four kinds", len(found)))
	}
	return found
}

// schemas returns the schemas by kind, in lower case. Specs are generated from them, so an error panics.
func schemas() map[string]schema {
	found := map[string]schema{}
	for kind, crd := range crds() {
		if len(crd.Spec.Versions) != 1 {
			panic(kind + " has not one version")
		}
		found[kind] = *crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	}
	return found
}

// walk visits a schema and all its subschemas, in a stable order.
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

var _ = Describe("The schemas", suite.Fast, func() {
	// Without maximum, an object could grow without limit.
	It("have a maximum for every list and string, and no defaults", func() {
		for kind, root := range schemas() {
			walk(root, nil, func(path []string, s schema) {
				if len(path) < 2 {
					return
				}
				where := kind + " " + dotted(path)
				switch {
				case s.XIntOrString || s.Format == "date-time":
				case s.Type == "string" && len(s.Enum) == 0 && path[len(path)-1] != anyKey:
					Expect(s.MaxLength).NotTo(BeNil(), "%s has no maxLength", where)
				case s.Type == "array":
					Expect(s.MaxItems).NotTo(BeNil(), "%s has no maxItems", where)
					Expect(s.XListType).NotTo(BeNil(), "%s has no list type, so that a merge replaces it by accident", where)
				case s.Type == "object" && s.AdditionalProperties != nil:
					Expect(s.MaxProperties).NotTo(BeNil(), "%s has no maxProperties", where)
				case s.Type == "number":
					Fail(where + " is a float: ratios and money are decimal strings")
				}
				Expect(s.Default).To(BeNil(), "%s has a default, which drifts in GitOps", where)
				Expect(s.XPreserveUnknownFields).To(BeNil(), "%s lets unknown fields in", where)
			})
		}
	})
})
