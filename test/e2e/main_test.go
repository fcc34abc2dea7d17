// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// kube is the client of the cluster under test, and image the operator's image, loaded into it.
var (
	kube  client.WithWatch
	image string
	root  string
)

func TestMain(m *testing.M) {
	if os.Getenv("JOURNEYMAN_E2E") == "" {
		fmt.Println("end-to-end tests need a cluster with the image loaded: run hack/test-e2e.sh (make test-e2e)")
		os.Exit(0)
	}
	log.SetLogger(zap.New(zap.UseDevMode(true)))
	image, root = os.Getenv("JOURNEYMAN_IMAGE"), os.Getenv("JOURNEYMAN_ROOT")
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	var err error
	if kube, err = client.NewWithWatch(ctrl.GetConfigOrDie(), client.Options{Scheme: scheme}); err != nil {
		fmt.Println("no cluster:", err)
		os.Exit(1)
	}
	if err := installCRDs(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
