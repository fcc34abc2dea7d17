// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/journeyman-dev/journeyman/test/page"
)

var _ = Describe("Monitoring objects", Ordered, Label("apiserver", "monitoring"), func() {
	var strict client.Client

	// A separate API server, because that of the other specs must not have these kinds.
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

	expectAccepted := func(ctx context.Context, o *unstructured.Unstructured) {
		GinkgoHelper()
		if o.GetKind() != "ClusterIssuer" {
			o.SetNamespace("journeyman-system")
		}
		Expect(strict.Create(ctx, o, client.DryRunAll)).To(Succeed(), "%s %s", o.GetKind(), o.GetName())
	}

	for _, values := range []string{"namespaced", "everything"} {
		It("are accepted by the API of the Prometheus operator, with the values "+values, func(ctx context.Context) {
			kinds := map[string]int{}
			for _, o := range render(values) {
				if o.GroupVersionKind().Group == "monitoring.coreos.com" {
					expectAccepted(ctx, o)
					kinds[o.GetKind()]++
				}
			}
			Expect(kinds).To(Equal(map[string]int{"PodMonitor": 2, "PrometheusRule": 2}))
		})
	}

	It("are accepted by the API of Flagger", func(ctx context.Context) {
		kinds := []string{}
		for _, o := range recipe("metrictemplate.yaml") {
			expectAccepted(ctx, o)
			kinds = append(kinds, o.GetKind())
		}
		Expect(kinds).To(Equal([]string{"MetricTemplate", "Canary"}))
	})

	It("for TLS of a source are accepted by the API of cert-manager", func(ctx context.Context) {
		files, err := page.Files("../../docs/networks.md")
		Expect(err).NotTo(HaveOccurred())
		for name, kinds := range map[string][]string{"certificate.yaml": {"Certificate"}, "authority.yaml": {"ClusterIssuer", "Certificate", "ClusterIssuer"}} {
			objects, err := page.Objects(files[name])
			Expect(err).NotTo(HaveOccurred())
			got := []string{}
			for _, o := range objects {
				expectAccepted(ctx, o)
				got = append(got, o.GetKind())
			}
			Expect(got).To(Equal(kinds))
		}
	})

	It("are accepted by the API of Argo Rollouts", func(ctx context.Context) {
		kinds := []string{}
		for _, o := range recipe("analysistemplate.yaml") {
			expectAccepted(ctx, o)
			kinds = append(kinds, o.GetKind())
		}
		Expect(kinds).To(Equal([]string{"AnalysisTemplate", "Rollout"}))

		// Check that the API server refuses an invalid object, too.
		o := recipe("analysistemplate.yaml")[0]
		metrics, _, err := unstructured.NestedSlice(o.Object, "spec", "metrics")
		Expect(err).NotTo(HaveOccurred())
		metrics[0].(map[string]any)["succesCondition"] = "true"
		Expect(unstructured.SetNestedSlice(o.Object, metrics, "spec", "metrics")).To(Succeed())
		o.SetNamespace("journeyman-system")
		Expect(strict.Create(ctx, o, client.DryRunAll)).To(MatchError(ContainSubstring(`unknown field "spec.metrics[0].succesCondition"`)))
	})
})

// recipe returns the objects of a file of docs/examples/monitoring.
func recipe(file string) []*unstructured.Unstructured {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("../../docs/examples/monitoring", file))
	Expect(err).NotTo(HaveOccurred())
	objects, err := page.Objects(string(text))
	Expect(err).NotTo(HaveOccurred())
	return objects
}

// strictClient returns a client that refuses unknown fields.
func strictClient(config *rest.Config) client.Client {
	GinkgoHelper()
	c, err := client.New(config, client.Options{Scheme: api.Scheme()})
	Expect(err).NotTo(HaveOccurred())
	return client.WithFieldValidation(c, metav1.FieldValidationStrict)
}
