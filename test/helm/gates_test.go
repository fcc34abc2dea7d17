// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// idle is an image of the cluster that runs and does nothing.
const idle = "kit.local/pause:1"

// version changes the pods of a workload, as a new image would.
func version(ctx context.Context, namespace, workload, name string) {
	GinkgoHelper()
	suite.Kubectl(ctx, "-n", namespace, "patch", workload, "--type=merge", "-p",
		fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{"version":%q}}}}}`, name))
}

// gates are two controllers that ask one Prometheus for a number of the samples' map before they go on with a canary. The conversion of the stage is
// 0.36 in the beginning, and the recipes want 0.3.
type gates struct {
	rollout rollouts
	canary  flagger
}

// install has those in the cluster of which hack/recipes.sh has the images. What it makes goes with the container of specs.
func (g *gates) install(ctx context.Context, journeys string, prom prometheus) {
	GinkgoHelper()
	if loaded("argo-rollouts") {
		g.rollout.install(ctx, journeys, prom)
	}
	if loaded("flagger") {
		g.canary.install(ctx, journeys, prom)
	}
}

// open are specs for the time in which the conversion holds.
func (g *gates) open() {
	rollout, canary := &g.rollout, &g.canary

	It("lets Argo Rollouts promote a version while the conversion holds", Label("recipes"), func(ctx context.Context) {
		need("argo-rollouts")
		before := rollout.stable(ctx)
		version(ctx, rollout.namespace, "rollout/checkout", "v2")
		rollout.phase(ctx, "Healthy")
		Expect(rollout.stable(ctx)).NotTo(Equal(before))
		Expect(rollout.analyses(ctx)).To(Equal([]string{"Successful"}))
	})

	It("lets Flagger promote a version while the conversion holds", Label("recipes"), func(ctx context.Context) {
		need("flagger")
		version(ctx, canary.namespace, "deployment/checkout", "v2")
		canary.phase(ctx, "Succeeded")
		Expect(canary.primary(ctx)).To(Equal("v2"))
		Expect(canary.events(ctx)).To(And(ContainSubstring("canary weight 5"), ContainSubstring("canary weight 20"), ContainSubstring("canary weight 50")))
	})
}

// closed are specs for the time after it has fallen to 0.225.
func (g *gates) closed() {
	rollout, canary := &g.rollout, &g.canary

	It("has Argo Rollouts abort the next version, and keep the last", Label("recipes"), func(ctx context.Context) {
		need("argo-rollouts")
		before := rollout.stable(ctx)
		version(ctx, rollout.namespace, "rollout/checkout", "v3")
		rollout.phase(ctx, "Degraded")
		Expect(jsonpath(ctx, rollout.namespace, "rollout/checkout", "{.status.abort} {.status.message}")).To(And(HavePrefix("true "),
			ContainSubstring(`"conversion-of-the-stage" assessed Failed due to failed (2) > failureLimit (1)`)))
		Eventually(rollout.versions).WithContext(ctx).Should(Equal(strings.Repeat("v2 ", 5)))
		Expect(rollout.stable(ctx)).To(Equal(before))
		Expect(rollout.analyses(ctx)).To(Equal([]string{"Successful", "Failed"}))
	})

	It("has Flagger roll the next version back, and keep the last", Label("recipes"), func(ctx context.Context) {
		need("flagger")
		version(ctx, canary.namespace, "deployment/checkout", "v3")
		canary.phase(ctx, "Failed")
		Expect(canary.events(ctx)).To(ContainSubstring("advancement checkout-conversion 22.50 < 30"))
		Expect(canary.primary(ctx)).To(Equal("v2"))
		Expect(canary.weights(ctx)).To(Equal("checkout-primary=100 checkout-canary=0 "))
	})

	It("has Argo Rollouts pause where there is no number", Label("recipes"), func(ctx context.Context) {
		need("argo-rollouts")
		suite.Kubectl(ctx, "-n", rollout.namespace, "patch", "rollout/checkout", "--type=json", "-p",
			`[{"op":"replace","path":"/spec/strategy/canary/steps/1/analysis/args/1/value","value":"none"}]`)
		before := rollout.stable(ctx)
		version(ctx, rollout.namespace, "rollout/checkout", "v4")
		Eventually(func() (string, error) {
			return jsonpath(ctx, rollout.namespace, "rollout/checkout", "{.status.pauseConditions[*].reason}")
		}).Should(Equal("InconclusiveAnalysisRun"))
		Expect(jsonpath(ctx, rollout.namespace, "rollout/checkout", "{.status.abort}")).To(BeEmpty())
		Expect(rollout.stable(ctx)).To(Equal(before))
	})

	It("has Flagger roll back where there is no number", Label("recipes"), func(ctx context.Context) {
		need("flagger")
		suite.Kubectl(ctx, "-n", canary.namespace, "patch", "canary/checkout", "--type=json", "-p",
			`[{"op":"replace","path":"/spec/analysis/metrics/0/templateVariables/map","value":"none"}]`)
		version(ctx, canary.namespace, "deployment/checkout", "v4")
		canary.phase(ctx, "Progressing")
		canary.phase(ctx, "Failed")
		Expect(canary.events(ctx)).To(ContainSubstring("no values found for custom metric: checkout-conversion"))
		Expect(canary.primary(ctx)).To(Equal("v2"))
	})
}
