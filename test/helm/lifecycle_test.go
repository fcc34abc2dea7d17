// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/internal/sample"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// takeOver makes the release adopt existing CRDs.
var takeOver = []string{"--take-ownership", "--force-conflicts"}

// isAlone reports whether no other operator works in the cluster, so that an operator for all namespaces affects nobody.
func isAlone(ctx context.Context) bool {
	GinkgoHelper()
	others := suite.Kubectl(ctx, "get", "deployments", "-A", "-l", "app.kubernetes.io/name=journeyman,app.kubernetes.io/component=operator",
		"-o", "jsonpath={.items[*].metadata.namespace}")
	for _, namespace := range strings.Fields(others) {
		// an operator in a namespace that is being deleted does not count
		if suite.Kubectl(ctx, "get", "namespace", namespace, "--ignore-not-found", "-o", "jsonpath={.status.phase}") == "Active" {
			return false
		}
	}
	return true
}

// The specs are one release, in order.
var _ = Describe("A release", Ordered, Serial, alone, Label("lifecycle"), func() {
	var namespace, release string
	var mode []string

	pods := func(ctx context.Context) string {
		GinkgoHelper()
		return suite.Kubectl(ctx, "-n", namespace, "get", "pods",
			"-l", "app.kubernetes.io/managed-by=journeyman-operator,app.kubernetes.io/component in (store, ingest)",
			"--sort-by=.metadata.name", "-o", "jsonpath={.items[*].metadata.uid}")
	}
	operatorImage := func(ctx context.Context) string {
		GinkgoHelper()
		return suite.Kubectl(ctx, "-n", namespace, "get", "pods", "-l", "app.kubernetes.io/component=operator", "--field-selector=status.phase=Running",
			"-o", "jsonpath={.items[*].spec.containers[0].image}")
	}
	ready := func(ctx context.Context) {
		GinkgoHelper()
		suite.Kubectl(ctx, "-n", namespace, "wait", "es,tps,jm,mr", "--all", "--for=condition=Ready", "--timeout=240s")
	}

	BeforeAll(func(ctx context.Context) {
		namespace, release = team(ctx), "journeyman"
		if os.Getenv("JOURNEYMAN_E2E_SHARED") != "" || !isAlone(ctx) {
			AddReportEntry("another operator is in the cluster: the release works in its own namespace alone, and leaves the CRDs as they are")
			mode = []string{"--set", "mode=namespaced", "--set", "crds.enabled=false"}
		}
		DeferCleanup(func(ctx context.Context) {
			_, _ = suite.TryHelm(ctx, "uninstall", release, "-n", namespace, "--ignore-not-found")
		})
	})

	It("shows a first drop-off after three commands", func(ctx context.Context) {
		began := time.Now()
		install := append([]string{"install", release, "charts/journeyman", "-n", namespace, "--wait", "--timeout", "4m"}, takeOver...)
		suite.Helm(ctx, append(append(install, mode...), ofImage(image)...)...)
		suite.Kubectl(ctx, "apply", "-n", namespace, "-k", "config/samples")
		sent := time.Now()
		out := suite.Helm(ctx, "upgrade", release, "charts/journeyman", "-n", namespace, "--reuse-values", "--set", "sampleData.enabled=true", "--timeout", "8m")
		AddReportEntry("seconds of the third command, and of all three", fmt.Sprintf("%.0f, %.0f", time.Since(sent).Seconds(), time.Since(began).Seconds()))

		Expect(out).To(ContainSubstring(fmt.Sprintf("%d events were accepted by 5 sources.", sample.Accepted)))
		Expect(out).To(ContainSubstring("240 customers, 7.5% converted; most are lost after the stage intent: 64.0%"))
		Expect(suite.Kubectl(ctx, "-n", namespace, "get", "journeymaps")).To(MatchRegexp(`omnichannel-retail +240 +0? +7\.5% +intent +64\.0%`))
		stages := suite.Kubectl(ctx, "-n", namespace, "get", "jm", "omnichannel-retail", "-o",
			"jsonpath={range .status.stages[*]}{.name} {.entered} {.converted} {.dropped} {.dropOff}{'\\n'}{end}")
		want := &strings.Builder{}
		for _, s := range sample.Stages {
			fmt.Fprintln(want, s.Name, s.Entered, s.Converted, s.Dropped, s.DropOff)
		}
		Expect(stages).To(Equal(want.String()))
	})

	It("passes helm test", func(ctx context.Context) {
		Expect(suite.Helm(ctx, "test", release, "-n", namespace, "--logs")).To(ContainSubstring("The operator works."))
	})

	It("is upgraded and rolled back without restarting the pods of store and ingestion", func(ctx context.Context) {
		ready(ctx)
		before := pods(ctx)
		Expect(strings.Fields(before)).To(HaveLen(7), "a store, two pods of the site, one of each other source")

		upgrade := []string{
			"upgrade", release, "charts/journeyman", "-n", namespace, "--reuse-values", "--set", "sampleData.enabled=false", "--wait", "--timeout", "4m",
		}
		suite.Helm(ctx, append(upgrade, ofImage(next)...)...)
		Expect(operatorImage(ctx)).To(ContainSubstring(next))
		Eventually(func() (string, error) {
			return jsonpath(ctx, namespace, "es/default", "{.status.updateAvailable}")
		}).Should(Equal(next))
		suite.Helm(ctx, "rollback", release, "-n", namespace, "--wait", "--timeout", "4m")
		Eventually(operatorImage).WithContext(ctx).Should(Equal(image))
		Eventually(func() (string, error) {
			return jsonpath(ctx, namespace, "es/default", "{.status.updateAvailable}")
		}).Should(BeEmpty())
		Expect(pods(ctx)).To(Equal(before))
	})

	It("can be uninstalled, which keeps CRDs and journeys, and installed under another name", func(ctx context.Context) {
		before := pods(ctx)
		suite.Helm(ctx, "uninstall", release, "-n", namespace, "--wait")
		Expect(suite.Kubectl(ctx, "get", "crd", "eventstores.journeyman.dev", "-o", "name")).NotTo(BeEmpty())
		Expect(suite.Kubectl(ctx, "-n", namespace, "get", "deployment", "journeyman-operator", "--ignore-not-found")).To(BeEmpty())
		Expect(pods(ctx)).To(Equal(before), "senders notice nothing")

		release = "other"
		install := append([]string{"install", release, "charts/journeyman", "-n", namespace, "--wait", "--timeout", "4m"}, takeOver...)
		suite.Helm(ctx, append(append(install, mode...), ofImage(image)...)...)
		suite.Helm(ctx, "test", release, "-n", namespace)
		ready(ctx)
		Expect(pods(ctx)).To(Equal(before))
		Expect(suite.Kubectl(ctx, "-n", namespace, "get", "journeymaps")).To(MatchRegexp(`omnichannel-retail +240 +0? +7\.5% +intent +64\.0%`))
	})
})

