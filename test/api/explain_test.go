// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/discovery"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// node is a part of the OpenAPI document that kubectl explain reads.
type node struct {
	Description string          `json:"description"`
	Ref         string          `json:"$ref"`
	Properties  map[string]node `json:"properties"`
	Items       *node           `json:"items"`
	AllOf       []node          `json:"allOf"`
	// AdditionalProperties is a schema. It could be a bool, but not in our kinds.
	AdditionalProperties *node `json:"additionalProperties"`
}

var _ = Describe("kubectl explain", suite.Fast, func() {
	It("has a text for every field of every kind", func(ctx SpecContext) {
		published := openAPI(ctx)
		fields := 0
		for _, kind := range []string{"EventStore", "TouchpointSource", "JourneyMap", "MetricReport"} {
			root := published["dev.journeyman.v1alpha1."+kind]
			Expect(root.Description).NotTo(BeEmpty(), "%v", kind)
			fields += explained(kind, root)
		}
		Expect(fields).To(BeNumerically(">", 300), "the walk saw too few fields to be right")
	})
})

// explained counts the fields of a node, and fails for each field without a description.
func explained(path string, n node) int {
	GinkgoHelper()
	count := 0
	for name, p := range n.Properties {
		at := path + "." + name
		count++
		Expect(p.Description != "" || p.Ref != "" || len(p.AllOf) > 0).To(BeTrue(), "kubectl explain has no text for %s", at)
		count += explained(at, p)
	}
	if n.Items != nil {
		count += explained(path, *n.Items)
	}
	if n.AdditionalProperties != nil {
		count += explained(path, *n.AdditionalProperties)
	}
	return count
}

// openAPI returns the schemas of the group. The API server publishes new CRDs after a short time.
func openAPI(ctx context.Context) map[string]node {
	GinkgoHelper()
	d, err := discovery.NewDiscoveryClientForConfig(restConfig)
	Expect(err).NotTo(HaveOccurred())
	var doc struct {
		Components struct {
			Schemas map[string]node `json:"schemas"`
		} `json:"components"`
	}
	Eventually(ctx, func(g Gomega) {
		raw, err := d.RESTClient().Get().AbsPath("/openapi/v3/apis/journeyman.dev/v1alpha1").Do(ctx).Raw()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(json.Unmarshal(raw, &doc)).To(Succeed())
		g.Expect(string(raw)).To(ContainSubstring("v1alpha1.MetricReport\""))
		g.Expect(len(doc.Components.Schemas)).To(BeNumerically(">", 4))
	}).Should(Succeed())
	return doc.Components.Schemas
}
