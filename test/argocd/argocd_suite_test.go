// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"context"
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/argo"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var (
	// api is a client without the permissions of the operators. restConfig reaches the same API server.
	api        client.Client
	restConfig *rest.Config
	// health is the health script of config/argocd.
	health string
)

func TestArgoCD(t *testing.T) {
	suite.NeedAPIServer(t)
	suite.Run(t, "What Argo CD does", 2*time.Minute, suite.APIServer)
}

var _ = SynchronizedBeforeSuite(func() []byte { return suite.StartAPIServer("../../config/crd/bases") }, func(address []byte) {
	restConfig = suite.Connect(address)
	var err error
	api, err = client.New(restConfig, client.Options{Scheme: controller.Scheme()})
	Expect(err).NotTo(HaveOccurred())
	script, err := os.ReadFile("../../config/argocd/health.lua")
	Expect(err).NotTo(HaveOccurred())
	health = string(script)
})

// shop creates a namespace with an operator. Its pods are simulated.
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

// kubectl runs kubectl with the permissions of Argo CD, and returns stdout and stderr.
func kubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	return suite.As(restConfig, "argocd", "system:masters").KubectlInput(ctx, stdin, args...)
}

// live returns an object from the cluster.
func live(ctx context.Context, namespace string, o *unstructured.Unstructured) *unstructured.Unstructured {
	GinkgoHelper()
	is := &unstructured.Unstructured{}
	is.SetGroupVersionKind(o.GroupVersionKind())
	Expect(api.Get(ctx, client.ObjectKey{Namespace: namespace, Name: o.GetName()}, is)).To(Succeed())
	return is
}

// healthy waits until the objects are Healthy for Argo CD. Built-in kinds without a health check count as Healthy.
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
