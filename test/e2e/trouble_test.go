// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("A mistake", suite.Slow, suite.Faults, func() {
	It("about a Secret is reported before anybody sends events, and fixed without a restart", func(ctx SpecContext) {
		tm := newTeam(ctx)
		tm.apply(webStore + webSource)
		tm.condition("tps", "web", v1alpha1.ConditionReady, "True")
		pods := time.Now()
		tm.secretNotFound("web", "spec.transport.segment.secretRef (Secret web-key, key journeyman-secret)")
		AddReportEntry(fmt.Sprintf("SecretNotFound %s after Ready", time.Since(pods).Round(time.Second)))
		before := tm.uids("ingest")
		tm.apply(secret("web-key", "e2e-write-key"))
		came := time.Now()
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		AddReportEntry(fmt.Sprintf("Serving %s after the Secret came", time.Since(came).Round(time.Second)))
		s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		Expect(s.send(numbered(0, 0, 10), time.Now())).To(Succeed())

		suite.Kubectl(tm.ctx, "-n", tm.namespace, "delete", "secret", "web-key")
		tm.secretNotFound("web", "spec.transport.segment.secretRef (Secret web-key, key journeyman-secret)")
		tm.eventually("every pod refuses because the Secret is missing", func() error {
			return tm.wantStatus(&s, http.StatusServiceUnavailable)
		})
		tm.apply(secret("web-key", "e2e-write-key"))
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		Expect(s.send(numbered(0, 3, 10), time.Now())).To(Succeed())

		tm.apply(secret("web-key", "new-key\ne2e-write-key"))
		rotated := segment{url: s.url, writeKey: "new-key"}
		tm.eventually("the new key is taken", func() error { return rotated.send(numbered(0, 1, 10), time.Now()) })
		Expect(s.send(numbered(0, 2, 10), time.Now())).To(Succeed(), "the old key is good while it is listed")
		Expect(tm.uids("ingest")).To(Equal(before), "no pod was replaced")
	})

	It("about the pepper is reported, and nothing is stored until the pepper exists", func(ctx SpecContext) {
		tm := newTeam(ctx)
		tm.apply(webKey + hashingStore + webSource)
		tm.secretNotFound("web", "EventStore default spec.privacy.pepperSecretRef (Secret salt, key journeyman-pepper)")
		before := tm.uids("ingest")
		tm.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: salt}\nstringData: {journeyman-pepper: of-the-earth}\n")
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		Expect(s.send(numbered(0, 0, 10), time.Now())).To(Succeed())
		Expect(tm.uids("ingest")).To(Equal(before), "no pod was replaced")
	})

	It("in a spec is reported with the path of the field, and affects no other object", func(ctx SpecContext) {
		tm := newTeam(ctx)
		tm.apply(ecomSource)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		tm.apply(`
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: broken}
spec:
  storeRef: {name: default}
  channel: store
  transport: {webhook: {unauthenticated: {}}}
  mapping: [{event: {name: 'body.type +', identities: {customerId: body.customer}}}]
---
apiVersion: journeyman.dev/v1alpha1
kind: JourneyMap
metadata: {name: lonely}
spec:
  storeRef: {name: default}
  sources: [{name: web}, {name: not-there-yet}]
  stages:
  - {name: first, touchpoints: [{name: a, match: [{event: A}]}]}
  - {name: second, touchpoints: [{name: b, match: [{event: B}]}]}
  progression: {order: Ordered, window: 1d}
---
apiVersion: journeyman.dev/v1alpha1
kind: JourneyMap
metadata: {name: never}
spec:
  storeRef: {name: default}
  stages:
  - {name: first, touchpoints: [{name: a, match: [{event: A}]}]}
  - {name: second, touchpoints: [{name: b, match: [{event: B}]}]}
  progression: {order: Ordered, window: 1d}
  analysis: {schedule: "61 * * * *"}
`)
		_, message := tm.condition("tps", "broken", v1alpha1.ConditionStalled, "True")
		Expect(message).To(ContainSubstring("mapping[0].event.name"))
		_, message = tm.condition("jm", "never", v1alpha1.ConditionStalled, "True")
		Expect(message).To(ContainSubstring("spec.analysis.schedule"))
		reason, message := tm.condition("jm", "lonely", v1alpha1.ConditionReconciling, "True")
		Expect(reason).To(Equal("DependencyNotFound"))
		Expect(message).To(ContainSubstring("not-there-yet"))

		s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		Expect(s.send(numbered(0, 0, 10), time.Now())).To(Succeed(), "the valid source continues")

		_, err := suite.TryKubectl(tm.ctx, "-n", tm.namespace, "patch", "tps", "broken", "--type=merge", "-p",
			`{"spec":{"mapping":[{"event":{"name":"body.type","identities":{"customerId":"body.customer"}}}]}}`)
		Expect(err).NotTo(HaveOccurred())
		tm.condition("tps", "broken", v1alpha1.ConditionReady, "True")
		suite.Kubectl(tm.ctx, "-n", tm.namespace, "patch", "jm", "never", "--type=merge", "-p", `{"spec":{"analysis":{"schedule":"1 * * * *"}}}`)
		tm.condition("jm", "never", v1alpha1.ConditionReady, "True")
	})
})

// secretNotFound waits until the source reports a missing Secret with this text, while it is Ready.
func (tm *team) secretNotFound(source, words string) {
	GinkgoHelper()
	tm.eventually("the condition names the Secret", func() error {
		reason, message := tm.condition("tps", source, v1alpha1.ConditionIngestionAvailable, "False")
		if reason != v1alpha1.ReasonSecretNotFound || !strings.Contains(message, words) {
			return fmt.Errorf("%s: %s", reason, message)
		}
		return nil
	})
	tm.condition("tps", source, v1alpha1.ConditionReady, "True")
}

const hashingStore = `
apiVersion: journeyman.dev/v1alpha1
kind: EventStore
metadata: {name: default}
spec:
  backend: {embedded: {storage: {size: 1Gi}}}
  privacy: {hash: [email], pepperSecretRef: {name: salt}}
---`
