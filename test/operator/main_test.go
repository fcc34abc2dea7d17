// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package operator_test holds the operator to its word on a real API server, with real stores in memory. Each test has a namespace
// and an operator of its own.
package operator_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/journeyman-dev/journeyman/internal/controller"
)

var (
	// api is a client past the operators.
	api client.Client
	// restConfig reaches the API server.
	restConfig *rest.Config
	// environment is the API server itself.
	environment *envtest.Environment
)

func TestMain(m *testing.M) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		fmt.Println("skipped: KUBEBUILDER_ASSETS does not say where etcd and kube-apiserver are; run hack/cluster/prepare.sh first")
		return
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// parallel is the number of worlds at a time. They wait most of the time, so it may be more than there are processors.
const parallel = "6"

func run(m *testing.M) (code int, err error) {
	flag.Parse()
	if err := flag.Set("test.parallel", parallel); err != nil {
		return 1, err
	}
	logger := logr.Discard()
	if os.Getenv("OPERATOR_LOG") != "" {
		logger = debugLogger()
	}
	ctrl.SetLogger(logger)
	environment = &envtest.Environment{CRDDirectoryPaths: []string{"../../config/crd/bases"}, ErrorIfCRDPathMissing: true}
	// Each world has Services, more in all than the default range has addresses.
	environment.ControlPlane.GetAPIServer().Configure().Set("service-cluster-ip-range", "10.0.0.0/16")
	if restConfig, err = environment.Start(); err != nil {
		return 1, fmt.Errorf("starting the API server: %w", err)
	}
	defer func() {
		if e := environment.Stop(); e != nil && err == nil {
			err = fmt.Errorf("stopping the API server: %w", e)
		}
	}()
	if api, err = client.New(restConfig, client.Options{Scheme: controller.Scheme()}); err != nil {
		return 1, err
	}
	code = m.Run()
	if all := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == ""; all && code == 0 {
		return code, unseenHealths()
	}
	return code, nil
}

// ctx of a test.
func ctx(t *testing.T) context.Context { return t.Context() }
