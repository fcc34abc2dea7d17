// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

func TestSamplesBecomeReady(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.apply(kinds...)
	w.awaitSamples()

	es := awaitCondition(w, "default", &v1alpha1.EventStore{}, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonStoreAnswering)
	require.Equal(t, "journeyman:test", es.Status.Image)
	require.Equal(t, "100 MiB of 1000 MiB", es.Status.Used)
	require.True(t, has(es, v1alpha1.ConditionStorageHealthy, metav1.ConditionTrue, v1alpha1.ReasonStorageSufficient))
	get(w, "default-store", &appsv1.StatefulSet{})
	require.Empty(t, get(w, "default-store", &corev1.PersistentVolumeClaim{}).OwnerReferences, "a retained claim has no owner")

	tills := awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	require.Equal(t, "http://tills-ingest."+w.namespace+".svc", tills.Status.Address.URL)
	require.True(t, has(tills, v1alpha1.ConditionFresh, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved), "nothing was received yet")

	jm := awaitCondition(w, "omnichannel-retail", &v1alpha1.JourneyMap{}, v1alpha1.ConditionAnalysisCurrent, metav1.ConditionUnknown, v1alpha1.ReasonNoResults)
	get(w, "omnichannel-retail-map", &batchv1.CronJob{})
	require.Len(t, w.firstRuns(jm), 1, "a map that was accepted runs at once")
	mr := get(w, "retail-kpis", &v1alpha1.MetricReport{})
	require.Len(t, w.firstRuns(mr), 1)

	w.quiet(2 * time.Second)
	w.checkStatuses(false)
}

// awaitSamples waits until all samples are Ready.
func (w *world) awaitSamples() {
	w.t.Helper()
	awaitReady(w, "default", &v1alpha1.EventStore{})
	for _, s := range samples(w.t, "TouchpointSource") {
		awaitReady(w, s.GetName(), &v1alpha1.TouchpointSource{})
	}
	awaitReady(w, "omnichannel-retail", &v1alpha1.JourneyMap{})
	awaitReady(w, "retail-kpis", &v1alpha1.MetricReport{})
}

// firstRuns lists the Jobs that an object controls itself.
func (w *world) firstRuns(owner client.Object) []batchv1.Job {
	w.t.Helper()
	var list batchv1.JobList
	require.NoError(w.t, api.List(ctx(w.t), &list, client.InNamespace(w.namespace)))
	var out []batchv1.Job
	for _, j := range list.Items {
		if metav1.IsControlledBy(&j, owner) && j.DeletionTimestamp.IsZero() {
			out = append(out, j)
		}
	}
	return out
}
