// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// harmless are the Warnings that Kubernetes itself sends in a healthy namespace, most of them on a loaded machine. They do not depend on what is
// installed, and no installation can prevent them.
var harmless = []struct{ kind, reason, prefix, suffix string }{
	// The API server sometimes repairs its IP allocations, especially after its start.
	{kind: "Service", reason: "ClusterIPNotAllocated"},
	// The kubelet timed out while it waited for its copy of a Secret or ConfigMap. It retries.
	{kind: "Pod", reason: "FailedMount", suffix: "cache: timed out waiting for the condition"},
	// The API server did not know yet that the pod is on the node, so it refused to show the claim to the kubelet. The kubelet retries.
	{kind: "Pod", reason: "FailedMount", prefix: "Unable to attach or mount volumes", suffix: "' and this object"},
	// The CronJob controller tried to delete a Job that it had already deleted, because its cache was stale.
	{kind: "CronJob", reason: "FailedDelete", suffix: "not found"},
}

// Harmless reports whether a Warning says nothing about what is installed.
func Harmless(e *eventsv1.Event) bool {
	for _, h := range harmless {
		if e.Regarding.Kind == h.kind && e.Reason == h.reason && strings.HasPrefix(e.Note, h.prefix) && strings.HasSuffix(e.Note, h.suffix) {
			return true
		}
	}
	return false
}

// Warnings returns all Warning Events in a namespace, of any reporter.
func Warnings(ctx context.Context, c client.Client, namespace string) (out []eventsv1.Event, err error) {
	var list eventsv1.EventList
	if err := c.List(ctx, &list, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("list Events: %w", err)
	}
	for i := range list.Items {
		if list.Items[i].Type == corev1.EventTypeWarning {
			out = append(out, list.Items[i])
		}
	}
	return out, nil
}
