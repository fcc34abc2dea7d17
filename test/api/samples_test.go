// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// samples returns the objects of a folder of config/samples. It fails if the kustomization does not list a file of the folder.
func samples(folder string) []*unstructured.Unstructured {
	dir := filepath.Join("../../config/samples", folder)
	var kustomization struct {
		Resources []string `json:"resources"`
	}
	must0(yaml.Unmarshal(must(os.ReadFile(filepath.Join(dir, "kustomization.yaml"))), &kustomization))
	if files := must(filepath.Glob(filepath.Join(dir, "*.yaml"))); len(files) != len(kustomization.Resources)+1 {
		panic(fmt.Sprintf("the kustomization does not list every file of %v", files))
	}
	var objects []*unstructured.Unstructured
	for _, name := range kustomization.Resources {
		objects = append(objects, documentsOf(filepath.Join(dir, name))...)
	}
	return objects
}

// documentsOf returns the YAML documents of a file. They must not have a namespace, because users choose it.
func documentsOf(file string) []*unstructured.Unstructured {
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(must(os.ReadFile(file))), 4096)
	var objects []*unstructured.Unstructured
	for {
		obj := &unstructured.Unstructured{}
		err := decoder.Decode(&obj.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		must0(err)
		if obj.GetNamespace() != "" {
			panic(file + " names a namespace")
		}
		objects = append(objects, obj)
	}
}

var _ = Describe("The samples", suite.Fast, func() {
	// The draft is what kubectl journey init writes: a test of the docs compares both.
	for i, sample := range slices.Concat(samples(""), samples("omnichannel"), documentsOf("../../docs/examples/init/journey.yaml")) {
		It(fmt.Sprintf("are stored unchanged: %s %s (document %d)", sample.GetKind(), sample.GetName(), i), func(ctx SpecContext) {
			namespace := &corev1.Namespace{}
			namespace.GenerateName = "samples-"
			Expect(api.Create(ctx, namespace)).To(Succeed())
			DeferCleanup(func(ctx SpecContext) error { return api.Delete(ctx, namespace) })
			stored := sample.DeepCopy()
			stored.SetNamespace(namespace.Name)
			Expect(api.Create(ctx, stored)).To(Succeed())
			if !strings.HasPrefix(sample.GetAPIVersion(), v1alpha1.GroupVersion.Group) {
				return
			}
			Expect(api.Get(ctx, client.ObjectKeyFromObject(stored), stored)).To(Succeed())
			Expect(cmp.Diff(asJSON(sample.Object["spec"]), asJSON(stored.Object["spec"]))).To(BeEmpty(), "nothing is defaulted, dropped or changed")
			Expect(stored.Object).NotTo(HaveKey("status"))
			rewritten(ctx, stored)
		})
	}

	It("are those that the docs show", func() {
		kinds := func(folder string) map[string]int {
			n := map[string]int{}
			for _, sample := range samples(folder) {
				n[sample.GetKind()]++
			}
			return n
		}
		Expect(kinds("")).To(Equal(map[string]int{"Secret": 6, "EventStore": 1, "TouchpointSource": 5, "JourneyMap": 1, "MetricReport": 1}))
		Expect(kinds("omnichannel")).To(Equal(map[string]int{
			"Secret": 7, "EventStore": 1, "TouchpointSource": 8, "JourneyMap": 1, "MetricReport": 1, "Service": 1, "Deployment": 1, "NetworkPolicy": 1,
		}))
	})
})

// asJSON returns a value after encoding and decoding it as JSON, so that all numbers have the same type.
func asJSON(value any) any {
	GinkgoHelper()
	raw, err := json.Marshal(value)
	Expect(err).NotTo(HaveOccurred())
	var same any
	Expect(json.Unmarshal(raw, &same)).To(Succeed())
	return same
}

// rewritten reads the object as its Go type and writes it back. Nothing changes, so the resourceVersion stays the same.
func rewritten(ctx context.Context, stored *unstructured.Unstructured) {
	GinkgoHelper()
	scheme := runtime.NewScheme()
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	made, err := scheme.New(stored.GroupVersionKind())
	Expect(err).NotTo(HaveOccurred())
	typed, ok := made.(client.Object)
	Expect(ok).To(BeTrue())
	Expect(api.Get(ctx, client.ObjectKeyFromObject(stored), typed)).To(Succeed())
	before := typed.GetResourceVersion()
	Expect(api.Update(ctx, typed)).To(Succeed())
	Expect(typed.GetResourceVersion()).To(Equal(before), "the Go type loses or adds something")
}
