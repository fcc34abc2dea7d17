// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"
)

var _ = Describe("What is for monitoring", Ordered, Label("apiserver", "monitoring"), func() {
	var strict client.Client

	// An API server of its own: that of the other specs must not know these kinds.
	BeforeAll(func(ctx context.Context) {
		crds := os.Getenv("JOURNEYMAN_CRDS")
		if crds == "" {
			Skip("JOURNEYMAN_CRDS does not say where the CRDs of the Prometheus operator and of Argo Rollouts are, nor the others: run hack/tools/crds.sh")
		}
		environment := &envtest.Environment{CRDDirectoryPaths: []string{crds}, ErrorIfCRDPathMissing: true}
		config, err := environment.Start()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(environment.Stop)
		strict = strictClient(config)
		Expect(strict.Create(ctx, namespace("journeyman-system"))).To(Succeed())
	})

	taken := func(ctx context.Context, o *unstructured.Unstructured) {
		GinkgoHelper()
		o.SetNamespace("journeyman-system")
		Expect(strict.Create(ctx, o, client.DryRunAll)).To(Succeed(), "%s %s", o.GetKind(), o.GetName())
	}

	for _, values := range []string{"namespaced", "everything"} {
		It("is taken by the API of the Prometheus operator, with the values "+values, func(ctx context.Context) {
			kinds := map[string]int{}
			for _, o := range render(values) {
				if o.GroupVersionKind().Group == "monitoring.coreos.com" {
					taken(ctx, o)
					kinds[o.GetKind()]++
				}
			}
			Expect(kinds).To(Equal(map[string]int{"PodMonitor": 2, "PrometheusRule": 2}))
		})
	}

	It("is taken by the API of Flagger", func(ctx context.Context) {
		text, err := os.ReadFile(filepath.Join("../../docs/examples/monitoring", "metrictemplate.yaml"))
		Expect(err).NotTo(HaveOccurred())
		kinds := []string{}
		for _, document := range strings.Split(string(text), "\n---\n") {
			o := &unstructured.Unstructured{}
			Expect(yaml.Unmarshal([]byte(document), &o.Object)).To(Succeed())
			taken(ctx, o)
			kinds = append(kinds, o.GetKind())
		}
		Expect(kinds).To(Equal([]string{"MetricTemplate", "Canary"}))
	})

	It("is taken by the API of cert-manager, where it is for TLS of a source", func(ctx context.Context) {
		page, err := os.ReadFile("../../docs/networks.md")
		Expect(err).NotTo(HaveOccurred())
		_, block, found := strings.Cut(string(page), "```yaml\napiVersion: cert-manager.io/v1\n")
		Expect(found).To(BeTrue())
		block, _, _ = strings.Cut(block, "```")
		o := &unstructured.Unstructured{}
		Expect(yaml.Unmarshal([]byte("apiVersion: cert-manager.io/v1\n"+block), &o.Object)).To(Succeed())
		taken(ctx, o)
	})

	It("is taken by the API of Argo Rollouts", func(ctx context.Context) {
		text, err := os.ReadFile(filepath.Join("../../docs/examples/monitoring", "analysistemplate.yaml"))
		Expect(err).NotTo(HaveOccurred())
		o := &unstructured.Unstructured{}
		Expect(yaml.Unmarshal(text, &o.Object)).To(Succeed())
		taken(ctx, o)

		// An API server that takes everything would be no test.
		Expect(yaml.Unmarshal([]byte(strings.Replace(string(text), "successCondition", "succesCondition", 1)), &o.Object)).To(Succeed())
		o.SetNamespace("journeyman-system")
		Expect(strict.Create(ctx, o, client.DryRunAll)).To(MatchError(ContainSubstring(`unknown field "spec.metrics[0].succesCondition"`)))
	})
})

// strictClient refuses fields that a kind does not have.
func strictClient(config *rest.Config) client.Client {
	GinkgoHelper()
	c, err := client.New(config, client.Options{Scheme: api.Scheme()})
	Expect(err).NotTo(HaveOccurred())
	return client.WithFieldValidation(c, metav1.FieldValidationStrict)
}
