// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// assigned has a MutatingAdmissionPolicy that sets a user of a range and the group 0 in pods, like OpenShift's restricted-v2, and a
// ValidatingAdmissionPolicy that refuses pods with another user.
const assigned = `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: NAMESPACE-user}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAMESPACE}}
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  matchConditions:
  - name: chose-none
    expression: "!has(object.spec.securityContext.runAsUser)"
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration:
      expression: >-
        Object{spec: Object.spec{securityContext: Object.spec.securityContext{runAsUser: 1000660000, runAsGroup: 0, fsGroup: 1000660000}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: NAMESPACE-user}
spec: {policyName: NAMESPACE-user}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: NAMESPACE-user}
spec:
  failurePolicy: Fail
  matchConstraints:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAMESPACE}}
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
  - {expression: "object.spec.securityContext.runAsUser == 1000660000", message: "runAsUser: must be in the range [1000660000, 1000669999]"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: NAMESPACE-user}
spec: {policyName: NAMESPACE-user, validationActions: [Deny]}
`

// probe is a pod that is not scheduled.
const probe = `
apiVersion: v1
kind: Pod
metadata: {name: probe}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - {name: probe, image: probe, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
`

var _ = Describe("A platform that sets the user of pods", Label("platform"), func() {
	It("runs operator, store, ingestion and analysis as a user of its range with group 0", func(ctx context.Context) {
		namespace := team(ctx)
		policies := strings.ReplaceAll(assigned, "NAMESPACE", namespace)
		_, err := suite.TryKubectlInput(ctx, policies, "apply", "-f", "-")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func(ctx context.Context) { _, _ = suite.TryKubectlInput(ctx, policies, "delete", "-f", "-") })
		// An admission policy takes effect after a short delay.
		Eventually(func() (string, error) {
			return suite.TryKubectlInput(ctx, probe, "-n", namespace, "create", "--dry-run=server", "-f", "-", "-o", "jsonpath={.spec.securityContext.runAsUser}")
		}).Should(Equal("1000660000"))

		args := []string{"install", "journeyman", "charts/journeyman", "-n", namespace, "--set", "mode=namespaced", "--set", "crds.enabled=false",
			"--set", "podUser=Platform", "--wait", "--timeout", "4m"}
		suite.Helm(ctx, append(args, ofImage(image)...)...)
		DeferCleanup(func(ctx context.Context) {
			_, _ = suite.TryHelm(ctx, "uninstall", "journeyman", "-n", namespace, "--ignore-not-found")
		})
		suite.Kubectl(ctx, "apply", "-n", namespace, "-k", "config/samples")
		out := suite.Helm(ctx, "upgrade", "journeyman", "charts/journeyman", "-n", namespace, "--reuse-values", "--set", "sampleData.enabled=true",
			"--timeout", "8m")
		Expect(out).To(ContainSubstring("240 customers"))
		users := suite.Kubectl(ctx, "-n", namespace, "get", "pods", "-o",
			"jsonpath={range .items[*]}{.spec.securityContext.runAsUser}:{.spec.securityContext.runAsGroup}{'\\n'}{end}")
		Expect(strings.Fields(users)).NotTo(BeEmpty())
		Expect(strings.Fields(users)).To(HaveEach("1000660000:0"))
	})
})

// kustomize installs config/namespaced as described in docs/install.md.
func kustomize(ctx context.Context, namespace string) {
	GinkgoHelper()
	// kustomize accepts only relative folders
	dir, err := os.MkdirTemp(filepath.Join(root, "config"), ".helm-")
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = os.RemoveAll(dir) }()
	name, tag, _ := strings.Cut(image, ":")
	text := fmt.Sprintf("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: %s\nresources: [../namespaced]\n"+
		"images: [{name: journeyman, newName: %s, newTag: %q}]\n", namespace, name, tag)
	Expect(os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600)).To(Succeed())
	suite.Kubectl(ctx, "apply", "--server-side", "-k", dir)
	suite.Kubectl(ctx, "-n", namespace, "rollout", "status", "deployment/journeyman-operator", "--timeout=180s")
}
