// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// installAggregatedRoles installs the roles that a cluster administrator installs once.
func installAggregatedRoles(ctx context.Context) {
	GinkgoHelper()
	for _, name := range []string{"view", "edit", "admin", "install"} {
		text, err := os.ReadFile("../../config/rbac/aggregated/" + name + ".yaml")
		Expect(err).NotTo(HaveOccurred())
		role := &rbacv1.ClusterRole{}
		Expect(yaml.UnmarshalStrict(text, role)).To(Succeed())
		createOnce(ctx, role)
	}
}

// namespaceAdmin creates a user with the role admin in the namespace, and other roles. A controller that does not run here aggregates the role admin,
// so the user gets its parts.
func (w *world) namespaceAdmin(others ...string) *suite.User {
	GinkgoHelper()
	installAggregatedRoles(w.ctx)
	name := "admin-" + w.namespace
	parts := []string{"system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view", "journeyman-admin", "journeyman-edit", "journeyman-view"}
	for _, role := range append(parts, others...) {
		Expect(api.Create(w.ctx, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: strings.ReplaceAll("admin-"+role, ":", "-")},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: name}},
		})).To(Succeed())
	}
	return suite.As(restConfig, name)
}

// overlay returns the kustomization of docs/install.md for the namespace.
func (w *world) overlay() string {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	base, err := filepath.Abs("../../config/namespaced")
	Expect(err).NotTo(HaveOccurred())
	base, err = filepath.Rel(dir, base)
	Expect(err).NotTo(HaveOccurred())
	text := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: " + w.namespace + "\nresources: [" + base + "]\n" +
		"images: [{name: journeyman, newName: example.com/journeyman, newTag: v1}]\n"
	Expect(os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600)).To(Succeed())
	return dir
}

var _ = Describe("An installation into one namespace", suite.Fast, func() {
	// A user with the role admin and the documented role installs the operator and the samples. The operator works with the permissions that this user
	// can grant.
	It("is possible with the role admin and the documented role", func(ctx SpecContext) {
		w := newWorld(ctx)
		admin := w.namespaceAdmin("journeyman-install")
		out, err := admin.Kubectl(ctx, "apply", "--server-side", "-k", w.overlay())
		Expect(err).NotTo(HaveOccurred(), "%s", out)
		out, err = admin.Kubectl(ctx, "apply", "--server-side", "-n", w.namespace, "-k", "../../config/samples")
		Expect(err).NotTo(HaveOccurred(), "%s", out)

		w.setup.Config = suite.As(restConfig, "system:serviceaccount:"+w.namespace+":journeyman-operator").Config
		w.start()
		w.awaitSamples()
		for _, r := range w.wire.Log() {
			Expect(r.Code).NotTo(Equal(403), "refused: %s", r)
		}
		out, err = admin.Kubectl(ctx, "delete", "-n", w.namespace, "-k", "../../config/samples", "--wait=false")
		Expect(err).NotTo(HaveOccurred(), "%s", out)
		out, err = admin.Kubectl(ctx, "delete", "-k", w.overlay(), "--wait=false")
		Expect(err).NotTo(HaveOccurred(), "%s", out)
		Expect(api.Get(ctx, w.key("web"), &v1alpha1.TouchpointSource{})).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
	})

	// Without the role, the API server refuses to grant the operator's permissions, and lists the missing ones. If this test fails, the role and its
	// documentation can be removed.
	It("is refused without the documented role", func(ctx SpecContext) {
		w := newWorld(ctx)
		out, err := w.namespaceAdmin().Kubectl(ctx, "apply", "--server-side", "-k", w.overlay())
		Expect(err).To(HaveOccurred())
		for _, lacking := range []string{`"journeymaps/status"`, `"journeymaps/finalizers"`} {
			Expect(out).To(ContainSubstring(lacking))
		}
	})
})
