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

// TestSecretMissingAndRotated wants a source without its Secret to refuse everything and say why, to recover by itself when the
// Secret comes, and to take a rotated key without a restart of any pod.
func TestSecretMissingAndRotated(t *testing.T) {
	tm := newTeam(t)
	tm.apply(ecomSource)
	_, err := kubectl("-n", tm.namespace, "delete", "secret", "web-key")
	require.NoError(t, err)
	tm.condition("tps", "web", v1alpha1.ConditionReady, "True")
	s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
	tm.eventually("the source refuses for want of its Secret", func() error {
		return tm.wantStatus(&s, http.StatusServiceUnavailable)
	})
	tm.eventually("the condition names the Secret", func() error {
		reason, message := tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "False")
		if reason != v1alpha1.ReasonSecretNotFound || !strings.Contains(message, "web-key") {
			return fmt.Errorf("%s: %s", reason, message)
		}
		return nil
	})
	before := tm.uids("ingest")

	tm.apply(secret("web-key", "e2e-write-key"))
	require.NoError(t, s.send(numbered(0, 0, 10), time.Now()))
	tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")

	tm.apply(secret("web-key", "new-key\ne2e-write-key"))
	rotated := segment{url: s.url, writeKey: "new-key"}
	tm.eventually("the new key is taken", func() error { return rotated.send(numbered(0, 1, 10), time.Now()) })
	require.NoError(t, s.send(numbered(0, 2, 10), time.Now()), "the old key is good while it is listed")
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
