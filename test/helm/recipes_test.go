// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/page"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// controller installs a controller of another project, of which hack/recipes.sh has loaded the image and written the manifests, into a namespace of its
// own, gives the name of that, and takes it away after the specs.
func controller(ctx context.Context, name string) string {
	GinkgoHelper()
	if !slices.Contains(strings.Fields(os.Getenv("JOURNEYMAN_RECIPES")), name) {
		Skip(name + " is not in the cluster: hack/test-e2e.sh builds it in make test-full, and in make test uses it if it was built before")
	}
	dir, err := os.MkdirTemp(filepath.Join(root, "bin"), "recipe-")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, dir)
	namespace := suite.Team(ctx, "recipe")
	Expect(os.WriteFile(filepath.Join(dir, "kustomization.yaml"),
		fmt.Appendf(nil, "namespace: %s\nresources: [../recipes/%s]\n", namespace, name), 0o600)).To(Succeed())
	DeferCleanup(func(ctx context.Context) {
		if CurrentSpecReport().Failed() {
			_, _ = suite.TryKubectl(ctx, "-n", namespace, "logs", "deployment/"+name, "--tail=60")
		}
		_, _ = suite.TryKubectl(ctx, "delete", "-k", dir, "--ignore-not-found", "--timeout=60s")
	})
	suite.Kubectl(ctx, "apply", "--server-side", "-k", dir)
	suite.Kubectl(ctx, "-n", namespace, "rollout", "status", "deployment/"+name, "--timeout=240s")
	return namespace
}

// recipe applies YAML of the docs, with the places of this cluster in it.
func recipe(ctx context.Context, namespace, text string, places map[string]string) {
	GinkgoHelper()
	files := map[string]string{"": text}
	Expect(page.Fill(files, places)).To(Succeed())
	apply(ctx, namespace, files[""])
}

func apply(ctx context.Context, namespace, text string) {
	GinkgoHelper()
	_, err := suite.TryKubectlInput(ctx, text, "-n", namespace, "apply", "--server-side", "--force-conflicts", "-f", "-")
	Expect(err).NotTo(HaveOccurred())
}
