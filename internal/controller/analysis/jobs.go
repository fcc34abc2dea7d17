// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/deps"
	"github.com/journeyman-dev/journeyman/internal/controller/podevents"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Jobs is the state of the Jobs of an object.
type Jobs struct {
	// FirstRun is the creation time of the Job that runs at once; zero without one.
	FirstRun metav1.Time
	// Failed is the latest Job that failed; nil for none.
	Failed *FailedJob
	// Trying are the names of the Jobs that have not ended. Their pods can have failed, but they retry.
	Trying []string
	// Oldest is the creation time of the oldest of these; zero without one.
	Oldest metav1.Time
}

// FailedJob is a Job that failed.
type FailedJob struct {
	// Name of it.
	Name string
	// Time at which it failed.
	Time metav1.Time
	// Message of the Job controller.
	Message string
}

// ReadJobs reads the Jobs of an object from the cache.
func ReadJobs(ctx context.Context, c client.Reader, kind string, obj client.Object) (Jobs, error) {
	var list batchv1.JobList
	labels := client.MatchingLabels{resources.LabelKind: kind, resources.LabelName: obj.GetName()}
	if err := c.List(ctx, &list, client.InNamespace(obj.GetNamespace()), labels, client.UnsafeDisableDeepCopy); err != nil {
		return Jobs{}, fmt.Errorf("list Jobs: %w", err)
	}
	var out Jobs
	for i := range list.Items {
		job := &list.Items[i]
		if metav1.IsControlledBy(job, obj) && out.FirstRun.Time.Before(job.CreationTimestamp.Time) {
			out.FirstRun = job.CreationTimestamp
		}
		if !ended(job) {
			out.Trying = append(out.Trying, job.Name)
			if out.Oldest.IsZero() || job.CreationTimestamp.Before(&out.Oldest) {
				out.Oldest = job.CreationTimestamp
			}
		}
		if f := failed(job); f != nil && (out.Failed == nil || out.Failed.Time.Before(&f.Time)) {
			out.Failed = f
		}
	}
	return out, nil
}

func ended(job *batchv1.Job) bool {
	return slices.ContainsFunc(job.Status.Conditions, func(c batchv1.JobCondition) bool {
		return (c.Type == batchv1.JobFailed || c.Type == batchv1.JobComplete) && c.Status == corev1.ConditionTrue
	})
}

func failed(job *batchv1.Job) *FailedJob {
	for _, c := range job.Status.Conditions {
		if c.Type == batchv1.JobFailed && c.Status == corev1.ConditionTrue {
			return &FailedJob{Name: job.Name, Time: c.LastTransitionTime, Message: c.Message}
		}
	}
	return nil
}

// StoreTurned reports whether a store has started or stopped to answer, because runs wait for it.
func StoreTurned(before, after client.Object) bool {
	return deps.Turned(v1alpha1.ConditionAvailable,
		before.(*v1alpha1.EventStore).Status.Conditions, after.(*v1alpha1.EventStore).Status.Conditions)
}

// StoreKnown reports whether a store was ever seen to answer or to fail. Before that, it is starting, and nothing can be read from it.
func StoreKnown(s *v1alpha1.EventStore) bool {
	if s == nil {
		return false
	}
	c := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionAvailable)
	return c != nil && c.Status != metav1.ConditionUnknown
}

// StoreAnswers reports whether a store can be read, according to its status, so that dependent objects are reconciled when that changes. It returns
// false for a missing store.
func StoreAnswers(s *v1alpha1.EventStore) bool {
	return s != nil && meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionAvailable)
}

// ReadPodEvents reads the cluster's messages about the pods of Jobs that have not ended, once one of them has had time to start: a quota or the scheduler
// can block it. again is when to repeat this, zero for never.
func (r *Run) ReadPodEvents(ctx context.Context, live client.Reader, name client.ObjectKey, now time.Time) (again time.Time) {
	if len(r.Jobs.Trying) == 0 {
		return time.Time{}
	}
	if now.Sub(r.Jobs.Oldest.Time) >= podevents.Interval {
		r.PodEvent = podevents.Latest(ctx, live, name, now)
	}
	return now.Add(podevents.Interval)
}
