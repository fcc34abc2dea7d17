// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// warnings lists the Warning Events of the namespace, each with its object, reason and message.
func (w *world) warnings() (out []string) {
	w.t.Helper()
	var list eventsv1.EventList
	require.NoError(w.t, api.List(ctx(w.t), &list, client.InNamespace(w.namespace)))
	for _, e := range list.Items {
		// The API server repairs its table of addresses now and then, a new one above all. That is none of ours.
		if e.Type == corev1.EventTypeWarning && e.Reason != "ClusterIPNotAllocated" {
			out = append(out, e.Regarding.Kind+" "+e.Regarding.Name+" "+e.Reason+": "+e.Note)
		}
	}
	return out
}

// TestStartRaisesNoWarning: pods that start, a store that has not answered, maps without data, a source that is suspended and taken up again,
// pods of an operator that starts anew: all that belongs to a healthy installation, and none of it is a Warning.
func TestStartRaisesNoWarning(t *testing.T) {
	w := newWorld(t)
	workloads := []string{"default-store", "web-ingest", "tills-ingest", "support-ingest", "surveys-ingest", "crm-email-ingest"}
	for _, name := range workloads {
		w.setDown(name, true)
	}
	w.stores.Down(w.key("default"), errors.New("no such host"))
	w.start()
	w.apply("MetricReport", "JourneyMap", "TouchpointSource", "EventStore")
	es, tills, jm := &v1alpha1.EventStore{}, &v1alpha1.TouchpointSource{}, &v1alpha1.JourneyMap{}
	awaitCondition(w, "default", es, v1alpha1.ConditionAvailable, metav1.ConditionUnknown, v1alpha1.ReasonStarting)
	awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionUnknown, v1alpha1.ReasonStarting)
	awaitReady(w, "omnichannel-retail", jm)
	require.Empty(t, w.cronJobs(), "no schedule runs before the store has answered once")
	w.setDown("tills-ingest", false)
	awaitReady(w, "tills", tills)
	require.True(t, has(tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionUnknown, v1alpha1.ReasonStarting), "the pods serve before the store does")

	for _, name := range workloads {
		w.setDown(name, false)
	}
	w.stores.Down(w.key("default"), nil)
	w.awaitSamples()
	awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	require.Eventually(t, func() bool { return len(w.cronJobs()) == 2 }, patience, 50*time.Millisecond)

	change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Suspend = ptr.To(true) })
	awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonSuspended)
	w.send("tills", 0, map[string]store.Rejection{"suspended": {Count: 70, Example: "the source is suspended"}})
	change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Suspend = nil })
	awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	eventually(w, "tills", tills, "the requests that were turned away are counted", func(s *v1alpha1.TouchpointSource) bool { return ptr.Equal(s.Status.Rejected, new(int64(70))) })
	require.True(t, has(tills, v1alpha1.ConditionRejecting, metav1.ConditionFalse, v1alpha1.ReasonNoRejections))
	w.stop()
	w.start()
	w.quiet(2 * time.Second)
	require.Empty(t, w.warnings())
	w.checkStatuses(false)

	t.Log("what goes away then is a Warning")
	w.setDown("tills-ingest", true)
	awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonRolloutIncomplete)
	require.Eventually(t, func() bool { return len(w.warnings()) == 1 }, patience, 50*time.Millisecond, "%v", w.warnings())
}

// cronJobs of the namespace.
func (w *world) cronJobs() (names []string) {
	w.t.Helper()
	for name := range w.objects() {
		if strings.HasPrefix(name, "CronJob/") {
			names = append(names, name)
		}
	}
	return names
}

// TestSourcesOfADeletedStore: the pods of a source still serve, but every sender gets 503.
func TestSourcesOfADeletedStore(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.apply("EventStore", "TouchpointSource")
	tills := awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	es := get(w, "default", &v1alpha1.EventStore{})
	require.NoError(t, api.Delete(ctx(t), es))
	awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonStoreUnavailable)
	require.Contains(t, message(tills, v1alpha1.ConditionIngestionAvailable), "EventStore default does not exist")
	require.True(t, has(tills, v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonDependencyNotFound))

	t.Log("a full store takes nothing either")
	w.apply("EventStore")
	awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	w.stores.Volume(w.key("default"), func(h *store.Health) { h.ReadOnly = "full" })
	awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonStorageFull)
}
