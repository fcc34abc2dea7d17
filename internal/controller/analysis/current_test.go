// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func at(t time.Time) *metav1.Time { return ptr.To(metav1.NewTime(t)) }

func run(t *testing.T, line string) Run {
	t.Helper()
	spec := &v1alpha1.Analysis{Schedule: line}
	s, err := resources.ScheduleOf(spec, "uid")
	require.NoError(t, err)
	return Run{UID: "uid", Generation: 3, Spec: spec, Schedule: &s, StoreAnswers: true, Record: &v1alpha1.AnalysisRecord{
		UID: "uid", Generation: 3, ScheduledTime: at(noon), CompletionTime: at(noon.Add(20 * time.Second)),
	}}
}

func TestCurrent(t *testing.T) {
	ran := run(t, "*/10 * * * *")
	deadline := noon.Add(21 * time.Minute)
	v := Current(ran, noon.Add(time.Minute))
	require.Equal(t, v1alpha1.ReasonResultsCurrent, v.Reason)
	require.Equal(t, deadline, v.Recheck, "two ticks and the grace")
	require.Equal(t, v1alpha1.ReasonResultsCurrent, Current(ran, deadline.Add(-time.Second)).Reason)
	require.Equal(t, v1alpha1.ReasonResultsOutdated, Current(ran, deadline).Reason)

	t.Log("a failed run counts when the results are too old, and says why")
	failed := ran
	failed.Attempt = &v1alpha1.RunRecord{Job: "m-map-1", Time: at(noon.Add(10 * time.Minute)), Error: "scan broke off"}
	require.Equal(t, v1alpha1.ReasonResultsCurrent, Current(failed, noon.Add(11*time.Minute)).Reason)
	v = Current(failed, deadline)
	require.Equal(t, v1alpha1.ReasonJobFailed, v.Reason)
	require.Contains(t, v.Message, "m-map-1 failed: scan broke off")
	trying := failed
	trying.Jobs.Trying = []string{"m-map-1"}
	require.Equal(t, v1alpha1.ReasonResultsOutdated, Current(trying, deadline).Reason, "a Job that tries again has not failed")
	trying.Record = nil
	v = Current(trying, deadline)
	require.Equal(t, metav1.ConditionUnknown, v.Status)
	require.Contains(t, v.Message, "Job m-map-1 tries again: scan broke off")
	byJob := ran
	byJob.Jobs.Failed = &FailedJob{Name: "m-map-2", Time: metav1.NewTime(noon.Add(12 * time.Minute)), Message: "no node fits"}
	require.Contains(t, Current(byJob, deadline).Message, "m-map-2 failed: no node fits")
	byJob.Jobs.Failed.Time = metav1.NewTime(noon.Add(-time.Minute))
	require.Equal(t, v1alpha1.ReasonResultsOutdated, Current(byJob, deadline).Reason, "a failure before the last success is forgotten")
}

func TestCurrentWithoutResults(t *testing.T) {
	young := run(t, "*/10 * * * *")
	young.Generation = 4
	young.Jobs.FirstRun = metav1.NewTime(noon.Add(5 * time.Minute))
	require.Equal(t, v1alpha1.ReasonNoResults, Current(young, noon.Add(6*time.Minute)).Reason, "results of an older spec do not count")
	young.Attempt = &v1alpha1.RunRecord{Job: "old", Time: at(noon.Add(time.Minute)), Error: "x"}
	require.Equal(t, v1alpha1.ReasonNoResults, Current(young, noon.Add(6*time.Minute)).Reason, "nor do its failures")
	young.Attempt = &v1alpha1.RunRecord{Job: "first", Time: at(noon.Add(6 * time.Minute)), Error: "x"}
	require.Equal(t, v1alpha1.ReasonJobFailed, Current(young, noon.Add(6*time.Minute)).Reason)

	other := run(t, "*/10 * * * *")
	other.UID = "another"
	require.Equal(t, v1alpha1.ReasonNoResults, Current(other, noon).Reason, "results of an object of the same name that is gone")

	suspended := run(t, "*/10 * * * *")
	suspended.Spec.Suspend = ptr.To(true)
	require.Equal(t, v1alpha1.ReasonSuspended, Current(suspended, noon).Reason)
	fixed := run(t, "*/10 * * * *")
	fixed.Spec.AsOf = at(noon)
	require.Equal(t, v1alpha1.ReasonResultsCurrent, Current(fixed, noon.Add(1000*time.Hour)).Reason, "a fixed time does not age")
}

