// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestSecretMissingAndRotated wants a source without its Secret to say so before anybody sends anything, to refuse everything then, to recover by
// itself when the Secret comes, and to take a rotated key: all without a restart of any pod.
func TestSecretMissingAndRotated(t *testing.T) {
	tm := newTeam(t)
	tm.apply(webStore + webSource)
	tm.condition("tps", "web", v1alpha1.ConditionReady, "True")
	pods := time.Now()
	tm.secretNotFound("web", "spec.transport.segment.secretRef (Secret web-key, key journeyman-secret)")
	t.Logf("SecretNotFound %s after Ready", time.Since(pods).Round(time.Second))
	before := tm.uids("ingest")
	tm.apply(secret("web-key", "e2e-write-key"))
	came := time.Now()
	tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
	t.Logf("Serving %s after the Secret came", time.Since(came).Round(time.Second))
	s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
	require.NoError(t, s.send(numbered(0, 0, 10), time.Now()))

	_, err := kubectl("-n", tm.namespace, "delete", "secret", "web-key")
	require.NoError(t, err)
	tm.secretNotFound("web", "spec.transport.segment.secretRef (Secret web-key, key journeyman-secret)")
	tm.eventually("every pod refuses for want of the Secret", func() error {
		return tm.wantStatus(&s, http.StatusServiceUnavailable)
	})
	tm.apply(secret("web-key", "e2e-write-key"))
	tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
	require.NoError(t, s.send(numbered(0, 3, 10), time.Now()))

	tm.apply(secret("web-key", "new-key\ne2e-write-key"))
	rotated := segment{url: s.url, writeKey: "new-key"}
	tm.eventually("the new key is taken", func() error { return rotated.send(numbered(0, 1, 10), time.Now()) })
	require.NoError(t, s.send(numbered(0, 2, 10), time.Now()), "the old key is good while it is listed")
	require.Equal(t, before, tm.uids("ingest"), "no pod was replaced")
}

// secretNotFound waits until the source says that a Secret is missing, in these words, and that it is Ready all the same.
func (tm *team) secretNotFound(source, words string) {
	tm.t.Helper()
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

// TestPepperMissing wants the same of the Secret that the store's policy names: nothing is sent until it is there.
func TestPepperMissing(t *testing.T) {
	tm := newTeam(t)
	tm.apply(webKey + hashingStore + webSource)
	tm.secretNotFound("web", "EventStore default spec.privacy.pepperSecretRef (Secret salt, key journeyman-pepper)")
	before := tm.uids("ingest")
	tm.apply("apiVersion: v1\nkind: Secret\nmetadata: {name: salt}\nstringData: {journeyman-pepper: of-the-earth}\n")
	tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
	s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
	require.NoError(t, s.send(numbered(0, 0, 10), time.Now()))
	require.Equal(t, before, tm.uids("ingest"), "no pod was replaced")
}

// TestBadSpecsHarmNobody wants a clear condition with the field's path for each mistake, and others unharmed.
func TestBadSpecsHarmNobody(t *testing.T) {
	tm := newTeam(t)
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
	require.Contains(t, message, "mapping[0].event.name")
	_, message = tm.condition("jm", "never", v1alpha1.ConditionStalled, "True")
	require.Contains(t, message, "spec.analysis.schedule")
	reason, message := tm.condition("jm", "lonely", v1alpha1.ConditionReconciling, "True")
	require.Equal(t, "DependencyNotFound", reason)
	require.Contains(t, message, "not-there-yet")

	s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
	require.NoError(t, s.send(numbered(0, 0, 10), time.Now()), "the good source goes on")

	_, err := kubectl("-n", tm.namespace, "patch", "tps", "broken", "--type=merge", "-p",
		`{"spec":{"mapping":[{"event":{"name":"body.type","identities":{"customerId":"body.customer"}}}]}}`)
	require.NoError(t, err)
	tm.condition("tps", "broken", v1alpha1.ConditionReady, "True")
	_, err = kubectl("-n", tm.namespace, "patch", "jm", "never", "--type=merge", "-p", `{"spec":{"analysis":{"schedule":"1 * * * *"}}}`)
	require.NoError(t, err)
	tm.condition("jm", "never", v1alpha1.ConditionReady, "True")
}
