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
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/journeyman-dev/journeyman/internal/scrape"
)

// TestMetricsNeedCredentials runs the real program both ways that it is installed, and asks it for its metrics as anybody, and as somebody who may.
func TestMetricsNeedCredentials(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "operator")
	build := exec.CommandContext(ctx(t), "go", "build", "-o", binary, "../../cmd/operator")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	t.Run("one namespace", func(t *testing.T) {
		w := newWorld(t)
		w.install()
		user, err := environment.AddUser(envtest.User{Name: "binary-" + w.namespace}, restConfig)
		require.NoError(t, err)
		address := w.serveMetrics(binary, user, "WATCH_NAMESPACE="+w.namespace)
		secret := get(w, scrape.KeySecret, &corev1.Secret{})
		require.Equal(t, http.StatusUnauthorized, ask(t, address, ""))
		require.Equal(t, http.StatusUnauthorized, ask(t, address, "wrong"))
		require.Equal(t, http.StatusOK, ask(t, address, string(secret.Data[scrape.KeyField])))
	})

	t.Run("the whole cluster", func(t *testing.T) {
		w := newWorld(t)
		w.install()
		grantMetrics(w)
		user := w.account(rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"})
		// Somebody else has the lease, so that this one changes nothing in the namespaces of other tests.
		now := metav1.NowMicro()
		w.create(&coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: "journeyman-operator"}, Spec: coordinationv1.LeaseSpec{
			HolderIdentity: ptr.To("other"), LeaseDurationSeconds: ptr.To[int32](3600), AcquireTime: &now, RenewTime: &now,
		}})
		address := w.serveMetrics(binary, user)
		require.Equal(t, http.StatusUnauthorized, ask(t, address, ""))
		require.Equal(t, http.StatusUnauthorized, ask(t, address, "wrong"), "a token that is none is the caller's mistake")
		stranger := token(w, "stranger")
		require.Equal(t, http.StatusUnauthorized, ask(t, address, stranger+"x"))
		require.Equal(t, http.StatusForbidden, ask(t, address, stranger), "who may not read them")
		require.Equal(t, http.StatusOK, ask(t, address, token(w, "prometheus")))
	})
}

// grantMetrics installs config/rbac/metrics under names of the test's own, and binds the right to read to an account.
func grantMetrics(w *world) {
	w.t.Helper()
	raw, err := os.ReadFile("../../config/rbac/metrics/roles.yaml")
	require.NoError(w.t, err)
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096)
	for range 3 {
		role := &rbacv1.ClusterRole{}
		require.NoError(w.t, decoder.Decode(role))
		if role.Kind != "ClusterRole" {
			continue
		}
		subject := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: "system:serviceaccount:" + w.namespace + ":journeyman-operator"}
		if role.Name == "journeyman-metrics-reader" {
			subject = rbacv1.Subject{Kind: "ServiceAccount", Namespace: w.namespace, Name: "prometheus"}
		}
		role.TypeMeta, role.Name = metav1.TypeMeta{}, role.Name+"-"+w.namespace
		require.NoError(w.t, api.Create(ctx(w.t), role))
		require.NoError(w.t, api.Create(ctx(w.t), &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role.Name}, Subjects: []rbacv1.Subject{subject},
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		}))
	}
}

// token of a new account.
func token(w *world, account string) string {
	w.t.Helper()
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account}}
	w.create(sa)
	request := &authenticationv1.TokenRequest{}
	require.NoError(w.t, api.SubResource("token").Create(ctx(w.t), sa, request, &client.SubResourceCreateOptions{}))
	return request.Status.Token
}

// serveMetrics starts the program until the end of the test, and gives the address of its metrics.
func (w *world) serveMetrics(binary string, user *envtest.AuthenticatedUser, env ...string) string {
	w.t.Helper()
	config, err := user.KubeConfig()
	require.NoError(w.t, err)
	file := filepath.Join(w.t.TempDir(), "kubeconfig")
	require.NoError(w.t, os.WriteFile(file, config, 0o600))
	address := freeAddress(w.t)
	p := &process{t: w.t}
	// Not with the test's context, which ends before the cleanup asks the program to end.
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx(w.t)), binary, "--leader-elect", "--metrics-bind-address="+address, "--health-probe-bind-address=0")
	p.cmd.Env = append(append(os.Environ(), "KUBECONFIG="+file, "POD_NAMESPACE="+w.namespace), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	require.NoError(w.t, p.cmd.Start())
	w.t.Cleanup(p.end)
	require.Eventually(w.t, func() bool {
		c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		return err == nil && c.Close() == nil
	}, patience, 100*time.Millisecond, "it serves HTTPS")
	return address
}

// ask for the metrics with a token, and give the status; who is refused sees no series.
func ask(t *testing.T, address, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx(t), http.MethodGet, "https://"+address+"/metrics", nil)
	require.NoError(t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	browser := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := browser.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, answer.Body.Close()) }()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, answer.StatusCode == http.StatusOK, bytes.Contains(body, []byte("# HELP")), "%s", body)
	return answer.StatusCode
}
