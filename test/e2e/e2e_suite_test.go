// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// patience is the timeout for everything in the cluster. It is long, because a machine with two cores under load is slow.
const patience = 4 * time.Minute

// kube is the client of the cluster. image is the operator's image, which is loaded into the cluster.
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

var _ = SynchronizedBeforeSuite(suite.Prepare, func() { kube = suite.ClusterClient() })
