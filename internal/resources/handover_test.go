// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// On a real API server, the number of pods never falls to one when autoscaling is enabled or disabled.
func TestHandoverToTheAutoscaler(t *testing.T) {
	c := clientOf(t, apiServer(t), "")
	require.NoError(t, c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "handover"}}))
	in := sourceInput(t)
	in.Source.Namespace, in.Store.Namespace = "handover", "handover"
	key := client.ObjectKey{Namespace: "handover", Name: resources.IngestName(in.Source.Name)}
	replicas := func() int32 {
		live := &appsv1.Deployment{}
		require.NoError(t, c.Get(t.Context(), key, live))
		return *live.Spec.Replicas
	}
	reconcile := func(scaling *v1alpha1.Scaling) {
		in.Source.Spec.Scaling, in.KeepReplicas = scaling, nil
		live := &appsv1.Deployment{}
		if err := c.Get(t.Context(), key, live); err == nil {
			in.KeepReplicas = resources.ReplicasToKeep(live)
		}
		children, err := resources.TouchpointSourceChildren(in)
		require.NoError(t, err)
		for _, child := range children {
			if child.GVK.Kind == "Deployment" {
				require.NoError(t, c.Apply(t.Context(), child.Object, client.ForceOwnership))
			}
		}
	}
	scale := func(n int32) {
		body := &autoscalingv1.Scale{Spec: autoscalingv1.ScaleSpec{Replicas: n}}
		live := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
		require.NoError(t, c.SubResource("scale").Update(t.Context(), live, client.WithSubResourceBody(body), client.FieldOwner("kube-controller-manager")))
	}
	fixed := &v1alpha1.Scaling{MinReplicas: new(int32(3))}
	automatic := &v1alpha1.Scaling{MinReplicas: new(int32(3)), MaxReplicas: new(int32(10))}

	reconcile(fixed)
	require.EqualValues(t, 3, replicas())
	reconcile(automatic)
	require.EqualValues(t, 3, replicas(), "the autoscaler has not acted yet")
	reconcile(automatic)
	require.EqualValues(t, 3, replicas(), "and the operator continues")
	scale(7)
	reconcile(automatic)
	require.EqualValues(t, 7, replicas(), "the autoscaler's number stands")
	scale(5)
	reconcile(automatic)
	require.EqualValues(t, 5, replicas())
	reconcile(fixed)
	require.EqualValues(t, 3, replicas(), "no autoscaler any more")
}
