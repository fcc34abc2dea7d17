// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// rollouts is Argo Rollouts with the Rollout of the docs, in its own namespace.
type rollouts struct{ namespace string }

func (r *rollouts) install(ctx context.Context, journeys string, prom prometheus) {
	GinkgoHelper()
	suite.Controller(ctx, "argo-rollouts")
	r.namespace = suite.Team(ctx, "gate")
	suite.Recipe(ctx, r.namespace, example("analysistemplate.yaml"), map[string]string{
		"http://prometheus.monitoring.svc:9090": "http://" + prom.address, "15m": "5s", "value: shop}": "value: " + journeys + "}",
		"registry.example.com/checkout:v1": idle, "labels: {app: checkout}}": "labels: {app: checkout}, annotations: {version: v1}}",
	})
	r.phase(ctx, "Healthy")
}

// phase waits until the Rollout has a phase in its current generation.
func (r *rollouts) phase(ctx context.Context, want string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		got, err := jsonpath(ctx, r.namespace, "rollout/checkout", "{.metadata.generation} {.status.observedGeneration} {.status.phase}")
		g.Expect(err).NotTo(HaveOccurred())
		fields := append(strings.Fields(got), "", "", "")
		g.Expect(fields[1]).To(Equal(fields[0]))
		g.Expect(fields[2]).To(Equal(want))
	}).WithContext(ctx).Should(Succeed())
}

// stable returns the ReplicaSet of the promoted version.
func (r *rollouts) stable(ctx context.Context) string {
	GinkgoHelper()
	name, err := jsonpath(ctx, r.namespace, "rollout/checkout", "{.status.stableRS}")
	Expect(err).NotTo(HaveOccurred())
	return name
}

// versions returns the versions of the pods.
func (r *rollouts) versions(ctx context.Context) (string, error) {
	return suite.TryKubectl(ctx, "-n", r.namespace, "get", "pods", "-l", "app=checkout", "-o", "jsonpath={range .items[*]}{.metadata.annotations.version} {end}")
}

// analyses returns the phases of the AnalysisRuns, the oldest first.
func (r *rollouts) analyses(ctx context.Context) []string {
	GinkgoHelper()
	return strings.Fields(suite.Kubectl(ctx, "-n", r.namespace, "get", "analysisruns", "--sort-by=.metadata.creationTimestamp",
		"-o", "jsonpath={.items[*].status.phase}"))
}

// flagger is Flagger with the Canary of the docs, in the namespace of the journeys.
type flagger struct{ namespace string }

// checkout is the Deployment that the Canary of the docs names.
const checkout = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout}
spec:
  replicas: 1
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout}, annotations: {version: v1}}
    spec:
      securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
      - {name: checkout, image: IMAGE, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
`

func (f *flagger) install(ctx context.Context, journeys string, prom prometheus) {
	GinkgoHelper()
	routes := filepath.Join(os.Getenv("JOURNEYMAN_CRDS"), "gateway.networking.k8s.io_httproutes.yaml")
	suite.Kubectl(ctx, "apply", "--server-side", "-f", routes)
	DeferCleanup(func(ctx context.Context) { _, _ = suite.TryKubectl(ctx, "delete", "-f", routes, "--ignore-not-found") })
	suite.Controller(ctx, "flagger")
	f.namespace = journeys
	suite.Apply(ctx, f.namespace, strings.ReplaceAll(checkout, "IMAGE", idle))
	suite.Recipe(ctx, f.namespace, example("metrictemplate.yaml"), map[string]string{
		"http://prometheus.monitoring.svc:9090": "http://" + prom.address, "15m": "10s",
	})
	f.phase(ctx, "Initialized") //nolint:misspell // as Flagger spells it
}

func (f *flagger) phase(ctx context.Context, want string) {
	GinkgoHelper()
	Eventually(func() (string, error) { return jsonpath(ctx, f.namespace, "canary/checkout", "{.status.phase}") }).Should(Equal(want))
}

// primary returns the version that serves customers.
func (f *flagger) primary(ctx context.Context) string {
	GinkgoHelper()
	return suite.Kubectl(ctx, "-n", f.namespace, "get", "deployment/checkout-primary", "-o", "jsonpath={.spec.template.metadata.annotations.version}")
}

// weights returns the weights of the HTTPRoute.
func (f *flagger) weights(ctx context.Context) string {
	GinkgoHelper()
	return suite.Kubectl(ctx, "-n", f.namespace, "get", "httproute/checkout",
		"-o", "jsonpath={range .spec.rules[0].backendRefs[*]}{.name}={.weight} {end}")
}

// events returns the Events of Flagger about the Canary.
func (f *flagger) events(ctx context.Context) string {
	GinkgoHelper()
	return suite.Kubectl(ctx, "-n", f.namespace, "get", "events", "--field-selector=involvedObject.kind=Canary",
		"-o", `jsonpath={range .items[*]}{.message}{"\n"}{end}`)
}
