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
	"k8s.io/apimachinery/pkg/types"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// firstMinutes is how long the installation is watched: with the samples, the map is analysed six times, the report at least twice, and the autoscaler
// works for more than two minutes. hack/test-e2e.sh runs other specs in parallel. JOURNEYMAN_FIRST_MINUTES overrides it.
const firstMinutes = 6 * time.Minute

// watch collects the Warnings of a namespace.
type watch struct {
	tm    *team
	began time.Time
	node  suite.NodeReadiness
	known map[types.UID]bool
	// found are the Warnings that count, in the order in which they came. The others are only logged.
	found []string
}

// look adds the Warnings that came since the last call, with their time and the load of the machine.
func (w *watch) look() error {
	events, err := suite.Warnings(w.tm.ctx, kube, w.tm.namespace)
	if err != nil {
		return err
	}
	// A machine that stands still for a minute makes its node unready. What follows says nothing about the installation.
	unready, err := w.node.Unready(w.tm.ctx, kube)
	if err != nil {
		return err
	}
	for _, e := range events {
		if w.known[e.UID] {
			continue
		}
		w.known[e.UID] = true
		load, _ := os.ReadFile("/proc/loadavg")
		text := fmt.Sprintf("after %.0f s, load %.15s: %s %s %s: %s", time.Since(w.began).Seconds(), load, e.Regarding.Kind, e.Regarding.Name, e.Reason, e.Note)
		if suite.Harmless(&e) {
			AddReportEntry("harmless Warning", text)
			continue
		}
		if unready {
			AddReportEntry("Warning while the node was not ready", text)
			continue
		}
		AddReportEntry("Warning", text)
		w.found = append(w.found, text)
	}
	return nil
}

// broken is a pod that cannot start.
const broken = `
apiVersion: v1
kind: Pod
metadata: {name: broken}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: broken
    image: %s
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    volumeMounts: [{name: missing, mountPath: /missing}]
  volumes: [{name: missing, secret: {secretName: missing}}]
`

var _ = Describe("A new installation", suite.Slow, Label("watch"), func() {
	// Installs the operator and the samples like the demo, and watches them while they start, wait for data and run their first analyses.
	It("sends no Warning in its first minutes", func(ctx SpecContext) {
		tm := newTeam(ctx, suite.KeepRequests)
		minutes := firstMinutes
		if text := os.Getenv("JOURNEYMAN_FIRST_MINUTES"); text != "" {
			var err error
			minutes, err = time.ParseDuration(text + "m")
			Expect(err).NotTo(HaveOccurred())
		}
		suite.Kubectl(tm.ctx, "-n", tm.namespace, "apply", "-k", filepath.Join(root, "config/samples"))
		w := &watch{tm: tm, began: time.Now(), known: map[types.UID]bool{}}
		Expect(w.node.Unready(ctx, kube)).To(BeFalse(), "the node is not ready")
		// to the end, also after the first Warning: what comes next explains it
		Consistently(ctx, w.look).WithTimeout(minutes).WithPolling(5 * time.Second).Should(Succeed())

		Expect(w.found).To(BeEmpty(), "%d Warnings:\n%s", len(w.found), strings.Join(w.found, "\n"))

		// everything is running, so the spec has seen the start
		tm.condition("es", "default", v1alpha1.ConditionAvailable, "True")
		tm.condition("tps", "tills", v1alpha1.ConditionIngestionAvailable, "True")
		tm.condition("jm", "omnichannel-retail", v1alpha1.ConditionAnalysisCurrent, "True")
		tm.condition("jm", "omnichannel-retail", v1alpha1.ConditionDropOffDetected, "Unknown")

		// The watch is not blind: it sees the Warning of a pod whose Secret is missing.
		tm.apply(fmt.Sprintf(broken, image))
		Eventually(ctx, func() ([]string, error) {
			err := w.look()
			return w.found, err
		}).Should(ContainElement(ContainSubstring("Pod broken FailedMount")))
	})
})
