// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// assets is the variable with the folder of etcd, kube-apiserver and kubectl.
const assets = "KUBEBUILDER_ASSETS"

// NeedAPIServer skips a test if there is no API server to start.
func NeedAPIServer(t *testing.T) {
	t.Helper()
	if os.Getenv(assets) == "" {
		t.Skip(assets + " does not say where etcd and kube-apiserver are: run hack/cluster/prepare.sh --envtest")
	}
}

// StartAPIServer starts an API server with the CRDs of the given folders, until the end of the suite. Call it in the first process of a
// SynchronizedBeforeSuite. The result tells the other processes how to connect.
func StartAPIServer(crds ...string) []byte {
	ginkgo.GinkgoHelper()
	environment := &envtest.Environment{CRDDirectoryPaths: crds, ErrorIfCRDPathMissing: true}
	// The specs together have more Services than the default range has addresses.
	environment.ControlPlane.GetAPIServer().Configure().Set("service-cluster-ip-range", "10.0.0.0/16")
	_, err := environment.Start()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(environment.Stop)
	return environment.KubeConfig
}

// Connect returns the administrator's configuration for an API server that StartAPIServer started.
func Connect(kubeconfig []byte) *rest.Config {
	ginkgo.GinkgoHelper()
	config, err := clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	config.QPS = -1 // many operators share the process
	return config
}

// KubectlPath returns the path of the API server's kubectl.
func KubectlPath() string { return filepath.Join(os.Getenv(assets), "kubectl") }
