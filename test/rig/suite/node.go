// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// recovery is how long a node that became ready again may still cause Warnings: its pods are scheduled, probed and measured again.
const recovery = 3 * time.Minute

// NodeReadiness remembers since when each node is ready, so that it notices a node that was not ready between two calls.
type NodeReadiness struct {
	since map[string]time.Time
}

// Unready reports whether a node is not ready, or became ready within the last minutes. The first call only checks whether all nodes are ready now.
func (n *NodeReadiness) Unready(ctx context.Context, c client.Client) (bool, error) {
	var list corev1.NodeList
	if err := c.List(ctx, &list); err != nil {
		return false, fmt.Errorf("list Nodes: %w", err)
	}
	return n.unready(list.Items, time.Now()), nil
}

func (n *NodeReadiness) unready(nodes []corev1.Node, now time.Time) bool {
	first := n.since == nil
	if first {
		n.since = map[string]time.Time{}
	}
	unready := false
	for i := range nodes {
		name := nodes[i].Name
		ready, since := readySince(&nodes[i])
		if first {
			n.since[name] = since
		}
		again := !since.Equal(n.since[name]) && now.Sub(since) < recovery
		unready = unready || !ready || again
	}
	return unready
}

// readySince returns whether a node is ready, and since when.
func readySince(node *corev1.Node) (bool, time.Time) {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue, c.LastTransitionTime.Time
		}
	}
	return false, time.Time{}
}
