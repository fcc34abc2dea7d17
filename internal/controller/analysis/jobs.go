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
	"github.com/journeyman-dev/journeyman/internal/controller/podwords"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Jobs is what the Jobs of an object tell.
type Jobs struct {
	// FirstRun is when the Job that runs at once was made; zero without one.
	FirstRun metav1.Time
	// Failed is the newest Job that failed, nil for none.
	Failed *FailedJob
	// Trying are the names of the Jobs that have not ended: their pods may have failed, but they try again.
	Trying []string
	// Oldest is when the oldest of these was made; zero without one.
	Oldest metav1.Time
}

// FailedJob is a Job that gave up.
type FailedJob struct {
	// Name of it.
	Name string
	// Time at which it gave up.
	Time metav1.Time
	// Message of its controller.
	Message string
}

// ReadJobs looks at the Jobs of an object in the cache.
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

// StoreTurned reports whether a store started or ceased to answer: runs wait for it.
func StoreTurned(before, after client.Object) bool {
	return deps.Turned(v1alpha1.ConditionAvailable,
		before.(*v1alpha1.EventStore).Status.Conditions, after.(*v1alpha1.EventStore).Status.Conditions)
}

// StoreKnown reports whether a store has ever been seen to answer, or to fail: before, it starts, and nothing can be read from it.
func StoreKnown(s *v1alpha1.EventStore) bool {
	if s == nil {
		return false
	}
	c := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionAvailable)
	return c != nil && c.Status != metav1.ConditionUnknown
}

// StoreAnswers reports whether a store can be read, by its own status, so that who depends on it is woken when that turns. A
// store that was not found does not answer.
func StoreAnswers(s *v1alpha1.EventStore) bool {
	return s != nil && meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionAvailable)
}

// FindWords asks what the cluster says of the pods of Jobs that have not ended, when one of them has had its time to start: a quota or the
// scheduler may hold it. again is when to ask once more, zero for never.
func (r *Run) FindWords(ctx context.Context, live client.Reader, name client.ObjectKey, now time.Time) (again time.Time) {
	if len(r.Jobs.Trying) == 0 {
		return time.Time{}
	}
	if now.Sub(r.Jobs.Oldest.Time) >= podwords.Again {
		r.Words = podwords.Of(ctx, live, name, now)
	}
	return now.Add(podwords.Again)
}
