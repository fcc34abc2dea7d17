// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"context"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/test/page"
)

const samples = "../../config/samples"

// manager is the field manager of Argo CD.
const manager = "argocd-controller"

// desired returns the objects in Git: the samples as kustomize renders them.
func desired(ctx context.Context) []*unstructured.Unstructured {
	GinkgoHelper()
	text, err := kubectl(ctx, "", "kustomize", samples)
	Expect(err).NotTo(HaveOccurred())
	list, err := page.Objects(text)
	Expect(err).NotTo(HaveOccurred())
	return list
}

// expectSame requires that Git and cluster are the same, by all methods of comparison.
func expectSame(ctx context.Context, namespace string, apply ...string) {
	GinkgoHelper()
	_, err := kubectl(ctx, "", append([]string{"diff", "-n", namespace, "-k", samples}, apply...)...)
	Expect(err).NotTo(HaveOccurred(), "kubectl diff sees none")
	for _, o := range desired(ctx) {
		if o.GetKind() == "Secret" {
			continue // Argo CD ignores stringData, because it is write-only
		}
		is := live(ctx, namespace, o)
		Expect(is.Object["spec"]).To(Equal(o.Object["spec"]), "%s %s: a default has come", o.GetKind(), o.GetName())
		Expect(is.GetLabels()).To(Equal(o.GetLabels()))
		Expect(is.Object["status"]).NotTo(BeNil(), "the operator has said something")
	}
}

var _ = Describe("A comparison of Git with the cluster", Label("apiserver", "argocd"), func() {
	It("shows no difference after a client-side apply", func(ctx context.Context) {
		namespace := shop(ctx)
		_, err := kubectl(ctx, "", "apply", "-n", namespace, "-k", samples)
		Expect(err).NotTo(HaveOccurred())
		healthy(ctx, namespace, desired(ctx))
		expectSame(ctx, namespace)
		for _, o := range desired(ctx) {
			if o.GetKind() == "Secret" {
				continue
			}
			is := live(ctx, namespace, o)
			last := &unstructured.Unstructured{}
			Expect(last.UnmarshalJSON([]byte(is.GetAnnotations()[corev1.LastAppliedConfigAnnotation]))).To(Succeed())
			patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(document(last), document(o), document(is))
			Expect(err).NotTo(HaveOccurred())
			Expect(string(patch)).To(Equal("{}"), "the three-way merge that Argo CD makes changes nothing in %s %s", o.GetKind(), o.GetName())
		}
	})

	It("shows no difference after a server-side apply, and shares no field with the operator", func(ctx context.Context) {
		namespace := shop(ctx)
		apply := []string{"--server-side", "--field-manager=" + manager}
		_, err := kubectl(ctx, "", append([]string{"apply", "-n", namespace, "-k", samples}, apply...)...)
		Expect(err).NotTo(HaveOccurred())
		healthy(ctx, namespace, desired(ctx))
		expectSame(ctx, namespace, apply...)
		// No --force-conflicts: if the operator owned a field, the apply would report a conflict.
		_, err = kubectl(ctx, "", append([]string{"apply", "-n", namespace, "-k", samples}, apply...)...)
		Expect(err).NotTo(HaveOccurred())
		for _, o := range desired(ctx) {
			if o.GetKind() == "Secret" {
				continue
			}
			mine := 0
			for _, m := range live(ctx, namespace, o).GetManagedFields() {
				fields := m.FieldsV1.GetRawString()
				if m.Manager != manager {
					Expect(m.Subresource).To(Equal("status"), "%s writes %s %s", m.Manager, o.GetKind(), o.GetName())
					Expect(fields).NotTo(ContainSubstring(`"f:spec"`))
					continue
				}
				mine++
				Expect(fields).To(ContainSubstring(`"f:spec"`))
				Expect(fields).NotTo(ContainSubstring(`"f:status"`))
			}
			Expect(mine).To(Equal(1))
		}
	})

	It("is not repeated for a new status", func(ctx context.Context) {
		namespace := shop(ctx)
		list := desired(ctx)
		for _, o := range list {
			o.SetNamespace(namespace)
			Expect(api.Create(ctx, o)).To(Succeed()) // after this, o is the object before the operator changed it
			Expect(o.Object).NotTo(HaveKey("status"))
		}
		healthy(ctx, namespace, list)
		for _, o := range list {
			is := live(ctx, namespace, o)
			Expect(seen(is)).To(Equal(seen(o)), "%s %s", o.GetKind(), o.GetName())
			if o.GetKind() != "Secret" {
				Expect(is.Object).To(HaveKey("status"))
			}
		}
	})
})

// document returns an object without the fields that Argo CD and kubectl ignore in a comparison: the namespace, and empty annotations.
func document(o *unstructured.Unstructured) []byte {
	GinkgoHelper()
	o = o.DeepCopy()
	o.SetNamespace("")
	if len(o.GetAnnotations()) == 0 {
		o.SetAnnotations(nil)
	}
	text, err := o.MarshalJSON()
	Expect(err).NotTo(HaveOccurred())
	return text
}

// seen returns the fields that Argo CD watches: all fields, except for those that the rule ignores and three that it always ignores.
func seen(o *unstructured.Unstructured) map[string]any {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("../../config/argocd", "ignore-updates.yaml"))
	Expect(err).NotTo(HaveOccurred())
	var rule struct {
		JSONPointers []string `json:"jsonPointers"`
	}
	Expect(yaml.UnmarshalStrict(text, &rule)).To(Succeed())
	fields := o.DeepCopy().Object
	for _, pointer := range rule.JSONPointers {
		delete(fields, pointer[1:])
	}
	for _, always := range []string{"generation", "resourceVersion", "managedFields"} {
		unstructured.RemoveNestedField(fields, "metadata", always)
	}
	return fields
}
