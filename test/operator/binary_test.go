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

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// The specs share the program, because building it takes longer than a spec.
var _ = Describe("The program", Ordered, ContinueOnFailure, suite.Slow, func() {
	var binary string

	BeforeAll(func(ctx SpecContext) {
		policiesInForce(ctx)
		// JOURNEYMAN_PROGRAMS is a folder of programs to test instead, such as those for another architecture.
		if dir := os.Getenv("JOURNEYMAN_PROGRAMS"); dir != "" {
			binary = filepath.Join(dir, "operator")
			return
		}
		binary = filepath.Join(GinkgoT().TempDir(), "operator")
		out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "../../cmd/operator").CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), "%s", out)
	})

	// The program has the permissions of the installation, and the policies restrict it. It creates its key, finds its own image, acquires the lease,
	// reconciles, and releases the lease on SIGTERM. A second process uses the same key.
	It("needs only the permissions of the installation, and releases its lease", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.install()
		w.apply("EventStore")

		p := w.run(binary)
		awaitReady(w, "default", &v1alpha1.EventStore{})
		set := get(w, "default-store", &appsv1.StatefulSet{})
		Expect(set.Spec.Template.Spec.Containers[0].Image).To(Equal("journeyman:installed"), "children get the operator's own image")
		lease := get(w, "journeyman-operator", &coordinationv1.Lease{})
		Expect(*lease.Spec.HolderIdentity).NotTo(BeEmpty())
		p.end()
		eventually(w, "journeyman-operator", lease, "given back", func(l *coordinationv1.Lease) bool { return *l.Spec.HolderIdentity == "" })

		key := get(w, "journeyman-operator-key", &corev1.Secret{})
		p = w.run(binary)
		change(w, "default", &v1alpha1.EventStore{}, func(s *v1alpha1.EventStore) { s.Spec.Retention = "30d" })
		awaitReady(w, "default", &v1alpha1.EventStore{})
		Expect(get(w, "journeyman-operator-key", &corev1.Secret{}).Data).To(Equal(key.Data))
		var secrets corev1.SecretList
		Expect(api.List(ctx, &secrets)).To(Succeed())
		n := 0
		for _, s := range secrets.Items {
			if s.Namespace == w.namespace {
				n++
			}
		}
		Expect(n).To(Equal(4), "the second one derives the Secrets that are there: three of the store, and its own key")
		p.end()
		Expect(p.log.String()).NotTo(ContainSubstring("forbidden"))
	})

	Context("metrics", func() { metricsSpecs(func() string { return binary }) })
})

// policiesInForce applies config/policy, and waits until the policies refuse requests that RBAC allows.
func policiesInForce(ctx SpecContext) {
	GinkgoHelper()
	installPolicies(ctx)
	w := newWorld(ctx)
	w.install()
	user, err := client.New(suite.As(restConfig, w.accountName()).Config, client.Options{Scheme: controller.Scheme()})
	Expect(err).NotTo(HaveOccurred())
	Eventually(ctx, func() error {
		return create(ctx, user, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "another-key"}})
	}).Should(MatchError(ContainSubstring(refusedBy)))
}

// install creates the objects of config/: the permissions, and the Deployment of the operator, which does not run here.
func (w *world) install() {
	GinkgoHelper()
	for _, file := range []string{"role.yaml", "own_namespace.yaml"} {
		raw, err := os.ReadFile("../../config/rbac/" + file)
		Expect(err).NotTo(HaveOccurred())
		role := &rbacv1.Role{} // instead of the ClusterRole, as in config/namespaced
		Expect(yaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096).Decode(role)).To(Succeed())
		role.TypeMeta = metav1.TypeMeta{}
		w.create(role)
		w.create(&rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: role.Name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: w.accountName()}},
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
	cmd *exec.Cmd
	log bytes.Buffer
}

// run starts the program, and waits until it is ready.
func (w *world) run(binary string) *process {
	GinkgoHelper()
	file := suite.As(restConfig, w.accountName()).Kubeconfig()
	probes := freeAddress()
	p := &process{}
	p.cmd = exec.CommandContext(w.ctx, binary, "--leader-elect", "--metrics-bind-address=0", "--health-probe-bind-address="+probes)
	p.cmd.Env = append(os.Environ(), "KUBECONFIG="+file, "POD_NAMESPACE="+w.namespace, "WATCH_NAMESPACE="+w.namespace)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	Expect(p.cmd.Start()).To(Succeed())
	Eventually(w.ctx, func() bool {
		response, err := http.Get("http://" + probes + "/readyz")
		if err != nil {
			return false
		}
		return response.Body.Close() == nil && response.StatusCode == http.StatusOK
	}).Should(BeTrue())
	return p
}

// end sends SIGTERM. The program must exit without an error.
func (p *process) end() {
	GinkgoHelper()
	Expect(p.cmd.Process.Signal(syscall.SIGTERM)).To(Succeed())
	Expect(p.cmd.Wait()).To(Succeed(), "%s", &p.log)
}

func freeAddress() string {
	GinkgoHelper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(l.Close()).To(Succeed()) }()
	return l.Addr().String()
}
