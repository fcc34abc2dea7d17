// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"os"
	"path/filepath"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// samples returns the samples of one kind.
func samples(kind string) []*unstructured.Unstructured {
	GinkgoHelper()
	files, err := filepath.Glob("../../config/samples/*.yaml")
	Expect(err).NotTo(HaveOccurred())
	slices.Sort(files)
	var out []*unstructured.Unstructured
	for _, f := range files {
		b, err := os.ReadFile(f)
		Expect(err).NotTo(HaveOccurred())
		u := &unstructured.Unstructured{}
		Expect(yaml.Unmarshal(b, &u.Object)).To(Succeed(), "%v", f)
		if u.GetKind() == kind {
			out = append(out, u)
		}
	}
	Expect(out).NotTo(BeEmpty(), "no sample of kind %s", kind)
	return out
}

// kinds in the order in which users would apply them.
var kinds = []string{"EventStore", "TouchpointSource", "JourneyMap", "MetricReport"}

// apply creates all samples of the kinds in their order.
func (w *world) apply(order ...string) {
	GinkgoHelper()
	for _, kind := range order {
		for _, u := range samples(kind) {
			w.create(u)
		}
	}
}

func (w *world) create(obj client.Object) {
	GinkgoHelper()
	obj.SetNamespace(w.namespace)
	Expect(api.Create(w.ctx, obj)).To(Succeed(), "%s", obj.GetName())
}
