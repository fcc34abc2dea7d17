// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"
	"os"

	"github.com/onsi/ginkgo/v2"
	"k8s.io/apimachinery/pkg/util/rand"
)

// Restricted is the label of a namespace that enforces the restricted Pod Security profile.
const Restricted = "pod-security.kubernetes.io/enforce=restricted"

// Team creates a namespace on the cluster for a spec or an ordered container, and returns its name. At the end it is shown if the spec failed, and
// deleted, unless JOURNEYMAN_E2E_KEEP is set.
func Team(ctx context.Context, prefix string, labels ...string) string {
	ginkgo.GinkgoHelper()
	name := prefix + "-" + rand.String(6)
	Kubectl(ctx, "create", "namespace", name)
	Kubectl(ctx, append([]string{"label", "namespace", name, "journeyman.dev/e2e=true"}, labels...)...)
	ginkgo.DeferCleanup(func(ctx context.Context) {
		DumpTeam(ctx, name)
		if os.Getenv("JOURNEYMAN_E2E_KEEP") != "" {
			return
		}
		_, _ = TryKubectl(ctx, "-n", name, "delete", "mr,jm,tps,es,pvc", "--all", "--wait=false")
		_, _ = TryKubectl(ctx, "delete", "namespace", name, "--wait=false")
	})
	return name
}

// DumpTeam prints what a person would look at first if the spec has failed: objects, Events and logs of a namespace, and the result of additional
// kubectl arguments.
func DumpTeam(ctx context.Context, namespace string, more ...[]string) {
	if !ginkgo.CurrentSpecReport().Failed() {
		return
	}
	for _, args := range append([][]string{
		{"-n", namespace, "get", "es,tps,jm,mr,deploy,sts,jobs,pods,pvc,netpol", "-o", "wide"},
		{"-n", namespace, "get", "es,tps,jm,mr", "-o", "yaml"},
		{"-n", namespace, "get", "events", "--sort-by=.lastTimestamp"},
		{"-n", namespace, "logs", "-l", "app.kubernetes.io/name=journeyman", "--tail=40", "--prefix", "--all-containers", "--max-log-requests=30"},
	}, more...) {
		_, _ = TryKubectl(ctx, args...) // Command shows it
	}
}
