// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package operator_test tests the operator on a real API server, with real stores in memory. Each spec has its own namespace and operator.
package operator_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// patience is the timeout for everything that must happen. It does not measure speed.
const patience = 90 * time.Second

var (
	// api is a client that the specs use, independent of the operators.
	api client.Client
	// restConfig is for the API server, which all processes of a run share.
	restConfig *rest.Config
)

func TestOperator(t *testing.T) {
	suite.NeedAPIServer(t)
	suite.Run(t, "The operator", patience, suite.APIServer)
}

var _ = SynchronizedBeforeSuite(func() []byte { return suite.StartAPIServer("../../config/crd/bases") }, func(address []byte) {
	restConfig = suite.Connect(address)
	var err error
	api, err = client.New(restConfig, client.Options{Scheme: controller.Scheme()})
	Expect(err).NotTo(HaveOccurred())
})
