// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package api_test tests the API on a real API server. Every rule, pattern and limit of the CRDs has a case that is accepted and a case that is
// refused with the right message.
package api_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// crdDir is the folder of the CRDs.
const crdDir = "../../config/crd/bases"

var (
	// api is a client that refuses unknown fields. All specs share the API server.
	api client.Client
	// restConfig is for requests that the client cannot make.
	restConfig *rest.Config
)

func TestAPI(t *testing.T) {
	suite.NeedAPIServer(t)
	suite.Run(t, "The API", time.Minute, Label("apiserver", "versions"))
}

var _ = SynchronizedBeforeSuite(func() []byte { return suite.StartAPIServer(crdDir) }, func(address []byte) {
	restConfig = suite.Connect(address)
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme} {
		Expect(add(scheme)).To(Succeed())
	}
	c, err := client.New(restConfig, client.Options{Scheme: scheme})
	Expect(err).NotTo(HaveOccurred())
	api = client.WithFieldValidation(c, "Strict")
})

// create creates the object in a dry run, so that cases do not affect each other.
func create(ctx context.Context, obj client.Object) error {
	return api.Create(ctx, obj, client.DryRunAll)
}
