// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// installCRDs applies the CRDs. It retries, because suites that run in parallel can create the same objects.
func installCRDs(ctx context.Context) {
	ginkgo.GinkgoHelper()
	gomega.Eventually(ctx, func() error {
		_, err := TryKubectl(ctx, "apply", "--server-side", "--force-conflicts", "-k", "config/crd")
		return err
	}).WithPolling(2 * time.Second).WithTimeout(time.Minute).Should(gomega.Succeed())
}

// ClusterClient returns a client of the cluster in KUBECONFIG, for the kinds of Kubernetes and of Journeyman.
func ClusterClient() client.WithWatch {
	ginkgo.GinkgoHelper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		gomega.Expect(add(scheme)).To(gomega.Succeed())
	}
	config, err := ctrl.GetConfig()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	config.QPS = -1
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return c
}
