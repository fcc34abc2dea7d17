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

// loaded reports whether hack/recipes.sh has loaded the image of a controller into the cluster.
func loaded(name string) bool {
	return slices.Contains(strings.Fields(os.Getenv("JOURNEYMAN_RECIPES")), name)
}

// need skips a spec if the controller is not loaded.
func need(name string) {
	GinkgoHelper()
	if !loaded(name) {
		Skip(name + " is not in the cluster: make test-full and LABELS=recipes make test-e2e build it")
	}
}

// controller installs a controller of another project from the output of hack/recipes.sh into its own namespace, returns the name of the namespace,
// and removes it after the specs.
func controller(ctx context.Context, name string) string {
	GinkgoHelper()
	need(name)
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

// recipe applies YAML of the docs, with addresses and names of this cluster.
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

// example reads a file of docs/examples/monitoring.
func example(file string) string {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(root, "docs/examples/monitoring", file))
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

// nodeAddress returns the address at which pods reach programs on this machine.
func nodeAddress(ctx context.Context) string {
	GinkgoHelper()
	return suite.Kubectl(ctx, "get", "nodes", "-o", `jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}`)
}
