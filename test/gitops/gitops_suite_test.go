// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"fmt"
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// patience is the timeout for everything in the cluster. It is long, because a machine with two cores under load is slow.
const patience = 8 * time.Minute

// image of the operator, which is loaded into the cluster. next is the same image with another tag, and root the root of the repository.
var image, next, root string

// kube is the client of the cluster.
var kube client.Client

func TestGitOps(t *testing.T) {
	if os.Getenv("JOURNEYMAN_GITOPS") == "" {
		t.Skip("GitOps tests need a cluster with the images of Flux loaded: run hack/test-gitops.sh (make test-gitops)")
	}
	image, next, root = suite.Image(), suite.NextImage(), suite.Root()
	suite.Run(t, "GitOps on a cluster", patience, suite.Cluster)
}

var _ = BeforeSuite(func() { kube = suite.ClusterClient() })

// report records how long something took, for information only.
func report(what string, began time.Time) {
	AddReportEntry(fmt.Sprintf("%s: %.0f s", what, time.Since(began).Seconds()))
}
