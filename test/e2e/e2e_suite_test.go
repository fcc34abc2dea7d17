// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// patience is how long the cluster gets for anything. It is long on purpose: a loaded machine of two cores is slow, not wrong.
const patience = 4 * time.Minute

// kube is the client of the cluster under test, and image the operator's image, loaded into it.
var (
	kube        client.WithWatch
	image, root string
)

func TestEndToEnd(t *testing.T) {
	if os.Getenv("JOURNEYMAN_E2E") == "" {
		t.Skip("end-to-end tests need a cluster with the image loaded: run hack/test-e2e.sh (make test-e2e)")
	}
	image, root = suite.Image(), suite.Root()
	suite.Run(t, "Journeyman on a cluster", patience, suite.Cluster)
}

var _ = SynchronizedBeforeSuite(func(ctx context.Context) {
	// Tried again where specs that run beside these were first.
	Eventually(ctx, func() error {
		_, err := suite.TryKubectl(ctx, "apply", "--server-side", "--force-conflicts", "-k", filepath.Join(root, "config/crd"))
		return err
	}).WithPolling(2 * time.Second).WithTimeout(30 * time.Second).Should(Succeed())
}, func() { kube = suite.ClusterClient() })
