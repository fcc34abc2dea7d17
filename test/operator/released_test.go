// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/released/story"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var fixtures = flag.String("fixtures", "", "write the objects of a release into this folder of test/released: make fixtures VERSION=v1.2.3")

var _ = Describe("The fixtures of a release", suite.Fast, func() {
	if *fixtures == "" {
		return
	}
	// The samples with the results of their shop, and objects with every field of the API, most of which refer to missing objects.
	It("are written by the operator and by jobs", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		for _, u := range withEveryField() {
			w.create(u)
		}
		w.awaitSamples()
		events := int64(0)
		for _, chapter := range story.Batches(time.Now().UTC().Truncate(time.Second)) {
			for _, b := range chapter {
				events += int64(len(b.Events))
				_, err := w.stores.Of(w.key("default")).Append(w.ctx, b)
				Expect(err).NotTo(HaveOccurred())
			}
		}
		eventually(w, "default", &v1alpha1.EventStore{}, "all stored", func(s *v1alpha1.EventStore) bool { return ptr.Deref(s.Status.Events, 0) == events })
		w.quiet(2 * time.Second)
		objects := w.objects()
		for _, name := range slices.Sorted(maps.Keys(objects)) {
			kind, _, _ := strings.Cut(name, "/")
			suffix := map[string]string{v1alpha1.JourneyMapKind: "-map", v1alpha1.MetricReportKind: "-report"}[kind]
			if suffix != "" && isReady(objects[name]) {
				if err := w.tryJob(objects[name].GetName() + suffix); err != nil {
					GinkgoWriter.Println(name, "has the failure in its status:", err) // a document with every field can refer to missing objects
				}
			}
		}
		awaitCondition(w, "omnichannel-retail", &v1alpha1.JourneyMap{}, v1alpha1.ConditionAnalysisCurrent, metav1.ConditionTrue, "")
		awaitCondition(w, "retail-kpis", &v1alpha1.MetricReport{}, v1alpha1.ConditionAnalysisCurrent, metav1.ConditionTrue, "")
		w.quiet(2 * time.Second)
		for name, obj := range w.objects() {
			if kind, _, _ := strings.Cut(name, "/"); slices.Contains(kinds, kind) {
				w.keep(kind, obj)
			}
		}
	})
})

// withEveryField returns the documents of test/api, named by their files, and the store, map and Secrets that the samples do not have.
func withEveryField() (out []*unstructured.Unstructured) {
	GinkgoHelper()
	files, err := filepath.Glob("../api/testdata/*.yaml")
	Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		text, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		u := &unstructured.Unstructured{}
		Expect(yaml.Unmarshal(text, &u.Object)).To(Succeed())
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		switch _, suffix, found := strings.Cut(name, "-"); {
		case found:
			u.SetName(suffix)
		case u.GetKind() == v1alpha1.JourneyMapKind:
			u.SetName("retail")
		default:
			u.SetName("full")
		}
		out = append(out, u)
	}
	return out
}

// keep writes an object in the form of kubectl get -o yaml.
func (w *world) keep(kind string, obj client.Object) {
	GinkgoHelper()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	Expect(err).NotTo(HaveOccurred())
	u := &unstructured.Unstructured{Object: fields}
	u.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	u.SetManagedFields(nil)
	text, err := yaml.Marshal(u.Object)
	Expect(err).NotTo(HaveOccurred())
	path := filepath.Join("..", "released", *fixtures, "objects", strings.ToLower(kind)+"-"+obj.GetName()+".yaml")
	Expect(os.MkdirAll(filepath.Dir(path), 0o750)).To(Succeed())
	Expect(os.WriteFile(path, []byte(strings.ReplaceAll(string(text), w.namespace, "shop")), 0o600)).To(Succeed())
}
