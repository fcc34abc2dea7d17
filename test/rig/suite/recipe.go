// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/page"
)

// Loaded returns whether hack/recipes.sh has loaded the image of a controller of another project into the cluster.
func Loaded(name string) bool {
	return slices.Contains(strings.Fields(os.Getenv("JOURNEYMAN_RECIPES")), name)
}

// Need skips a spec if the cluster does not have the controller.
func Need(name string) {
	ginkgo.GinkgoHelper()
	if !Loaded(name) {
		ginkgo.Skip(name + " is not in the cluster: make test-full and LABELS=recipes make test-e2e build it")
	}
}

// Controller installs a controller of another project in a namespace of its own, by the manifests that hack/recipes.sh wrote, and returns the
// namespace. The controller is removed after the specs.
func Controller(ctx context.Context, name string) string {
	ginkgo.GinkgoHelper()
	Need(name)
	dir, err := os.MkdirTemp(filepath.Join(Root(), "bin"), "recipe-")
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(os.RemoveAll, dir)
	namespace := Team(ctx, "recipe")
	gomega.Expect(os.WriteFile(filepath.Join(dir, "kustomization.yaml"),
		fmt.Appendf(nil, "namespace: %s\nresources: [../recipes/%s]\n", namespace, name), 0o600)).To(gomega.Succeed())
	ginkgo.DeferCleanup(func(ctx context.Context) {
		if ginkgo.CurrentSpecReport().Failed() {
			_, _ = TryKubectl(ctx, "-n", namespace, "logs", "deployment/"+name, "--tail=60")
		}
		_, _ = TryKubectl(ctx, "delete", "-k", dir, "--ignore-not-found", "--timeout=60s")
	})
	Kubectl(ctx, "apply", "--server-side", "-k", dir)
	Kubectl(ctx, "-n", namespace, "rollout", "status", "deployment/"+name, "--timeout=240s")
	return namespace
}

// Recipe applies YAML of the docs, in which it replaces addresses, images and namespaces by those of this cluster.
func Recipe(ctx context.Context, namespace, text string, places map[string]string) {
	ginkgo.GinkgoHelper()
	Apply(ctx, namespace, Filled(text, places))
}

// Filled returns YAML of the docs with other addresses, images and namespaces. Each of them has to occur.
func Filled(text string, places map[string]string) string {
	ginkgo.GinkgoHelper()
	files := map[string]string{"": text}
	gomega.Expect(page.Fill(files, places)).To(gomega.Succeed())
	return files[""]
}

// Apply applies YAML, and takes over fields that others have set.
func Apply(ctx context.Context, namespace, text string) {
	ginkgo.GinkgoHelper()
	_, err := TryKubectlInput(ctx, text, "-n", namespace, "apply", "--server-side", "--force-conflicts", "-f", "-")
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
}
