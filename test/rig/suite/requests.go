// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

// KeepRequests is the label of a namespace whose pods keep their CPU requests.
const KeepRequests = "journeyman.dev/requests=kept"

// smallRequests is a policy that reduces the CPU requests of pods in the namespaces of specs. A node with two CPUs has no room for the requests of all
// specs that run in parallel, although their pods use a few thousandths of a CPU: pods stay Pending, with a Warning. An autoscaler compares usage with
// the request, so autoscaled pods, which are those with large requests, keep enough.
const smallRequests = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: journeyman-e2e-requests}
spec:
  failurePolicy: Ignore
  reinvocationPolicy: Never
  matchConstraints:
    namespaceSelector:
      matchLabels: {journeyman.dev/e2e: "true"}
      matchExpressions: [{key: journeyman.dev/requests, operator: DoesNotExist}]
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  matchConditions:
  - name: requests-cpu
    expression: object.spec.containers[0].?resources.?requests[?"cpu"].hasValue()
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        [JSONPatch{op: "replace", path: "/spec/containers/0/resources/requests/cpu",
        value: quantity(string(object.spec.containers[0].resources.requests["cpu"])).isGreaterThan(quantity("100m")) ? "50m" : "1m"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: journeyman-e2e-requests}
spec: {policyName: journeyman-e2e-requests}
`

// Prepare makes the cluster ready for a suite: it applies the CRDs, and a policy that makes room for specs in parallel.
func Prepare(ctx context.Context) {
	ginkgo.GinkgoHelper()
	installCRDs(ctx)
	gomega.Eventually(ctx, func() error {
		_, err := TryKubectlInput(ctx, smallRequests, "apply", "--server-side", "--force-conflicts", "-f", "-")
		return err
	}).Should(gomega.Succeed())
}
