// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package status_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"pgregory.net/rapid"
	kstatus "sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 5, time.UTC)

// After any sequence of outcomes, kstatus computes the meaning of the last one.
func TestKstatus(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := status.NewSet(status.JourneyMap, nil, 7, noon)
		want := kstatus.UnknownStatus
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 5), 1, 12).Draw(t, "steps") {
			switch step {
			case 0:
				s.Ready("fine")
				want = kstatus.CurrentStatus
			case 1:
				s.Progressing(v1alpha1.ReasonProgressing, "working")
				want = kstatus.InProgressStatus
			case 2:
				s.Failing(v1alpha1.ReasonApplyFailed, "again")
				want = kstatus.InProgressStatus
			case 3:
				s.Stalled(v1alpha1.ReasonInvalidSpec, "fix it")
				want = kstatus.FailedStatus
			case 4:
				s.Apply(v1alpha1.ConditionDropOffDetected, status.True(v1alpha1.ReasonDropOffAboveLimit, "much"))
			case 5:
				s.Apply(v1alpha1.ConditionDataFresh, status.False(v1alpha1.ReasonSourceStale, "old"))
			}
		}
		if want == kstatus.UnknownStatus {
			return
		}
		require.Equal(t, want, compute(t, s.List()))
	})
}

func compute(t require.TestingT, conditions []metav1.Condition) kstatus.Status {
	part, err := status.Part(conditions, 7)
	require.NoError(t, err)
	u := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "JourneyMap",
		"metadata": map[string]any{"name": "m", "generation": int64(7)}, "status": part,
	}}
	result, err := kstatus.Compute(u)
	require.NoError(t, err)
	return result.Status
}

func TestSetKeepsTimesAndOrder(t *testing.T) {
	s := status.NewSet(status.EventStore, nil, 1, noon)
	s.Apply(v1alpha1.ConditionAvailable, status.True(v1alpha1.ReasonStoreAnswering, "answers"))
	s.Ready("fine")
	later := status.NewSet(status.EventStore, append(s.List(), metav1.Condition{Type: "Foreign", Status: metav1.ConditionTrue}), 2, noon.Add(time.Hour))
	later.Ready("fine")
	later.Apply(v1alpha1.ConditionAvailable, status.False(v1alpha1.ReasonStoreUnavailable, "gone"))

	list := later.List()
	require.Len(t, list, 2, "a condition of somebody else is not ours to write")
	require.Equal(t, v1alpha1.ConditionReady, list[0].Type)
	require.Equal(t, noon.Truncate(time.Second), list[0].LastTransitionTime.Time, "the status did not change")
	require.Equal(t, int64(2), list[0].ObservedGeneration)
	require.Equal(t, noon.Add(time.Hour).Truncate(time.Second), list[1].LastTransitionTime.Time)
	require.Panics(t, func() { later.Apply(v1alpha1.ConditionFresh, status.True("X", "y")) }, "not a condition of the kind")
}

