// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"os"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// render runs helm template with the values of a file next to the chart.
func render(values string) []*unstructured.Unstructured {
	GinkgoHelper()
	home := GinkgoT().TempDir()
	cmd := exec.Command(helmPath, "template", "journeyman", "../../charts/journeyman", "--namespace", "journeyman-system",
		"--values", "../../charts/testdata/"+values+".values.yaml")
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	cmd.Stderr = GinkgoWriter
	out, err := cmd.Output()
	Expect(err).NotTo(HaveOccurred())
	var list []*unstructured.Unstructured
	for document := range strings.SplitSeq("\n"+string(out), "\n---") {
		o := &unstructured.Unstructured{}
		Expect(yaml.UnmarshalStrict([]byte(document), &o.Object)).To(Succeed())
		if len(o.Object) > 0 {
			list = append(list, o)
		}
	}
	return list
}

// podOf returns the pod that a workload would create, or nil.
func podOf(o *unstructured.Unstructured) *corev1.Pod {
	GinkgoHelper()
	path := []string{"spec", "template"}
	if o.GetKind() == "Pod" {
		path = nil
	}
	template, found, err := unstructured.NestedMap(o.Object, path...)
	Expect(err).NotTo(HaveOccurred())
	if !found || template["spec"] == nil || o.GetKind() == "CustomResourceDefinition" {
		return nil
	}
	pod := &corev1.Pod{}
	Expect(runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(template, pod, true)).To(Succeed())
	pod.ObjectMeta = metav1.ObjectMeta{Namespace: o.GetNamespace(), GenerateName: "pod-", Labels: pod.Labels, Annotations: pod.Annotations}
	return pod
}

var _ = Describe("The rendered chart", Ordered, Label("apiserver"), func() {
	BeforeAll(func(ctx context.Context) {
		for _, o := range []client.Object{
			namespace("journeyman-system"), namespace("shop"),
			&nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: "gvisor"}, Handler: "runsc"},
			&schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: "platform-critical"}, Value: 1000},
		} {
			Expect(api.Create(ctx, o)).To(Succeed())
		}
	})

	for _, values := range []string{"cluster", "namespaced", "everything"} {
		It("is accepted by the API server, with the values "+values, func(ctx context.Context) {
			taken := 0
			for _, o := range render(values) {
				err := api.Apply(ctx, client.ApplyConfigurationFromUnstructured(o), client.DryRunAll, client.ForceOwnership, client.FieldOwner("test"))
				if meta.IsNoMatchError(err) && o.GroupVersionKind().Group == "monitoring.coreos.com" {
					continue // kinds of the Prometheus operator are not installed here
				}
				Expect(err).NotTo(HaveOccurred(), "%s %s", o.GetKind(), o.GetName())
				taken++
			}
			Expect(taken).To(BeNumerically(">", 10))
		})

		It("creates pods that the restricted Pod Security profile accepts, with the values "+values, func(ctx context.Context) {
			pods := 0
			for _, o := range render(values) {
				if pod := podOf(o); pod != nil {
					Expect(api.Create(ctx, pod, client.DryRunAll)).To(Succeed(), "%s %s", o.GetKind(), o.GetName())
					pods++
				}
			}
			Expect(pods).To(BeNumerically(">=", 2))
		})
	}
})

func namespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}}}
}
