// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventstore

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/children"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/podevents"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

func (r *reconciler) begin(t *flow.Turn[*v1alpha1.EventStore]) *scope {
	s := &scope{Turn: t, key: client.ObjectKeyFromObject(t.Object), pods: r.Pods, network: r.Network}
	r.Stores.Ensure(storewatch.Target{Key: s.key, UID: t.Object.UID, CreatedAt: t.Object.CreationTimestamp.Time})
	return s
}

// deriveSecrets derives keys and certificate, and schedules the renewal of the certificate.
func (r *reconciler) deriveSecrets(_ context.Context, s *scope) error {
	var err error
	if s.material, err = r.Keys.Material(s.Object, s.Now); err != nil {
		return fmt.Errorf("derive secrets: %w", err)
	}
	s.RecheckAt(pki.EpochStart(s.Object.CreationTimestamp.Time, s.material.Epoch+1))
	return nil
}

// readWorkload reads the live volume claim and StatefulSet: a claim never shrinks, and a pod keeps its image.
func (r *reconciler) readWorkload(ctx context.Context, s *scope) error {
	at := s.child()
	claim, workload := &corev1.PersistentVolumeClaim{}, &appsv1.StatefulSet{}
	switch err := r.Client.Get(ctx, at, claim); {
	case err == nil:
		s.claim = claim
	case !apierrors.IsNotFound(err):
		return fmt.Errorf("read claim: %w", err)
	}
	switch err := r.Client.Get(ctx, at, workload); {
	case err == nil:
		s.workload = workload
	case !apierrors.IsNotFound(err):
		return fmt.Errorf("read StatefulSet: %w", err)
	}
	var err error
	s.rollout, err = r.ChooseRollout(s.input(), s.workload)
	return err
}

// child returns the name of the claim, the Service and the StatefulSet.
func (s *scope) child() client.ObjectKey {
	return client.ObjectKey{Namespace: s.key.Namespace, Name: resources.StoreName(s.key.Name)}
}

func (s *scope) input() resources.EventStoreInput {
	in := resources.EventStoreInput{Store: s.Object, Rollout: s.rollout, Pods: s.pods, Network: s.network, Material: s.material}
	if s.claim != nil {
		in.ClaimSize = s.claim.Spec.Resources.Requests[corev1.ResourceStorage]
		in.ClaimCapacity = s.claim.Status.Capacity[corev1.ResourceStorage]
		in.ClaimPending = s.claim.Status.Phase == corev1.ClaimPending
	}
	return in
}

func (r *reconciler) applyChildren(ctx context.Context, s *scope) error {
	list, err := resources.EventStoreChildren(s.input())
	if err != nil {
		return err
	}
	s.RecheckAt(r.Children.LookAgain())
	parent := children.Parent{Kind: v1alpha1.EventStoreKind, Object: s.Object}
	if err := r.Children.Apply(ctx, parent, list); err != nil {
		return err
	}
	return r.Children.Prune(ctx, parent, resources.Prunable(parent.Kind), list)
}

// awaitRollout prevents a generation from being Ready before its pod was available once. Later failures are reported by the condition Available.
func (r *reconciler) awaitRollout(ctx context.Context, s *scope) error {
	workload := &appsv1.StatefulSet{}
	found, err := r.Children.Latest(ctx, s.child(), workload)
	if err != nil {
		return fmt.Errorf("read StatefulSet: %w", err)
	}
	if found && rolledOut(workload) {
		if !r.Stores.Store(s.key).Answered() {
			r.Stores.Ask(s.key)
		}
		return nil
	}
	r.Children.Doubt(s.Object.UID)
	if s.WasReady {
		return nil
	}
	return &flow.Waiting{
		Reason:  v1alpha1.ReasonRolloutIncomplete,
		Problem: "Waiting for the store's pod to become available." + podevents.Latest(ctx, r.Live, s.child(), s.Now),
		Retry:   podevents.Interval,
	}
}

func rolledOut(w *appsv1.StatefulSet) bool {
	return w.Status.ObservedGeneration >= w.Generation && w.Status.UpdatedReplicas >= 1 && w.Status.AvailableReplicas >= 1
}
