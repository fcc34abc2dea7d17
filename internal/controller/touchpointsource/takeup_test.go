// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestSuspensionAsReportedByPods(t *testing.T) {
	halted := &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonSuspended}
	served := &metav1.Condition{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonServing}
	pods := func(r ...store.Report) []store.Report { return r }
	takes, turns := store.Report{Generation: 6}, store.Report{Generation: 6, Suspended: true}
	newest := store.Report{Generation: 7}
	for name, tt := range map[string]struct {
		suspend bool
		reports []store.Report
		was     *metav1.Condition
		reason  string
		words   string
	}{
		"suspended, without reports":               {true, nil, served, v1alpha1.ReasonSuspended, "senders get 503"},
		"suspended, and one pod has not loaded it": {true, pods(turns, takes), served, v1alpha1.ReasonSuspended, "still accept events"},
		"suspended, and all pods have loaded it":   {true, pods(turns, turns), halted, v1alpha1.ReasonSuspended, "senders get 503"},
		"resumed, and no pod has loaded it":        {false, pods(turns), halted, v1alpha1.ReasonSuspended, "was unset"},
		"resumed, and one pod has not loaded it":   {false, pods(newest, turns), halted, v1alpha1.ReasonSuspended, "was unset"},
		"resumed before any pod loaded it":         {false, pods(newest, takes), halted, v1alpha1.ReasonSuspended, "was unset"},
		"resumed, and all pods have loaded it":     {false, pods(newest, newest), halted, v1alpha1.ReasonServing, "The pods serve."},
		"a pod refuses without a reason":           {false, pods(turns), served, v1alpha1.ReasonSuspended, "was unset"},
		"any other change of the spec":             {false, pods(takes), served, v1alpha1.ReasonServing, "The pods serve."},
	} {
		t.Run(name, func(t *testing.T) {
			s, look := source("1h", noon), heard(noon, noon)
			s.Generation, look.Reports = 7, tt.reports
			if tt.suspend {
				s.Spec.Suspend = ptr.To(true)
			}
			i := &ingestion{source: s, store: pepperedStore(), workload: deployment(1, 1), look: look, was: tt.was, now: noon}
			v := i.available()
			require.Equal(t, tt.reason, v.Reason)
			require.Contains(t, v.Message, tt.words)
			waits := !tt.suspend && tt.reason == v1alpha1.ReasonSuspended
			require.Equal(t, waits, !v.Recheck.IsZero())
			require.False(t, i.askAgain(), "the store was asked just now")
			i.now = noon.Add(takeUpEvery)
			require.Equal(t, waits, i.askAgain())
		})
	}
}

// A source is not silent while its pods still answer 503.
func TestSilenceAfterASuspension(t *testing.T) {
	q := &silence{source: source("1h", noon), look: heard(noon.Add(-2*time.Hour), noon), turnedAway: true, now: noon}
	v, ask := q.fresh()
	require.Equal(t, metav1.ConditionUnknown, v.Status)
	require.Equal(t, v1alpha1.ReasonSuspended, v.Reason)
	require.False(t, ask)
}

// If pods are ready but their store has no reports of them, they answer 503 to every sender.
func TestPodsWithoutReports(t *testing.T) {
	up := deployment(1, 1, appsv1.DeploymentCondition{
		Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(noon),
	})
	look := heard(noon, noon)
	look.Silent = noon.Add(-time.Hour)
	i := &ingestion{source: source("1h", noon), store: pepperedStore(), workload: up, look: look, now: noon.Add(store.ReportTTL - time.Second)}
	v := i.available()
	require.Equal(t, metav1.ConditionTrue, v.Status, "pods that have just come up")
	require.Equal(t, noon.Add(store.ReportTTL), v.Recheck)
	i.now = noon.Add(store.ReportTTL)
	v = i.available()
	require.Equal(t, v1alpha1.ReasonStoreUnavailable, v.Reason)
	require.Contains(t, v.Message, "none of them reaches EventStore main")

	i.was = &metav1.Condition{Status: v.Status, Reason: v.Reason, Message: v.Message}
	i.look.Silent, i.now = i.now, i.now.Add(time.Second)
	require.Equal(t, v, i.available(), "an operator that has restarted")
	i.look.Silent = time.Time{}
	require.Equal(t, v, i.available(), "and has heard of no source yet")
	i.look.Reports, i.look.Silent = []store.Report{{}}, time.Time{}
	require.Equal(t, v1alpha1.ReasonServing, i.available().Reason)

	i.look.Reports, i.was = nil, nil
	v = i.available()
	require.Equal(t, v1alpha1.ReasonServing, v.Reason, "nobody has waited for reports yet")
	require.Zero(t, v.Recheck)
	i.look.Silent, i.workload = noon.Add(-time.Hour), deployment(1, 1)
	require.Equal(t, v1alpha1.ReasonServing, i.available().Reason, "pods of which nobody knows since when they are up")
}

// A poll from before the pods started says nothing about them after a suspension.
func TestResumptionBeforeAnyReport(t *testing.T) {
	up := deployment(1, 1, appsv1.DeploymentCondition{
		Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(noon),
	})
	i := &ingestion{source: source("1h", noon), store: pepperedStore(), workload: up, look: heard(noon, noon), now: noon.Add(time.Second)}
	i.was = &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonSuspended}
	v := i.available()
	require.Equal(t, v1alpha1.ReasonSuspended, v.Reason)
	require.Contains(t, v.Message, "was unset")
	i.now = noon.Add(time.Minute)
	require.True(t, i.askAgain())
	i.look.Reports = []store.Report{{Generation: i.source.Generation}}
	require.Equal(t, v1alpha1.ReasonServing, i.available().Reason)
}
