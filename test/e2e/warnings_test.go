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

// firstMinutes is how long a healthy installation is watched; hack/test-e2e.sh runs all other tests meanwhile. JOURNEYMAN_FIRST_MINUTES
// shortens it where time is dear.
const firstMinutes = 10 * time.Minute

// warnings gives the Warning Events of the namespace, whoever wrote them.
func (tm *team) warnings() (out []string, err error) {
	var list eventsv1.EventList
	if err := kube.List(tm.ctx, &list, client.InNamespace(tm.namespace)); err != nil {
		return nil, err
	}
	for _, e := range list.Items {
		// The API server repairs its table of addresses now and then, a new one above all. That is none of ours.
		if e.Type == corev1.EventTypeWarning && !slowKubelet(&e) && !deletedTwice(&e) && e.Reason != "ClusterIPNotAllocated" {
			out = append(out, fmt.Sprintf("%s %s %s: %s", e.Regarding.Kind, e.Regarding.Name, e.Reason, e.Note))
		}
	}
	return out, nil
}

// slowKubelet tells of a kubelet that waits longer for its own copy of a Secret or ConfigMap than it likes, and mounts it at the next try: a busy
// machine says so of any pod, whoever made it.
func slowKubelet(e *eventsv1.Event) bool {
	return e.Reason == "FailedMount" && strings.HasSuffix(e.Note, "cache: timed out waiting for the condition")
}

// deletedTwice tells of a CronJob controller that trims the history of a CronJob by a copy of its Jobs in which one is still there that it has just
// deleted. Nothing is wrong then, and its Event says only that.
func deletedTwice(e *eventsv1.Event) bool {
	return e.Reason == "FailedDelete" && e.Regarding.Kind == "CronJob" && strings.HasSuffix(e.Note, "not found")
}

var _ = Describe("The first minutes", suite.Slow, Label("watch"), func() {
	// Installs operator and samples as the demo does, and watches them while they start, wait for data and run their
	// first analyses: nothing of that is a Warning, of whatever kind.
	It("show no Warning", func(ctx SpecContext) {
		tm := newTeam(ctx)
		watch := firstMinutes
		if text := os.Getenv("JOURNEYMAN_FIRST_MINUTES"); text != "" {
			var err error
			watch, err = time.ParseDuration(text + "m")
			Expect(err).NotTo(HaveOccurred())
		}
		suite.Kubectl(tm.ctx, "-n", tm.namespace, "apply", "-k", filepath.Join(root, "config/samples"))
		Consistently(ctx, tm.warnings).WithTimeout(watch).WithPolling(5 * time.Second).Should(BeEmpty())

		// They have come up, so that the test has seen what it speaks of.
		tm.condition("es", "default", v1alpha1.ConditionAvailable, "True")
		tm.condition("tps", "tills", v1alpha1.ConditionIngestionAvailable, "True")
		tm.condition("jm", "omnichannel-retail", v1alpha1.ConditionAnalysisCurrent, "True")
		tm.condition("jm", "omnichannel-retail", v1alpha1.ConditionDropOffDetected, "Unknown")
		Expect(tm.warnings()).To(BeEmpty())
	})
})
