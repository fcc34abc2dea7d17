// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
)

// Only the Warnings that Kubernetes sends in any namespace are harmless. Others with the same object or reason are not.
func TestHarmless(t *testing.T) {
	for _, c := range []struct {
		kind, reason, note string
		want               bool
	}{
		{"Service", "ClusterIPNotAllocated", "Cluster IP [IPv4]: 10.96.0.9 is not allocated; repairing", true},
		{"Service", "ClusterIPOutOfRange", "Cluster IP [IPv4]: 10.1.0.9 is not within any configured Service CIDR; please recreate service", false},
		{"Pod", "FailedMount", `MountVolume.SetUp failed for volume "config" : failed to sync configmap cache: timed out waiting for the condition`, true},
		{"Pod", "FailedMount", `MountVolume.SetUp failed for volume "keys" : secret "web-write-keys" not found`, false},
		{"Pod", "FailedMount", `Unable to attach or mount volumes: unmounted volumes=[config data keys], unattached volumes=[], failed to process ` +
			`volumes=[data]: error processing PVC shop/default-store: failed to fetch PVC from API server: persistentvolumeclaims "default-store" is ` +
			`forbidden: User "system:node:one-node" cannot get resource "persistentvolumeclaims" in API group "" in the namespace "shop": node: no ` +
			`relationship found between node 'one-node' and this object`, true},
		{"Pod", "FailedMount", "Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[]: timed out waiting for the condition", false},
		{"Pod", "FailedScheduling", "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found.", false},
		{"CronJob", "FailedDelete", `Deleted job: jobs.batch "omnichannel-retail-29410213" not found`, true},
		{"CronJob", "FailedDelete", `Deleted job: jobs.batch "omnichannel-retail-29410213" is forbidden`, false},
		{"Job", "FailedDelete", `Error deleting: pods "omnichannel-retail-29410213-x" not found`, false},
		{"Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", false},
		{"Pod", "BackOff", "Back-off restarting failed container store in pod default-store-0", false},
		{"Job", "BackoffLimitExceeded", "Job has reached the specified backoff limit", false},
		{"EventStore", "PepperMissing", "", false},
	} {
		e := &eventsv1.Event{Reason: c.reason, Note: c.note, Regarding: corev1.ObjectReference{Kind: c.kind}}
		if got := Harmless(e); got != c.want {
			t.Errorf("%s %s %q: harmless is %t, want %t", c.kind, c.reason, c.note, got, c.want)
		}
	}
}
