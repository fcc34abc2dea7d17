// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/test/page"
)

var _ = Describe("The sync waves in the docs", Label("apiserver", "argocd"), func() {
	It("are applied one after the other, when the previous one is Healthy", func(ctx context.Context) {
		files, err := page.Files("../../docs/gitops/argocd.md")
		Expect(err).NotTo(HaveOccurred())
		dir := GinkgoT().TempDir()
		Expect(os.CopyFS(filepath.Join(dir, "samples"), os.DirFS(samples))).To(Succeed())
		Expect(os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(files["kustomization.yaml"]), 0o600)).To(Succeed())
		text, err := kubectl(ctx, "", "kustomize", dir)
		Expect(err).NotTo(HaveOccurred())
		list, err := page.Objects(text)
		Expect(err).NotTo(HaveOccurred())

		waves, kinds := map[int][]*unstructured.Unstructured{}, map[string]int{}
		for _, o := range list {
			wave, err := strconv.Atoi(o.GetAnnotations()["argocd.argoproj.io/sync-wave"])
			Expect(err).NotTo(HaveOccurred(), "%s %s has no wave", o.GetKind(), o.GetName())
			waves[wave] = append(waves[wave], o)
			kinds[o.GetKind()] = wave
		}
		Expect(kinds).To(Equal(map[string]int{"Secret": -1, "EventStore": 0, "TouchpointSource": 1, "JourneyMap": 2, "MetricReport": 2}))

		namespace := shop(ctx)
		for _, wave := range slices.Sorted(maps.Keys(waves)) {
			for _, o := range waves[wave] {
				document, err := yaml.Marshal(o.Object)
				Expect(err).NotTo(HaveOccurred())
				_, err = kubectl(ctx, string(document), "apply", "-n", namespace, "--server-side", "--field-manager="+manager, "-f", "-")
				Expect(err).NotTo(HaveOccurred())
			}
			healthy(ctx, namespace, waves[wave])
		}
	})
})
