// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"slices"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"
)

// Labels of specs. A run can select by labels: make test-e2e LABELS='cluster && !slow'.
var (
	// APIServer marks suites that start an API server of their own.
	APIServer = ginkgo.Label("apiserver")
	// Cluster marks suites that need the one-node cluster.
	Cluster = ginkgo.Label("cluster")
	// Fast specs take seconds.
	Fast = ginkgo.Label("fast")
	// Slow specs take a minute or more, alone or as a group.
	Slow = ginkgo.Label("slow")
	// Faults marks specs that break something on purpose.
	Faults = ginkgo.Label("faults")
	// Versions marks specs that depend on the API server's version. hack/test-versions.sh runs them against the oldest and the newest.
	Versions = ginkgo.Label("versions")
)

// Run runs the specs of a package. Patience is how long a spec waits for something that has to happen. It does not measure speed: a loaded machine
// with two cores is slow, not wrong.
func Run(t *testing.T, name string, patience time.Duration, labels ginkgo.Labels) {
	t.Helper()
	// Logs are only shown for failures.
	ctrl.SetLogger(ginkgo.GinkgoLogr)
	gomega.SetDefaultEventuallyTimeout(patience)
	poll := 50 * time.Millisecond
	if slices.Contains(labels, Cluster[0]) {
		poll *= 10 // each kubectl call is a new process
	}
	gomega.SetDefaultEventuallyPollingInterval(poll)
	gomega.SetDefaultConsistentlyPollingInterval(50 * time.Millisecond)
	gomega.EnforceDefaultTimeoutsWhenUsingContexts()
	gomega.RegisterFailHandler(ginkgo.Fail)
	repeatFailures()
	ginkgo.RunSpecs(t, name, labels)
}
