// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// firstMinutes is how long the installation is watched. hack/test-e2e.sh runs all other specs in parallel. JOURNEYMAN_FIRST_MINUTES overrides it.
const firstMinutes = 10 * time.Minute

// warnings returns the Warning Events in the namespace, of any reporter.
func (tm *team) warnings() (out []string, err error) {
	var list eventsv1.EventList
	if err := kube.List(tm.ctx, &list, client.InNamespace(tm.namespace)); err != nil {
		return nil, err
	}
	for _, e := range list.Items {
		// The API server sometimes repairs its IP allocations, especially after its start. This is not about Journeyman.
		if e.Type == corev1.EventTypeWarning && !slowKubelet(&e) && !deletedTwice(&e) && e.Reason != "ClusterIPNotAllocated" {
			out = append(out, fmt.Sprintf("%s %s %s: %s", e.Regarding.Kind, e.Regarding.Name, e.Reason, e.Note))
		}
	}
	return out, nil
}

// slowKubelet reports whether the kubelet timed out while it waited for its copy of a Secret or ConfigMap. It retries. On a loaded machine, this
// happens with any pod.
func slowKubelet(e *eventsv1.Event) bool {
	return e.Reason == "FailedMount" && strings.HasSuffix(e.Note, "cache: timed out waiting for the condition")
}

// deletedTwice reports whether the CronJob controller tried to delete a Job that it had already deleted, because its cache was stale. This is
// harmless.
func deletedTwice(e *eventsv1.Event) bool {
	return e.Reason == "FailedDelete" && e.Regarding.Kind == "CronJob" && strings.HasSuffix(e.Note, "not found")
}

var _ = Describe("A new installation", suite.Slow, Label("watch"), func() {
	// Installs the operator and the samples like the demo, and watches them while they start, wait for data and run their first analyses.
	It("sends no Warning in its first minutes", func(ctx SpecContext) {
		tm := newTeam(ctx)
		watch := firstMinutes
		if text := os.Getenv("JOURNEYMAN_FIRST_MINUTES"); text != "" {
			var err error
			watch, err = time.ParseDuration(text + "m")
			Expect(err).NotTo(HaveOccurred())
		}
		suite.Kubectl(tm.ctx, "-n", tm.namespace, "apply", "-k", filepath.Join(root, "config/samples"))
		Consistently(ctx, tm.warnings).WithTimeout(watch).WithPolling(5 * time.Second).Should(BeEmpty())

		// everything is running, so the spec has seen the start
		tm.condition("es", "default", v1alpha1.ConditionAvailable, "True")
		tm.condition("tps", "tills", v1alpha1.ConditionIngestionAvailable, "True")
		tm.condition("jm", "omnichannel-retail", v1alpha1.ConditionAnalysisCurrent, "True")
		tm.condition("jm", "omnichannel-retail", v1alpha1.ConditionDropOffDetected, "Unknown")
		Expect(tm.warnings()).To(BeEmpty())
	})
})
