// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var example = regexp.MustCompile("(?s)```yaml\n(apiVersion: journeyman[.]dev/.*?)```")

var _ = Describe("The pages of the kinds", suite.Fast, func() {
	It("have complete examples that the API server accepts", func(ctx SpecContext) {
		pages, err := filepath.Glob("../../docs/kinds/*.md")
		Expect(err).NotTo(HaveOccurred())
		seen := map[string]bool{}
		for _, page := range pages {
			raw, err := os.ReadFile(page)
			Expect(err).NotTo(HaveOccurred())
			for _, found := range example.FindAllStringSubmatch(string(raw), -1) {
				obj := &unstructured.Unstructured{}
				Expect(yaml.Unmarshal([]byte(found[1]), &obj.Object)).To(Succeed(), "%v", page)
				obj.SetNamespace("default")
				Expect(create(ctx, obj)).To(Succeed(), "%v", page)
				Expect(strings.ToLower(obj.GetKind())).To(Equal(strings.TrimSuffix(filepath.Base(page), ".md")))
				seen[obj.GetKind()] = true
			}
		}
		Expect(seen).To(HaveLen(4), "each kind has a complete example")
	})

	It("have CEL expressions that compile, as the samples do", func() {
		sources := 0
		compile := func(raw []byte, name string) {
			var source v1alpha1.TouchpointSource
			Expect(yaml.Unmarshal(raw, &source)).To(Succeed(), "%v", name)
			_, err := mapping.Compile(source.Spec.Mapping)
			Expect(err).NotTo(HaveOccurred(), "%v", name)
			sources++
		}
		for _, sample := range samples("") {
			if sample.GetKind() == "TouchpointSource" {
				raw, err := sample.MarshalJSON()
				Expect(err).NotTo(HaveOccurred())
				compile(raw, sample.GetName())
			}
		}
		page, err := os.ReadFile("../../docs/kinds/touchpointsource.md")
		Expect(err).NotTo(HaveOccurred())
		compile([]byte(example.FindStringSubmatch(string(page))[1]), "docs/kinds/touchpointsource.md")
		Expect(sources).To(Equal(6))
	})
})
