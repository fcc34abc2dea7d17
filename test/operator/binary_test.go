// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestBinary runs the real program with the rights that it is installed with and no others: it makes its key, finds its own image,
// takes the lease, works, and gives the lease back when it is told to end. A second one then finds the key that the first made.
func TestBinary(t *testing.T) {
	w := newWorld(t)
	w.install()
	binary := filepath.Join(t.TempDir(), "operator")
	build := exec.CommandContext(ctx(t), "go", "build", "-o", binary, "../../cmd/operator")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	w.apply("EventStore")

	p := w.run(binary)
	awaitReady(w, "default", &v1alpha1.EventStore{})
	set := get(w, "default-store", &appsv1.StatefulSet{})
	require.Equal(t, "journeyman:installed", set.Spec.Template.Spec.Containers[0].Image, "children get the operator's own image")
	lease := get(w, "journeyman-operator", &coordinationv1.Lease{})
	require.NotEmpty(t, *lease.Spec.HolderIdentity)
	p.end()
	eventually(w, "journeyman-operator", lease, "given back", func(l *coordinationv1.Lease) bool { return *l.Spec.HolderIdentity == "" })

	key := get(w, "journeyman-operator-key", &corev1.Secret{})
	p = w.run(binary)
	change(w, "default", &v1alpha1.EventStore{}, func(s *v1alpha1.EventStore) { s.Spec.Retention = "30d" })
	awaitReady(w, "default", &v1alpha1.EventStore{})
	require.Equal(t, key.Data, get(w, "journeyman-operator-key", &corev1.Secret{}).Data)
	var secrets corev1.SecretList
	require.NoError(t, api.List(ctx(t), &secrets))
	n := 0
	for _, s := range secrets.Items {
		if s.Namespace == w.namespace {
			n++
		}
	}
	require.Equal(t, 4, n, "the second one derives the Secrets that are there: three of the store, and its own key")
	p.end()
	require.NotContains(t, p.log.String(), "forbidden")
}

// install makes what config/ installs: the rights, and the operator's own Deployment, which nothing runs.
func (w *world) install() {
	w.t.Helper()
	for _, file := range []string{"role.yaml", "own_namespace.yaml"} {
		raw, err := os.ReadFile("../../config/rbac/" + file)
		require.NoError(w.t, err)
		role := &rbacv1.Role{} // in place of the ClusterRole, as config/namespaced does
		require.NoError(w.t, yaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096).Decode(role))
		role.TypeMeta = metav1.TypeMeta{}
		w.create(role)
		w.create(&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role.Name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "binary-" + w.namespace}},
		})
	}
	labels := map[string]string{"app": "operator"}
	w.create(&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "journeyman-operator"}, Spec: appsv1.DeploymentSpec{
		Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "operator", Image: "journeyman:installed"}},
		}},
	}})
}

// process is a running operator.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	log bytes.Buffer
}

// run starts the program and waits until it says that it is ready.
func (w *world) run(binary string) *process {
	w.t.Helper()
	user, err := environment.AddUser(envtest.User{Name: "binary-" + w.namespace}, restConfig)
	require.NoError(w.t, err)
	config, err := user.KubeConfig()
	require.NoError(w.t, err)
	file := filepath.Join(w.t.TempDir(), "kubeconfig")
	require.NoError(w.t, os.WriteFile(file, config, 0o600))
	probes := freeAddress(w.t)
	p := &process{t: w.t}
	p.cmd = exec.CommandContext(ctx(w.t), binary, "--leader-elect", "--metrics-bind-address=0", "--health-probe-bind-address="+probes)
	p.cmd.Env = append(os.Environ(), "KUBECONFIG="+file, "POD_NAMESPACE="+w.namespace, "WATCH_NAMESPACE="+w.namespace)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	require.NoError(w.t, p.cmd.Start())
	require.Eventually(w.t, func() bool {
		response, err := http.Get("http://" + probes + "/readyz")
		if err != nil {
			return false
		}
		return response.Body.Close() == nil && response.StatusCode == http.StatusOK
	}, patience, 100*time.Millisecond)
	return p
}

// end tells the program to end; it has to do so by itself, without an error.
func (p *process) end() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(p.t, p.cmd.Wait(), "%s", &p.log)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	return l.Addr().String()
}
