// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNodeThatWasNotReady(t *testing.T) {
	start := time.Date(2026, 12, 2, 1, 0, 0, 0, time.UTC)
	node := func(ready corev1.ConditionStatus, since time.Time) []corev1.Node {
		return []corev1.Node{{
			ObjectMeta: metav1.ObjectMeta{Name: "one"},
			Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{
				{Type: corev1.NodeReady, Status: ready, LastTransitionTime: metav1.NewTime(since)},
			}},
		}}
	}
	var n NodeReadiness
	require.False(t, n.unready(node(corev1.ConditionTrue, start), start.Add(time.Second)), "a new node is ready, and counts from the first call on")
	require.False(t, n.unready(node(corev1.ConditionTrue, start), start.Add(time.Minute)))
	stopped := start.Add(10 * time.Minute)
	require.True(t, n.unready(node(corev1.ConditionUnknown, stopped), stopped.Add(time.Second)))
	back := stopped.Add(time.Minute)
	require.True(t, n.unready(node(corev1.ConditionTrue, back), back.Add(recovery-time.Second)), "ready again, also if no call saw it unready")
	require.False(t, n.unready(node(corev1.ConditionTrue, back), back.Add(recovery)))
	require.True(t, n.unready([]corev1.Node{{}}, back), "a node without the condition is not ready")
}
