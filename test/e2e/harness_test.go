// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// patience is how long the cluster gets for anything. It is long on purpose: a loaded machine of two cores is slow, not wrong.
const patience = 4 * time.Minute

// kubectl runs the real kubectl, as a user would, and gives what it printed.
func kubectl(args ...string) (string, error) {
	return kubectlInput("", args...)
}

func kubectlInput(stdin string, args ...string) (string, error) {
	cmd := exec.Command("kubectl", args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

// installCRDs tries again where the tests that run beside these were first.
func installCRDs() (err error) {
	for range 5 {
		if _, err = kubectl("apply", "--server-side", "--force-conflicts", "-k", filepath.Join(root, "config/crd")); err == nil {
			return nil
		}
		time.Sleep(2 * time.Second)
	}
	return err
}

// team is a namespace of one test with an operator of its own.
type team struct {
	t         *testing.T
	namespace string
}

// newTeam makes a namespace that enforces the restricted Pod Security profile and installs the operator into it.
func newTeam(t *testing.T) *team {
	t.Helper()
	tm := &team{t: t, namespace: "e2e-" + rand.String(6)}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tm.namespace, Labels: map[string]string{
		"pod-security.kubernetes.io/enforce": "restricted",
		"journeyman.dev/e2e":                 "true",
	}}}
	require.NoError(t, kube.Create(t.Context(), ns))
	t.Cleanup(func() { tm.cleanUp(ns) })
	tm.installOperator(image)
	return tm
}

func (tm *team) cleanUp(ns *corev1.Namespace) {
	if tm.t.Failed() {
		tm.diagnose()
	}
	if os.Getenv("JOURNEYMAN_E2E_KEEP") != "" {
		tm.t.Logf("namespace %s is kept", tm.namespace)
		return
	}
	_, _ = kubectl("-n", tm.namespace, "delete", "mr,jm,tps,es,pvc", "--all", "--wait=false")
	_ = kube.Delete(context.Background(), ns)
}

// diagnose prints what a person would look at first.
func (tm *team) diagnose() {
	for _, args := range [][]string{
		{"get", "es,tps,jm,mr,deploy,sts,jobs,pods,pvc", "-o", "wide"},
		{"get", "es,tps,jm,mr", "-o", "yaml"},
		{"get", "events", "--sort-by=.lastTimestamp"},
		{"logs", "-l", "app.kubernetes.io/name=journeyman", "--tail=40", "--prefix", "--all-containers", "--max-log-requests=30"},
	} {
		out, err := kubectl(append([]string{"-n", tm.namespace}, args...)...)
		tm.t.Logf("$ kubectl %s\n%s\n%v", strings.Join(args, " "), out, err)
	}
}

// kustomization of the operator in one namespace, as docs/install.md has it.
const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: %s
resources: [%s]
images:
- {name: journeyman, newName: %s, newTag: %s}
`

// installOperator applies config/namespaced with the given image and waits until the operator serves.
func (tm *team) installOperator(image string) {
	tm.t.Helper()
	// kustomize takes relative folders only, below or beside the one that it builds.
	dir, err := os.MkdirTemp(filepath.Join(root, "config"), ".e2e-")
	require.NoError(tm.t, err)
	defer func() { _ = os.RemoveAll(dir) }()
	name, tag, _ := strings.Cut(image, ":")
	text := fmt.Sprintf(kustomization, tm.namespace, "../namespaced", name, tag)
	require.NoError(tm.t, os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600))
	_, err = kubectl("apply", "--server-side", "--force-conflicts", "-k", dir)
	require.NoError(tm.t, err)
	_, err = kubectl("-n", tm.namespace, "rollout", "status", "deployment/journeyman-operator", "--timeout=180s")
	require.NoError(tm.t, err)
}

// apply applies YAML in the team's namespace.
func (tm *team) apply(yaml string) {
	tm.t.Helper()
	_, err := kubectlInput(yaml, "-n", tm.namespace, "apply", "--server-side", "--force-conflicts", "-f", "-")
	require.NoError(tm.t, err)
}

// get reads an object of the namespace.
func (tm *team) get(name string, obj client.Object) {
	tm.t.Helper()
	require.NoError(tm.t, kube.Get(tm.t.Context(), client.ObjectKey{Namespace: tm.namespace, Name: name}, obj))
}

// eventually polls until the function gives no error; the last error is the failure's message.
func (tm *team) eventually(what string, try func() error) {
	tm.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			require.NoError(tm.t, err, "%s did not come true in %s", what, patience)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// condition waits until an object's condition has the status, and gives it.
func (tm *team) condition(kind, name, condition, status string) (reason, message string) {
	tm.t.Helper()
	tm.eventually(fmt.Sprintf("%s %s: %s=%s", kind, name, condition, status), func() error {
		path := fmt.Sprintf(`jsonpath={.status.conditions[?(@.type==%q)].status}|{.status.conditions[?(@.type==%q)].reason}|{.status.conditions[?(@.type==%q)].message}`,
			condition, condition, condition)
		out, err := kubectl("-n", tm.namespace, "get", kind, name, "-o", path)
		if err != nil {
			return err
		}
		parts := strings.SplitN(out, "|", 3)
		if parts[0] != status {
			return fmt.Errorf("%s of %s %s is %q, not %q: %s", condition, kind, name, parts[0], status, out)
		}
		reason, message = parts[1], parts[2]
		return nil
	})
	return reason, message
}

// serviceURL gives the address of a Service; the machine of the one-node cluster reaches ClusterIPs.
func (tm *team) serviceURL(name string) string {
	tm.t.Helper()
	var svc corev1.Service
	tm.get(name, &svc)
	return fmt.Sprintf("http://%s:%d", svc.Spec.ClusterIP, svc.Spec.Ports[0].Port)
}

// pods of a child, by its labels.
func (tm *team) pods(labels map[string]string) []corev1.Pod {
	tm.t.Helper()
	var list corev1.PodList
	require.NoError(tm.t, kube.List(tm.t.Context(), &list, client.InNamespace(tm.namespace), client.MatchingLabels(labels)))
	return list.Items
}

// secret gives the YAML of a Secret with the default key.
func secret(name, value string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: %s}\nstringData: {journeyman-secret: %q}\n", name, value)
}

// uids of the running pods of some components, sorted.
func (tm *team) uids(components ...string) (out []string) {
	tm.t.Helper()
	for _, c := range components {
		for _, p := range tm.pods(map[string]string{"app.kubernetes.io/component": c}) {
			out = append(out, string(p.UID))
		}
	}
	slices.Sort(out)
	return out
}

// wantStatus posts one message and wants the HTTP status.
func (tm *team) wantStatus(s *segment, status int) error {
	got, text, err := s.post([]byte(`{"batch":[{"type":"track","event":"Probe","userId":"u","messageId":"probe"}]}`))
	if err == nil && got != status {
		err = fmt.Errorf("status %d, not %d: %s", got, status, text)
	}
	return err
}

// clientKey of an object that has no namespace.
func clientKey(name string) client.ObjectKey { return client.ObjectKey{Name: name} }
