// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/children"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/podevents"
	"github.com/journeyman-dev/journeyman/internal/controller/refs"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

func (r *reconciler) begin(t *flow.Turn[*v1alpha1.TouchpointSource]) *scope {
	return &scope{Turn: t, key: client.ObjectKeyFromObject(t.Object)}
}

// compileMapping is the first step, so that an invalid rule does not replace the valid ones that the pods use.
func (r *reconciler) compileMapping(_ context.Context, s *scope) error {
	return r.mappings.check(s.Object)
}

func (r *reconciler) findStore(ctx context.Context, s *scope) error {
	var err error
	s.store, err = refs.Store(ctx, r.Client, s.key.Namespace, "spec.storeRef.name", s.Object.Spec.StoreRef.Name)
	return err
}

func (r *reconciler) chooseRollout(ctx context.Context, s *scope) error {
	material, err := r.Keys.Material(s.store, s.Now)
	if err != nil {
		return fmt.Errorf("derive secrets: %w", err)
	}
	s.input = resources.TouchpointSourceInput{
		Source: s.Object, Store: s.store, Pods: r.Pods, Network: r.Network,
		AppendSecret: resources.AppendSecretName(s.store.Name, material),
	}
	var live appsv1.Deployment
	if err := r.Client.Get(ctx, s.child(), &live); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read Deployment: %w", err)
	}
	if s.input.KeepReplicas, err = r.replicasToKeep(ctx, s); err != nil {
		return err
	}
	if s.input.AutoscalerLater, err = r.autoscalerLater(ctx, s, &live); err != nil {
		return err
	}
	s.input.Rollout, err = r.ChooseRollout(s.input, &live)
	return err
}

// autoscaled reports whether the source can have an autoscaler.
func (s *scope) autoscaled() bool {
	scaling := s.Object.Spec.Scaling
	return scaling != nil && scaling.MaxReplicas != nil
}

// replicasToKeep needs the managed fields of the Deployment, which are not in the cache, so it reads from the API server, only for sources with an
// autoscaler. A new Deployment starts with the lowest number.
func (r *reconciler) replicasToKeep(ctx context.Context, s *scope) (*int32, error) {
	if !s.autoscaled() {
		return nil, nil
	}
	var live appsv1.Deployment
	switch err := r.Live.Get(ctx, s.child(), &live); {
	case apierrors.IsNotFound(err):
		return s.Object.Spec.Scaling.MinReplicas, nil
	case err != nil:
		return nil, fmt.Errorf("read Deployment: %w", err)
	}
	return resources.ReplicasToKeep(&live), nil
}

// metricsAfter is how long pods have to serve before the cluster has the metrics that an autoscaler needs.
const metricsAfter = 3 * time.Minute

// autoscalerLater reports whether it is too early for an autoscaler, which warns of every pod without metrics. An existing one stays.
func (r *reconciler) autoscalerLater(ctx context.Context, s *scope, live *appsv1.Deployment) (bool, error) {
	if !s.autoscaled() {
		return false, nil
	}
	found, err := r.Children.Exists(ctx, s.child(), &autoscalingv2.HorizontalPodAutoscaler{})
	if found || err != nil {
		return false, err
	}
	c := deploymentCondition(live, appsv1.DeploymentAvailable, corev1.ConditionTrue)
	if c == nil {
		return true, nil
	}
	due := c.LastTransitionTime.Add(metricsAfter)
	if !s.Now.Before(due) {
		return false, nil
	}
	s.RecheckAt(due)
	return true, nil
}

func (s *scope) child() client.ObjectKey {
	return client.ObjectKey{Namespace: s.key.Namespace, Name: resources.IngestName(s.key.Name)}
}

func (r *reconciler) applyChildren(ctx context.Context, s *scope) error {
	list, err := resources.TouchpointSourceChildren(s.input)
	if errors.Is(err, podconfig.ErrTooLarge) {
		return &flow.Stalled{Reason: v1alpha1.ReasonInvalidSpec, Path: "spec", Problem: err.Error()}
	}
	if err != nil {
		return err
	}
	parent := children.Parent{Kind: v1alpha1.TouchpointSourceKind, Object: s.Object}
	s.RecheckAt(r.Children.LookAgain())
	if err := r.Children.Apply(ctx, parent, list); err != nil {
		return err
	}
	return r.Children.Prune(ctx, parent, resources.Prunable(parent.Kind), list)
}

// awaitRollout prevents a generation from being Ready before its pods were available once. Later failures are reported by the condition IngestionAvailable.
func (r *reconciler) awaitRollout(ctx context.Context, s *scope) error {
	if s.WasReady {
		return nil
	}
	w := &appsv1.Deployment{}
	found, err := r.Children.Latest(ctx, s.child(), w)
	if err != nil {
		return fmt.Errorf("read Deployment: %w", err)
	}
	if found && rolledOut(w) {
		return nil
	}
	return &flow.Waiting{
		Reason:  v1alpha1.ReasonRolloutIncomplete,
		Problem: "Waiting for the ingestion pods to become available. " + rolloutProblem(w) + r.words(ctx, s, w),
		Retry:   podevents.Interval,
	}
}

// words returns the cluster's messages about pods that do not start, if the Deployment has none.
func (r *reconciler) words(ctx context.Context, s *scope, w *appsv1.Deployment) string {
	if w == nil || failures(w) != "" {
		return ""
	}
	return podevents.Latest(ctx, r.Live, s.child(), s.Now)
}

// workload returns the Deployment in the cache, or nil.
func (r *reconciler) workload(ctx context.Context, s *scope) *appsv1.Deployment {
	w := &appsv1.Deployment{}
	if err := r.Client.Get(ctx, s.child(), w); err != nil {
		return nil
	}
	return w
}

func rolledOut(w *appsv1.Deployment) bool {
	st := w.Status
	return st.ObservedGeneration >= w.Generation && deploymentCondition(w, appsv1.DeploymentAvailable, corev1.ConditionTrue) != nil &&
		st.UpdatedReplicas >= 1 && st.UpdatedReplicas == st.Replicas
}

func deploymentCondition(w *appsv1.Deployment, t appsv1.DeploymentConditionType, is corev1.ConditionStatus) *appsv1.DeploymentCondition {
	for i := range w.Status.Conditions {
		if c := &w.Status.Conditions[i]; c.Type == t && c.Status == is {
			return c
		}
	}
	return nil
}

// rolloutProblem describes the progress of a rollout.
func rolloutProblem(w *appsv1.Deployment) string {
	wanted := int32(1)
	if w.Spec.Replicas != nil {
		wanted = *w.Spec.Replicas
	}
	return fmt.Sprintf("%d of %d pods are available.%s", w.Status.AvailableReplicas, wanted, failures(w))
}

// failures returns the messages of the Deployment controller about pods that it cannot create, such as those of a quota, or that do not start in
// time; it can be empty.
func failures(w *appsv1.Deployment) string {
	for _, t := range []appsv1.DeploymentConditionType{appsv1.DeploymentReplicaFailure, appsv1.DeploymentProgressing} {
		bad := corev1.ConditionTrue
		if t == appsv1.DeploymentProgressing {
			bad = corev1.ConditionFalse
		}
		if c := deploymentCondition(w, t, bad); c != nil {
			return " " + c.Message
		}
	}
	return ""
}
