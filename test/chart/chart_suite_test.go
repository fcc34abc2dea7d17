// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const helmPath = "../../bin/helm"

// api is the client of the API server.
var api client.Client

func TestChart(t *testing.T) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Skip("KUBEBUILDER_ASSETS does not say where etcd and kube-apiserver are: run hack/cluster/prepare.sh --envtest")
	}
	if _, err := os.Stat(helmPath); err != nil {
		t.Skip("bin/helm is not there: run hack/tools/build.sh helm")
	}
	RegisterFailHandler(Fail)
	RunSpecs(t, "The chart and the API server")
}

var _ = BeforeSuite(func() {
	environment := &envtest.Environment{}
	config, err := environment.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(environment.Stop)
	api, err = client.New(config, client.Options{Scheme: clientgoscheme.Scheme})
	Expect(err).NotTo(HaveOccurred())
})
