// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// team is the namespace of one spec, with its own operator.
type team struct {
	// ctx is the context of the spec.
	ctx       context.Context
	namespace string
}

// newTeam creates a namespace that enforces the restricted Pod Security profile, and installs the operator in it.
func newTeam(ctx context.Context, labels ...string) *team {
	GinkgoHelper()
	tm := &team{ctx: ctx, namespace: suite.Team(ctx, "e2e", append(labels, suite.Restricted)...)}
	tm.installOperator(image)
	return tm
}

// kustomization of the operator in one namespace, as in docs/install.md.
const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: %s
resources: [%s]
images:
- {name: journeyman, newName: %s, newTag: %s}
`

// installOperator applies config/namespaced with the given image, and waits until the operator is available.
func (tm *team) installOperator(image string) {
	GinkgoHelper()
	// kustomize accepts only relative folders
	dir, err := os.MkdirTemp(filepath.Join(root, "config"), ".e2e-")
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = os.RemoveAll(dir) }()
	name, tag, _ := strings.Cut(image, ":")
	text := fmt.Sprintf(kustomization, tm.namespace, "../namespaced", name, tag)
	Expect(os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600)).To(Succeed())
	suite.Kubectl(tm.ctx, "apply", "--server-side", "--force-conflicts", "-k", dir)
	suite.Kubectl(tm.ctx, "-n", tm.namespace, "rollout", "status", "deployment/journeyman-operator", "--timeout=180s")
}

// apply applies YAML in the team's namespace.
func (tm *team) apply(yaml string) {
	GinkgoHelper()
	_, err := suite.TryKubectlInput(tm.ctx, yaml, "-n", tm.namespace, "apply", "--server-side", "--force-conflicts", "-f", "-")
	Expect(err).NotTo(HaveOccurred())
}

// get reads an object of the namespace.
func (tm *team) get(name string, obj client.Object) {
	GinkgoHelper()
	Expect(kube.Get(tm.ctx, client.ObjectKey{Namespace: tm.namespace, Name: name}, obj)).To(Succeed())
}

// eventually polls until the function returns no error. The failure message is the last error.
func (tm *team) eventually(what string, try func() error) {
	GinkgoHelper()
	Eventually(tm.ctx, try).WithPolling(500*time.Millisecond).Should(Succeed(), "%s did not come true", what)
}

// condition waits until a condition of an object has the status, and returns its reason and message. It stops when the object is Stalled, because
// waiting cannot help then.
func (tm *team) condition(kind, name, condition, status string) (reason, message string) {
	GinkgoHelper()
	tm.eventually(fmt.Sprintf("%s %s: %s=%s", kind, name, condition, status), func() error {
		out, err := suite.TryKubectl(tm.ctx, "-n", tm.namespace, "get", kind, name, "-o", "json")
		if err != nil {
			return err
		}
		var o struct {
			Metadata metav1.ObjectMeta
			Status   struct{ Conditions []metav1.Condition }
		}
		if err := json.Unmarshal([]byte(out), &o); err != nil {
			return err
		}
		c := meta.FindStatusCondition(o.Status.Conditions, condition)
		if c != nil && string(c.Status) == status {
			reason, message = c.Reason, c.Message
			return nil
		}
		stalled := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionStalled)
		if condition == v1alpha1.ConditionReady && stalled != nil && stalled.ObservedGeneration == o.Metadata.Generation {
			return StopTrying(fmt.Sprintf("%s %s is stalled: %s", kind, name, stalled.Message))
		}
		return fmt.Errorf("%s of %s %s is not %q: %+v", condition, kind, name, status, c)
	})
	return reason, message
}

// serviceURL returns the address of a Service. ClusterIPs are reachable from the machine of the one-node cluster.
func (tm *team) serviceURL(name string) string {
	GinkgoHelper()
	var svc corev1.Service
	tm.get(name, &svc)
	return fmt.Sprintf("http://%s:%d", svc.Spec.ClusterIP, svc.Spec.Ports[0].Port)
}

// pods returns the pods of a child by its labels.
func (tm *team) pods(labels map[string]string) []corev1.Pod {
	GinkgoHelper()
	var list corev1.PodList
	Expect(kube.List(tm.ctx, &list, client.InNamespace(tm.namespace), client.MatchingLabels(labels))).To(Succeed())
	return list.Items
}

// secret returns the YAML of a Secret with the default key.
func secret(name, value string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: %s}\nstringData: {journeyman-secret: %q}\n", name, value)
}

// uids returns the sorted UIDs of the running pods of some components.
func (tm *team) uids(components ...string) (out []string) {
	GinkgoHelper()
	for _, c := range components {
		for _, p := range tm.pods(map[string]string{"app.kubernetes.io/component": c}) {
			out = append(out, string(p.UID))
		}
	}
	slices.Sort(out)
	return out
}

// wantStatus posts one message, and requires the HTTP status.
func (tm *team) wantStatus(s *segment, status int) error {
	got, text, err := s.post([]byte(`{"batch":[{"type":"track","event":"Probe","userId":"u","messageId":"probe"}]}`))
	if err == nil && got != status {
		err = fmt.Errorf("status %d, not %d: %s", got, status, text)
	}
	return err
}

// clientKey returns the key of an object without a namespace.
func clientKey(name string) client.ObjectKey { return client.ObjectKey{Name: name} }
