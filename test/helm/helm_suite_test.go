// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// patience is the timeout for everything in the cluster. It is long, because a machine with two cores under load is slow.
const patience = 4 * time.Minute

// alone marks specs that run when no other suite does: they install the chart for all namespaces if they can, or need what is loaded after the
// other suites.
var alone = Label("alone")

// image of the operator, which is loaded into the cluster. next is the same image with another tag, and root the root of the repository.
var image, next, root string

func TestHelm(t *testing.T) {
	if os.Getenv("JOURNEYMAN_E2E") == "" {
		t.Skip("tests of the chart need a cluster with the image loaded: run hack/test-e2e.sh (make test-e2e)")
	}
	image, next, root = suite.Image(), suite.NextImage(), suite.Root()
	suite.Run(t, "The chart on a cluster", patience, suite.Cluster)
}

var _ = SynchronizedBeforeSuite(suite.Prepare, func() {})

// ofImage returns the flags for an image.
func ofImage(name string) []string {
	repository, tag, _ := strings.Cut(name, ":")
	return []string{"--set", "image.repository=" + repository, "--set", "image.tag=" + tag}
}

// jsonpath reads a field.
func jsonpath(ctx context.Context, namespace, what, path string) (string, error) {
	return suite.TryKubectl(ctx, "-n", namespace, "get", what, "-o", "jsonpath="+path)
}

// team creates a namespace that enforces the restricted Pod Security profile.
func team(ctx context.Context) string {
	GinkgoHelper()
	return suite.Team(ctx, "helm", suite.Restricted)
}
