// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Pods simulates the controllers and the kubelet: Deployments and StatefulSets become available.
type Pods struct {
	// Client of the API server, independent of the operator.
	Client client.Client
	// Namespace to simulate; empty for all.
	Namespace string
	// Down reports workloads whose pods do not become available.
	Down func(name string) bool
	// Report, if set, is called for each source whose pods are available, like the reports of pods to their store.
	Report func(source string)
	// Every is the interval between two rounds.
	Every time.Duration
	// Served is how long pods have been available when they appear.
	Served time.Duration
}

// Run simulates until the context ends. It ignores errors, such as conflicts, because the next round tries again.
func (p Pods) Run(ctx context.Context) {
	for {
		p.round(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(p.Every):
		}
	}
}

func (p Pods) round(ctx context.Context) {
	var deployments appsv1.DeploymentList
	if p.Client.List(ctx, &deployments, client.InNamespace(p.Namespace)) == nil {
		for i := range deployments.Items {
			p.deployment(ctx, &deployments.Items[i])
		}
	}
	var sets appsv1.StatefulSetList
	if p.Client.List(ctx, &sets, client.InNamespace(p.Namespace)) == nil {
		for i := range sets.Items {
			p.statefulSet(ctx, &sets.Items[i])
		}
	}
}

func (p Pods) down(name string) bool { return p.Down != nil && p.Down(name) }

func (p Pods) deployment(ctx context.Context, d *appsv1.Deployment) {
	before := d.DeepCopy()
	n, available := int32(1), corev1.ConditionTrue
	if d.Spec.Replicas != nil {
		n = *d.Spec.Replicas
	}
	up := n
	if p.down(d.Name) {
		up, available = 0, corev1.ConditionFalse
	}
	d.Status.ObservedGeneration, d.Status.Replicas, d.Status.UpdatedReplicas = d.Generation, n, n
	d.Status.ReadyReplicas, d.Status.AvailableReplicas = up, up
	if len(d.Status.Conditions) == 0 || d.Status.Conditions[0].Status != available {
		since := metav1.NewTime(time.Now().Add(-p.Served))
		d.Status.Conditions = []appsv1.DeploymentCondition{{
			Type: appsv1.DeploymentAvailable, Status: available, Reason: "Played", LastTransitionTime: since, LastUpdateTime: since,
		}}
	}
	if !equality.Semantic.DeepEqual(before.Status, d.Status) {
		_ = p.Client.Status().Update(ctx, d) // the next round resolves a conflict
	}
	if p.Report != nil && up > 0 {
		p.Report(d.Labels[resources.LabelName])
	}
}

func (p Pods) statefulSet(ctx context.Context, s *appsv1.StatefulSet) {
	before := s.DeepCopy()
	up := int32(1)
	if p.down(s.Name) {
		up = 0
	}
	s.Status.ObservedGeneration, s.Status.Replicas, s.Status.UpdatedReplicas = s.Generation, 1, 1
	s.Status.ReadyReplicas, s.Status.AvailableReplicas = up, up
	if !equality.Semantic.DeepEqual(before.Status, s.Status) {
		_ = p.Client.Status().Update(ctx, s) // the next round resolves a conflict
	}
}