func TestTransitions(t *testing.T) {
	c := func(typ string, is metav1.ConditionStatus, reason string) metav1.Condition {
		return metav1.Condition{Type: typ, Status: is, Reason: reason}
	}
	ready, fresh, rejecting := v1alpha1.ConditionReady, v1alpha1.ConditionFresh, v1alpha1.ConditionRejecting
	available := v1alpha1.ConditionIngestionAvailable
	for name, tt := range map[string]struct {
		before, after []metav1.Condition
		want          []string
	}{
		"accepted for the first time: an Event": {nil, []metav1.Condition{c(ready, "True", "Succeeded")}, []string{"Normal Succeeded"}},
		"the same again: no Event":              {[]metav1.Condition{c(ready, "True", "Succeeded")}, []metav1.Condition{c(ready, "True", "Succeeded")}, nil},
		"unknown: no Event":                     {nil, []metav1.Condition{c(ready, "Unknown", "Progressing")}, nil},
		"Stalled is reported once, by Ready":    {nil, []metav1.Condition{c(ready, "False", "InvalidSpec"), c("Stalled", "True", "InvalidSpec")}, []string{"Warning InvalidSpec"}},
		"healthy for the first time: no Event":  {nil, []metav1.Condition{c(fresh, "True", "WithinExpectation")}, nil},
		"healthy after unknown: no Event":       {[]metav1.Condition{c(fresh, "Unknown", "NotObserved")}, []metav1.Condition{c(fresh, "True", "WithinExpectation")}, nil},
		"healthy after a failure: an Event":     {[]metav1.Condition{c(fresh, "False", "SourceStale")}, []metav1.Condition{c(fresh, "True", "WithinExpectation")}, []string{"Normal WithinExpectation"}},
		"failure for another reason: an Event":  {[]metav1.Condition{c(fresh, "False", "NeverReceived")}, []metav1.Condition{c(fresh, "False", "SourceStale")}, []string{"Warning SourceStale"}},
		"abnormal-true fails if True":           {[]metav1.Condition{c(rejecting, "False", "NoRejections")}, []metav1.Condition{c(rejecting, "True", "EventsRejected")}, []string{"Warning EventsRejected"}},
		"requested by the user: no Warning":     {[]metav1.Condition{c(available, "True", "Serving")}, []metav1.Condition{c(available, "False", "Suspended")}, []string{"Normal Suspended"}},
		"a start: no Event":                     {nil, []metav1.Condition{c(available, "Unknown", "Starting")}, nil},
		"never started: an Event":               {[]metav1.Condition{c(available, "Unknown", "Starting")}, []metav1.Condition{c(available, "False", "RolloutIncomplete")}, []string{"Warning RolloutIncomplete"}},
		"abnormal-true that is False: no Event": {[]metav1.Condition{c(rejecting, "False", "NoRejections")}, []metav1.Condition{c(rejecting, "False", "FewRejections")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, tr := range status.TouchpointSource.Transitions(tt.before, tt.after) {
				got = append(got, tr.EventType+" "+tr.Reason)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// Findings, such as a high drop-off, send normal Events, because nothing is wrong with the installation.
func TestFindingsAreNormalEvents(t *testing.T) {
	turn := func(table status.Table, condition string, to metav1.ConditionStatus, reason string) []status.Transition {
		return table.Transitions(nil, []metav1.Condition{{Type: condition, Status: to, Reason: reason}})
	}
	for _, tr := range [][]status.Transition{
		turn(status.JourneyMap, v1alpha1.ConditionDropOffDetected, "True", v1alpha1.ReasonDropOffAboveLimit),
		turn(status.JourneyMap, v1alpha1.ConditionAsOfHeldBack, "True", v1alpha1.ReasonSourceLags),
		turn(status.MetricReport, v1alpha1.ConditionTargetsMet, "False", v1alpha1.ReasonTargetsMissed),
	} {
		require.Len(t, tr, 1)
		require.Equal(t, corev1.EventTypeNormal, tr[0].EventType, tr[0].Condition)
	}
	require.Equal(t, corev1.EventTypeWarning, turn(status.JourneyMap, v1alpha1.ConditionDataFresh, "False", v1alpha1.ReasonSourceStale)[0].EventType)
}

// An object that was neither available nor failing since its creation has some time to start.
func TestStarting(t *testing.T) {
	unknown := &metav1.Condition{Status: metav1.ConditionUnknown, LastTransitionTime: metav1.NewTime(noon)}
	for name, tt := range map[string]struct {
		was  *metav1.Condition
		made time.Time
		age  time.Duration
		want bool
	}{
		"no condition yet":             {nil, noon.Add(-time.Hour), time.Hour, true},
		"within the limit":             {unknown, noon, time.Minute - time.Second, true},
		"above the limit":              {unknown, noon, time.Minute, false},
		"not created yet":              {unknown, time.Time{}, time.Hour, true},
		"created after the condition":  {unknown, noon.Add(time.Minute), 90 * time.Second, true},
		"condition after the creation": {unknown, noon.Add(-time.Hour), 30 * time.Second, true},
		"it was healthy":               {&metav1.Condition{Status: metav1.ConditionTrue}, noon, 0, false},
		"it had failed":                {&metav1.Condition{Status: metav1.ConditionFalse}, noon, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := status.Starting(tt.was, tt.made, time.Minute, noon.Add(tt.age))
			require.Equal(t, tt.want, ok)
		})
	}
}

func TestTexts(t *testing.T) {
	require.Equal(t, "line two", status.Shorten("line\ntwo\x00\x1b", 100))
	rapid.Check(t, func(t *rapid.T) {
		text, limit := rapid.String().Draw(t, "text"), rapid.IntRange(3, 40).Draw(t, "limit")
		got := status.Shorten(text, limit)
		require.LessOrEqual(t, len(got), limit)
		require.True(t, utf8.ValidString(got))
		require.False(t, strings.ContainsAny(got, "\n\t\x00"))
	})
}
