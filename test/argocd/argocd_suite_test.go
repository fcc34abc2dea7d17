// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/argo"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
)

var (
	// api is a client past the operators, restConfig reaches the API server, and kubeconfig names a file with which kubectl does.
	api        client.Client
	restConfig *rest.Config
	kubeconfig string
	// health is Argo CD's script.
	health string
)

func TestArgoCD(t *testing.T) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Skip("KUBEBUILDER_ASSETS does not say where etcd and kube-apiserver are: run hack/cluster/prepare.sh --envtest")
	}
	ctrl.SetLogger(logr.Discard())
	SetDefaultEventuallyTimeout(2 * time.Minute)
	SetDefaultEventuallyPollingInterval(100 * time.Millisecond)
	RegisterFailHandler(Fail)
	RunSpecs(t, "What Argo CD does")
}

var _ = BeforeSuite(func() {
	environment := &envtest.Environment{CRDDirectoryPaths: []string{"../../config/crd/bases"}, ErrorIfCRDPathMissing: true}
	var err error
	restConfig, err = environment.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(environment.Stop)
	user, err := environment.AddUser(envtest.User{Name: "argocd", Groups: []string{"system:masters"}}, nil)
	Expect(err).NotTo(HaveOccurred())
	text, err := user.KubeConfig()
	Expect(err).NotTo(HaveOccurred())
	kubeconfig = filepath.Join(GinkgoT().TempDir(), "config")
	Expect(os.WriteFile(kubeconfig, text, 0o600)).To(Succeed())
	api, err = client.New(restConfig, client.Options{Scheme: controller.Scheme()})
	Expect(err).NotTo(HaveOccurred())
	script, err := os.ReadFile("../../config/argocd/health.lua")
	Expect(err).NotTo(HaveOccurred())
	health = string(script)
})

// shop makes a namespace with an operator, and lets pods be played in it.
func shop(ctx context.Context) string {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "shop-"}}
	Expect(api.Create(ctx, namespace)).To(Succeed())
	stores := sim.NewStores()
	operator, err := sim.Start(sim.Setup{
		Config: restConfig, Wire: &sim.Wire{}, Namespaces: []string{namespace.Name}, Stores: stores, Image: "journeyman:test", Interval: 300 * time.Millisecond,
	})
	Expect(err).NotTo(HaveOccurred())
	playing, end := context.WithCancel(context.Background())
	DeferCleanup(func() error {
		end()
		return operator.Stop()
	})
	pods := sim.Pods{Client: api, Namespace: namespace.Name, Every: 250 * time.Millisecond, Served: time.Hour, Report: func(source string) {
		key := types.NamespacedName{Namespace: namespace.Name, Name: "default"}
		_ = stores.Board(key).Report(playing, store.Report{Source: source, Pod: "played"})
	}}
	go pods.Run(playing)
	return namespace.Name
}

// kubectl runs the real one, and gives both outputs.
func kubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl"), append([]string{"--kubeconfig", kubeconfig}, args...)...)
	cmd.Env = append(os.Environ(), "KUBECACHEDIR="+filepath.Dir(kubeconfig))
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, out.String())
	}
	return out.String(), nil
}

// live reads an object as it is in the cluster.
func live(ctx context.Context, namespace string, o *unstructured.Unstructured) *unstructured.Unstructured {
	GinkgoHelper()
	is := &unstructured.Unstructured{}
	is.SetGroupVersionKind(o.GroupVersionKind())
	Expect(api.Get(ctx, client.ObjectKey{Namespace: namespace, Name: o.GetName()}, is)).To(Succeed())
	return is
}

// healthy waits until Argo CD would call the objects Healthy. Kinds of Kubernetes itself that have no health count as such.
func healthy(ctx context.Context, namespace string, list []*unstructured.Unstructured) {
	GinkgoHelper()
	for _, o := range list {
		if o.GroupVersionKind().Group != "journeyman.dev" {
			continue
		}
		Eventually(func(g Gomega) {
			is, message, err := argo.Health(health, live(ctx, namespace, o))
			g.Expect(err).NotTo(HaveOccurred())
			if is == argo.Degraded {
				StopTrying(o.GetKind() + " " + o.GetName() + " is degraded: " + message).Now()
			}
			g.Expect(is).To(Equal(argo.Healthy), message)
		}).WithContext(ctx).Should(Succeed())
	}
}
