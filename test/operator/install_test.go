// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// aggregatedRoles installs the roles that an administrator of the cluster installs once.
var aggregatedRoles = sync.OnceValue(func() error {
	for _, name := range []string{"view", "edit", "admin", "install"} {
		text, err := os.ReadFile("../../config/rbac/aggregated/" + name + ".yaml")
		if err != nil {
			return err
		}
		role := &rbacv1.ClusterRole{}
		if err := yaml.UnmarshalStrict(text, role); err != nil {
			return err
		}
		if err := api.Create(context.Background(), role); err != nil {
			return err
		}
	}
	return nil
})

// namespaceAdmin makes a user with the role admin in the namespace, and with the other roles that are named. The role admin of a cluster is
// put together by a controller that an API server alone lacks, so the user gets its parts.
func (w *world) namespaceAdmin(others ...string) *envtest.AuthenticatedUser {
	w.t.Helper()
	require.NoError(w.t, aggregatedRoles())
	name := "admin-" + w.namespace
	parts := []string{"system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view", "journeyman-admin", "journeyman-edit", "journeyman-view"}
	for _, role := range append(parts, others...) {
		require.NoError(w.t, api.Create(ctx(w.t), &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: strings.ReplaceAll("admin-"+role, ":", "-")},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: name}},
		}))
	}
	user, err := environment.AddUser(envtest.User{Name: name}, restConfig)
	require.NoError(w.t, err)
	return user
}

// kubectlAs runs kubectl as a user, and gives what it printed.
func (w *world) kubectlAs(user *envtest.AuthenticatedUser, args ...string) (string, error) {
	w.t.Helper()
	config, err := user.KubeConfig()
	require.NoError(w.t, err)
	file := filepath.Join(w.t.TempDir(), "kubeconfig")
	require.NoError(w.t, os.WriteFile(file, config, 0o600))
	kubectl := exec.CommandContext(ctx(w.t), environment.ControlPlane.KubectlPath, append([]string{"--kubeconfig", file}, args...)...)
	out, err := kubectl.CombinedOutput()
	return string(out), err
}

// overlay of docs/install.md, for the namespace.
func (w *world) overlay() string {
	w.t.Helper()
	dir := w.t.TempDir()
	base, err := filepath.Abs("../../config/namespaced")
	require.NoError(w.t, err)
	base, err = filepath.Rel(dir, base)
	require.NoError(w.t, err)
	text := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: " + w.namespace + "\nresources: [" + base + "]\n" +
		"images: [{name: journeyman, newName: example.com/journeyman, newTag: v1}]\n"
	require.NoError(w.t, os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600))
	return dir
}

// TestInstallIntoOneNamespace: somebody with the role admin and the documented role installs the operator and the samples, and the operator
// works with the rights that it got from them.
func TestInstallIntoOneNamespace(t *testing.T) {
	w := newWorld(t)
	admin := w.namespaceAdmin("journeyman-install")
	out, err := w.kubectlAs(admin, "apply", "--server-side", "-k", w.overlay())
	require.NoError(t, err, out)
	out, err = w.kubectlAs(admin, "apply", "--server-side", "-n", w.namespace, "-k", "../../config/samples")
	require.NoError(t, err, out)

	operator, err := environment.AddUser(envtest.User{Name: "system:serviceaccount:" + w.namespace + ":journeyman-operator"}, restConfig)
	require.NoError(t, err)
	w.setup.Config = operator.Config()
	w.start()
	w.awaitSamples()
	for _, r := range w.wire.Log() {
		require.NotEqual(t, 403, r.Code, "refused: %s", r)
	}
	out, err = w.kubectlAs(admin, "delete", "-n", w.namespace, "-k", "../../config/samples", "--wait=false")
	require.NoError(t, err, out)
	out, err = w.kubectlAs(admin, "delete", "-k", w.overlay(), "--wait=false")
	require.NoError(t, err, out)
	require.True(t, apierrors.IsNotFound(api.Get(ctx(t), w.key("web"), &v1alpha1.TouchpointSource{})))
}

// TestInstallNeedsItsRole: without the role, the API server refuses the operator's rights, and says which are lacking. If it does not any
// more, the role and its place in the docs can go.
func TestInstallNeedsItsRole(t *testing.T) {
	w := newWorld(t)
	out, err := w.kubectlAs(w.namespaceAdmin(), "apply", "--server-side", "-k", w.overlay())
	require.Error(t, err)
	for _, lacking := range []string{`"journeymaps/status"`, `"journeymaps/finalizers"`} {
		require.Contains(t, out, lacking)
	}
}
