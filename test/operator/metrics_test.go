// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"os/exec"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/scrape"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// metricsSpecs request the metrics of a program with and without authorization.
func metricsSpecs(program func() string) {
	It("of one namespace need its scrape key", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.install()
		address := w.serveMetrics(program(), suite.As(restConfig, w.accountName()), "WATCH_NAMESPACE="+w.namespace)
		secret := get(w, scrape.KeySecret, &corev1.Secret{})
		Expect(ask(ctx, address, "")).To(Equal(http.StatusUnauthorized))
		Expect(ask(ctx, address, "wrong")).To(Equal(http.StatusUnauthorized))
		Expect(ask(ctx, address, string(secret.Data[scrape.KeyField]))).To(Equal(http.StatusOK))
	})

	It("of the whole cluster need an authorized token", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.install()
		grantMetrics(w)
		user := w.account(rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"})
		// Another holder has the lease, so that this operator does not reconcile objects of other specs.
		now := metav1.NowMicro()
		w.create(&coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: "journeyman-operator"}, Spec: coordinationv1.LeaseSpec{
			HolderIdentity: ptr.To("other"), LeaseDurationSeconds: ptr.To[int32](3600), AcquireTime: &now, RenewTime: &now,
		}})
		address := w.serveMetrics(program(), user)
		Expect(ask(ctx, address, "")).To(Equal(http.StatusUnauthorized))
		Expect(ask(ctx, address, "wrong")).To(Equal(http.StatusUnauthorized), "a token that is none is the caller's mistake")
		stranger := token(w, "stranger")
		Expect(ask(ctx, address, stranger+"x")).To(Equal(http.StatusUnauthorized))
		Expect(ask(ctx, address, stranger)).To(Equal(http.StatusForbidden), "who may not read them")
		Expect(ask(ctx, address, token(w, "prometheus"))).To(Equal(http.StatusOK))
	})
}

// grantMetrics installs config/rbac/metrics with unique names, and grants an account the permission to read metrics.
func grantMetrics(w *world) {
	GinkgoHelper()
	raw, err := os.ReadFile("../../config/rbac/metrics/roles.yaml")
	Expect(err).NotTo(HaveOccurred())
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096)
	for range 3 {
		role := &rbacv1.ClusterRole{}
		Expect(decoder.Decode(role)).To(Succeed())
		if role.Kind != "ClusterRole" {
			continue
		}
		subject := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: w.accountName()}
		if role.Name == "journeyman-metrics-reader" {
			subject = rbacv1.Subject{Kind: "ServiceAccount", Namespace: w.namespace, Name: "prometheus"}
		}
		role.TypeMeta, role.Name = metav1.TypeMeta{}, role.Name+"-"+w.namespace
		Expect(api.Create(w.ctx, role)).To(Succeed())
		Expect(api.Create(w.ctx, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role.Name}, Subjects: []rbacv1.Subject{subject},
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		})).To(Succeed())
	}
}

// token returns a token of a new account.
func token(w *world, account string) string {
	GinkgoHelper()
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account}}
	w.create(sa)
	request := &authenticationv1.TokenRequest{}
	Expect(api.SubResource("token").Create(w.ctx, sa, request, &client.SubResourceCreateOptions{})).To(Succeed())
	return request.Status.Token
}

// serveMetrics starts the program for the rest of the spec, and returns the address of its metrics.
func (w *world) serveMetrics(binary string, user *suite.User, env ...string) string {
	GinkgoHelper()
	address := freeAddress()
	p := &process{}
	// not with the context of the spec, which ends before the cleanup stops the program
	p.cmd = exec.CommandContext(context.WithoutCancel(w.ctx), binary, "--leader-elect", "--metrics-bind-address="+address, "--health-probe-bind-address=0")
	p.cmd.Env = append(append(os.Environ(), "KUBECONFIG="+user.Kubeconfig(), "POD_NAMESPACE="+w.namespace), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	Expect(p.cmd.Start()).To(Succeed())
	DeferCleanup(p.end)
	Eventually(w.ctx, func() bool {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		return err == nil && c.Close() == nil
	}).Should(BeTrue(), "it serves HTTPS")
	return address
}

// ask requests the metrics with a token, and returns the HTTP status. A refused response must not contain metrics.
func ask(ctx context.Context, address, token string) int {
	GinkgoHelper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address+"/metrics", nil)
	Expect(err).NotTo(HaveOccurred())
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	browser := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := browser.Do(r)
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(answer.Body.Close()).To(Succeed()) }()
	body, err := io.ReadAll(answer.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(bytes.Contains(body, []byte("# HELP"))).To(Equal(answer.StatusCode == http.StatusOK), "%s", body)
	return answer.StatusCode
}