var _ = Describe("An installation by kustomize", Label("lifecycle"), func() {
	It("can be adopted by a release", func(ctx context.Context) {
		namespace := team(ctx)
		kustomize(ctx, namespace)
		uid := suite.Kubectl(ctx, "-n", namespace, "get", "deployment", "journeyman-operator", "-o", "jsonpath={.metadata.uid}")

		install := append([]string{"install", "journeyman", "charts/journeyman", "-n", namespace, "--set", "mode=namespaced", "--set", "crds.enabled=false",
			"--wait", "--timeout", "4m"}, takeOver...)
		suite.Helm(ctx, append(install, ofImage(image)...)...)
		DeferCleanup(func(ctx context.Context) {
			_, _ = suite.TryHelm(ctx, "uninstall", "journeyman", "-n", namespace, "--ignore-not-found")
		})
		Expect(suite.Kubectl(ctx, "-n", namespace, "get", "deployment", "journeyman-operator", "-o", "jsonpath={.metadata.uid}")).
			To(Equal(uid), "it was not created again")
		suite.Helm(ctx, "test", "journeyman", "-n", namespace)
	})
})

var _ = Describe("helm install --wait", Label("lifecycle"), func() {
	It("fails if the operator does not become ready", func(ctx context.Context) {
		namespace := team(ctx)
		// This operator cannot list its kinds, so it runs, but its caches never sync.
		args := []string{"install", "journeyman", "charts/journeyman", "-n", namespace, "--set", "mode=namespaced", "--set", "crds.enabled=false",
			"--set", "extraArgs={--namespaces=kube-public}", "--wait", "--timeout", "20s"}
		_, err := suite.TryHelm(ctx, append(args, ofImage(image)...)...)
		DeferCleanup(func(ctx context.Context) {
			_, _ = suite.TryHelm(ctx, "uninstall", "journeyman", "-n", namespace, "--ignore-not-found")
		})
		Expect(err).To(HaveOccurred())
		Expect(suite.Kubectl(ctx, "-n", namespace, "get", "pods", "-l", "app.kubernetes.io/component=operator", "-o", "jsonpath={.items[*].status.phase}")).
			To(Equal("Running"), "it has started, and is not ready")
	})
})
