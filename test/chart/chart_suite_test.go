// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

const helmPath = "../../bin/helm"

// api is the client of the API server.
var api client.Client

func TestChart(t *testing.T) {
	suite.NeedAPIServer(t)
	if _, err := os.Stat(helmPath); err != nil {
		t.Skip("bin/helm is not there: run hack/tools/build.sh helm")
	}
	suite.Run(t, "The chart and the API server", time.Minute, suite.APIServer)
}

var _ = SynchronizedBeforeSuite(func() []byte { return suite.StartAPIServer() }, func(address []byte) {
	var err error
	api, err = client.New(suite.Connect(address), client.Options{Scheme: clientgoscheme.Scheme})
	Expect(err).NotTo(HaveOccurred())
})
