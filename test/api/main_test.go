// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package api_test holds the API to its word on a real API server: every rule, pattern and limit of the
// CRDs has a case that is accepted and one that is refused, with the message that a person will read.
package api_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// crdDir holds the CRDs under test.
const crdDir = "../../config/crd/bases"

var (
	// api is a client of the one API server of this package that refuses unknown fields.
	api client.Client
	// restConfig reaches the same API server for what a client does not show.
	restConfig *rest.Config
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

// run starts the API server, runs the tests and stops it again.
func run(m *testing.M) (code int, err error) {
	server := &envtest.Environment{CRDDirectoryPaths: []string{crdDir}, ErrorIfCRDPathMissing: true}
	restConfig, err = server.Start()
	if err != nil {
		return 1, fmt.Errorf("starting the API server: %w", err)
	}
	defer func() {
		if e := server.Stop(); e != nil && err == nil {
			err = fmt.Errorf("stopping the API server: %w", e)
		}
	}()

	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return 1, err
		}
	}
	c, err := client.New(restConfig, client.Options{Scheme: scheme})
	if err != nil {
		return 1, err
	}
	api = client.WithFieldValidation(c, "Strict")
	return m.Run(), nil
}

// create sends the object as a dry run, so that cases do not see each other's objects.
func create(ctx context.Context, obj client.Object) error {
	return api.Create(ctx, obj, client.DryRunAll)
}
