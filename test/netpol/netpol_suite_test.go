// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// patience is the timeout for everything in the cluster. It is long, because a machine with two cores under load is slow.
const patience = 4 * time.Minute

// busybox is an image with a shell that the one-node cluster has.
const busybox = "kit.local/busybox:1.35"

// image of the operator, which is loaded into the cluster.
var image string

func TestNetworkPolicies(t *testing.T) {
	if os.Getenv("JOURNEYMAN_NETPOL") == "" {
		t.Skip("tests of network policies need a cluster that enforces them: hack/test-e2e.sh starts hack/netpol/up.sh where the kernel can")
	}
	image = suite.Image()
	suite.Run(t, "Network policies, enforced", patience, suite.Cluster)
}

// pod starts a pod that does nothing, with labels to select it by.
func pod(ctx context.Context, namespace, name string) {
	GinkgoHelper()
	suite.Kubectl(ctx, "-n", namespace, "run", name, "--image="+busybox, "--labels=app="+name, "--command", "--", "sleep", "3600")
	suite.Kubectl(ctx, "-n", namespace, "wait", "pod/"+name, "--for=condition=Ready", "--timeout=240s")
}

// reaches reports whether a pod can open a connection. With -e, nc runs a program as soon as it is connected.
func reaches(ctx context.Context, namespace, from, host string, port int) bool {
	_, err := suite.TryKubectl(ctx, "-n", namespace, "exec", from, "--", "timeout", "8", "nc", "-w", "5", host, fmt.Sprint(port), "-e", "true")
	return err == nil
}