func TestCheckSchedulePaths(t *testing.T) {
	check := func(spec *v1alpha1.Analysis) (*resources.Schedule, error) {
		s := &Scope[*v1alpha1.JourneyMap]{Turn: &flow.Turn[*v1alpha1.JourneyMap]{Object: &v1alpha1.JourneyMap{}}, Facts: Facts{Analysis: spec}}
		err := new(Reconciler[*v1alpha1.JourneyMap]).CheckSchedule(t.Context(), s)
		return s.Schedule, err
	}
	_, err := check(&v1alpha1.Analysis{Schedule: "0 25 * * *"})
	require.ErrorContains(t, err, "spec.analysis.schedule: ")
	_, err = check(&v1alpha1.Analysis{TimeZone: "Mars/Olympus"})
	require.ErrorContains(t, err, "spec.analysis.timeZone: ")
	s, err := check(nil)
	require.NoError(t, err)
	require.Equal(t, 15*time.Minute, s.Next(s.Next(noon)).Sub(s.Next(noon)))
}

func TestHeldBack(t *testing.T) {
	held := run(t, "*/10 * * * *")
	require.Equal(t, metav1.ConditionFalse, HeldBack(held).Status)
	held.Record.HeldBackBy, held.AsOf = "crm", at(noon.Add(-9*time.Minute))
	require.Equal(t, metav1.ConditionFalse, HeldBack(held).Status, "by less than a tick")
	held.AsOf = at(noon.Add(-11 * time.Minute))
	v := HeldBack(held)
	require.Equal(t, metav1.ConditionTrue, v.Status)
	require.Contains(t, v.Message, "The results are as of 2026-11-02T11:49:00Z (status.summary.period.asOf), not of ")
	require.Contains(t, v.Message, ": source crm has no newer event. ")
	early, late := held.AsOf, at(noon)
	for want, times := range map[string][2]*metav1.Time{
		"the newest event of source crm happened at 2026-11-02T11:49:00Z, although the source received an event at 2026-11-02T12:00:00Z. ":   {early, late},
		"the newest event of source crm happened at 2026-11-02T11:49:00Z, and the source has received no event since 2026-11-02T11:49:00Z. ": {early, early},
		"source crm has received no event since it was created at 2026-11-02T11:49:00Z. ":                                                    {early, nil},
	} {
		held.Sources = []v1alpha1.SourceTrace{
			{Name: "web", Watermark: late, NewestReceivedTime: late},
			{Name: "crm", Watermark: times[0], NewestReceivedTime: times[1]},
		}
		require.Contains(t, HeldBack(held).Message, want)
	}
	held.Generation++
	require.Equal(t, metav1.ConditionFalse, HeldBack(held).Status, "results of an earlier spec tell nothing of this one")
}

// A spec that is too large is Stalled, because only a user can fix it.
func TestTooLargeSpecsAreStalled(t *testing.T) {
	var stalled *flow.Stalled
	require.ErrorAs(t, large(fmt.Errorf("document: %w", podconfig.ErrTooLarge)), &stalled)
	require.Equal(t, v1alpha1.ReasonInvalidSpec, stalled.Reason)
	require.Equal(t, "spec", stalled.Path)
	other := errors.New("x")
	require.Equal(t, other, large(other))
}

// If sources or exclude rules change, the results are not current, and a new run starts.
func TestOtherSources(t *testing.T) {
	store := &v1alpha1.EventStore{}
	source := func(name string) *v1alpha1.TouchpointSource {
		s := &v1alpha1.TouchpointSource{Spec: v1alpha1.TouchpointSourceSpec{Channel: "web"}}
		s.Name = name
		return s
	}
	list := []*v1alpha1.TouchpointSource{source("web"), source("till")}
	trace := &v1alpha1.Trace{SourcesHash: resources.SourcesHash(store, list)}
	require.False(t, OtherSources(trace, store, []*v1alpha1.TouchpointSource{list[1], list[0]}), "the order is nothing")
	require.False(t, OtherSources(&v1alpha1.Trace{}, store, list), "there are no results yet")
	require.False(t, OtherSources(trace, nil, nil), "nobody knows")
	require.True(t, OtherSources(trace, store, list[:1]))
	require.True(t, OtherSources(trace, store, append(list[:2:2], source("crm"))))
	excluding := &v1alpha1.EventStore{Spec: v1alpha1.EventStoreSpec{Exclude: []v1alpha1.EventCondition{{Key: "properties.test", Operator: "Exists"}}}}
	require.True(t, OtherSources(trace, excluding, list))
	r := run(t, "*/10 * * * *")
	r.Other = true
	require.Equal(t, v1alpha1.ReasonNoResults, Current(r, noon.Add(time.Minute)).Reason)
}
