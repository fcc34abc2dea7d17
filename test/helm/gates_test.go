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

// idle is an image that does nothing.
const idle = "kit.local/pause:1"

// version changes the pod template of a workload, like a new image.
func version(ctx context.Context, namespace, workload, name string) {
	GinkgoHelper()
	suite.Kubectl(ctx, "-n", namespace, "patch", workload, "--type=merge", "-p",
		fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{"version":%q}}}}}`, name))
}

// gates are two controllers that query a number of the sample map from Prometheus before they continue a canary. The conversion of the stage is 0.36
// at first. The recipes require 0.3.
type gates struct {
	rollout rollouts
	canary  flagger
}

// install installs the controllers whose images hack/recipes.sh has loaded. They are removed after the specs of the container.
func (g *gates) install(ctx context.Context, journeys string, prom prometheus) {
	GinkgoHelper()
	if suite.Loaded("argo-rollouts") {
		g.rollout.install(ctx, journeys, prom)
	}
	if suite.Loaded("flagger") {
		g.canary.install(ctx, journeys, prom)
	}
}

// open has the specs for the time when the conversion is above the limit.
func (g *gates) open() {
	rollout, canary := &g.rollout, &g.canary

	It("makes Argo Rollouts promote a version while the conversion is above the limit", Label("recipes"), func(ctx context.Context) {
		suite.Need("argo-rollouts")
		before := rollout.stable(ctx)
		version(ctx, rollout.namespace, "rollout/checkout", "v2")
		rollout.phase(ctx, "Healthy")
		Expect(rollout.stable(ctx)).NotTo(Equal(before))
		Expect(rollout.analyses(ctx)).To(Equal([]string{"Successful"}))
	})

	It("makes Flagger promote a version while the conversion is above the limit", Label("recipes"), func(ctx context.Context) {
		suite.Need("flagger")
		version(ctx, canary.namespace, "deployment/checkout", "v2")
		canary.phase(ctx, "Succeeded")
		Expect(canary.primary(ctx)).To(Equal("v2"))
		Expect(canary.events(ctx)).To(And(ContainSubstring("canary weight 5"), ContainSubstring("canary weight 20"), ContainSubstring("canary weight 50")))
	})
}

// closed has the specs for the time after the conversion fell to 0.225.
func (g *gates) closed() {
	rollout, canary := &g.rollout, &g.canary

	It("makes Argo Rollouts abort the next version, and keep the last", Label("recipes"), func(ctx context.Context) {
		suite.Need("argo-rollouts")
		before := rollout.stable(ctx)
		version(ctx, rollout.namespace, "rollout/checkout", "v3")
		rollout.phase(ctx, "Degraded")
		Expect(jsonpath(ctx, rollout.namespace, "rollout/checkout", "{.status.abort} {.status.message}")).To(And(HavePrefix("true "),
			ContainSubstring(`"conversion-of-the-stage" assessed Failed due to failed (2) > failureLimit (1)`)))
		Eventually(rollout.versions).WithContext(ctx).Should(Equal(strings.Repeat("v2 ", 5)))
		Expect(rollout.stable(ctx)).To(Equal(before))
		Expect(rollout.analyses(ctx)).To(Equal([]string{"Successful", "Failed"}))
	})

	It("makes Flagger roll back the next version, and keep the last", Label("recipes"), func(ctx context.Context) {
		suite.Need("flagger")
		version(ctx, canary.namespace, "deployment/checkout", "v3")
		canary.phase(ctx, "Failed")
		Expect(canary.events(ctx)).To(ContainSubstring("advancement checkout-conversion 22.50 < 30"))
		Expect(canary.primary(ctx)).To(Equal("v2"))
		Expect(canary.weights(ctx)).To(Equal("checkout-primary=100 checkout-canary=0 "))
	})

	It("makes Argo Rollouts pause if the metric is missing", Label("recipes"), func(ctx context.Context) {
		suite.Need("argo-rollouts")
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

	It("makes Flagger roll back if the metric is missing", Label("recipes"), func(ctx context.Context) {
		suite.Need("flagger")
		suite.Kubectl(ctx, "-n", canary.namespace, "patch", "canary/checkout", "--type=json", "-p",
			`[{"op":"replace","path":"/spec/analysis/metrics/0/templateVariables/map","value":"none"}]`)
		version(ctx, canary.namespace, "deployment/checkout", "v4")
		canary.phase(ctx, "Progressing")
		canary.phase(ctx, "Failed")
		Expect(canary.events(ctx)).To(ContainSubstring("no values found for custom metric: checkout-conversion"))
		Expect(canary.primary(ctx)).To(Equal("v2"))
	})
}
