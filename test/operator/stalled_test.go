// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// change edits an object's spec past the operator, again on a conflict.
func change[T client.Object](w *world, name string, obj T, edit func(T)) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		if api.Get(ctx(w.t), w.key(name), obj) != nil {
			return false
		}
		edit(obj)
		return api.Update(ctx(w.t), obj) == nil
	}, patience, 50e6)
}

func TestBadMappingKeepsTheGoodOne(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.apply("EventStore", "TouchpointSource")
	tills := awaitReady(w, "tills", &v1alpha1.TouchpointSource{})
	good := get(w, "tills-ingest", &corev1.ConfigMap{}).Data[podconfig.File]

	change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Mapping[0].Event.Time = "body.soldAt +" })
	tills = awaitCondition(w, "tills", tills, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidMapping)
	require.Contains(t, message(tills, v1alpha1.ConditionReady), "spec.mapping[0].event.time: ")
	require.True(t, has(tills, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonInvalidMapping))
	require.Equal(t, good, get(w, "tills-ingest", &corev1.ConfigMap{}).Data[podconfig.File], "the pods keep the last good mapping")
	awaitReady(w, "web", &v1alpha1.TouchpointSource{})

	change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Mapping[0].Event.Time = "item.soldAt" })
	awaitReady(w, "tills", tills)
	w.checkStatuses(true)
}

func TestBadScheduleZoneAndStage(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.apply(kinds...)
	w.awaitSamples()
	jm, mr := &v1alpha1.JourneyMap{}, &v1alpha1.MetricReport{}

	change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) {
		m.Spec.Analysis = &v1alpha1.Analysis{Schedule: "0 25 * * *"}
	})
	awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidSchedule)
	require.Contains(t, message(jm, v1alpha1.ConditionStalled), "spec.analysis.schedule: ")
	change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) {
		m.Spec.Analysis = &v1alpha1.Analysis{Schedule: "0 5 * * *", TimeZone: "Europe/Atlantis"}
	})
	awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidTimeZone)
	require.Contains(t, message(jm, v1alpha1.ConditionStalled), "spec.analysis.timeZone: ")
	awaitReady(w, "retail-kpis", mr)
	change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Spec.Analysis.TimeZone = "Europe/Berlin" })
	awaitReady(w, "omnichannel-retail", jm)

	change(w, "retail-kpis", mr, func(r *v1alpha1.MetricReport) { r.Spec.KPIs[0].Measure.ConversionRate.To = "nirvana" })
	awaitCondition(w, "retail-kpis", mr, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidStage)
	require.Contains(t, message(mr, v1alpha1.ConditionStalled), "spec.kpis[0].measure.conversionRate.to: ")
	t.Log("the map may mend it as well")
	change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Spec.Stages[len(m.Spec.Stages)-1].Name = "nirvana" })
	awaitReady(w, "retail-kpis", mr)
	w.checkStatuses(true)
}

func TestForeignObjectsAreLeftAlone(t *testing.T) {
	w := newWorld(t)
	foreign := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "tills-ingest", Labels: map[string]string{"app": "mine"}},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "mine"}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "mine"}},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "mine:1"}}},
			},
		},
	}
	w.create(foreign)
	claim := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "omnichannel-retail-map"}, Data: map[string]string{"mine": "yes"}}
	w.create(claim)
	w.start()
	w.apply(kinds...)
	tills := awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonNameConflict)
	require.Contains(t, message(tills, v1alpha1.ConditionStalled), "Deployment "+w.namespace+"/tills-ingest")
	jm := awaitCondition(w, "omnichannel-retail", &v1alpha1.JourneyMap{}, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonNameConflict)
	awaitReady(w, "web", &v1alpha1.TouchpointSource{})

	after := get(w, "tills-ingest", &appsv1.Deployment{})
	require.Equal(t, foreign.UID, after.UID)
	require.Equal(t, foreign.Spec, after.Spec, "nothing of it was touched")
	require.Equal(t, foreign.Labels, after.Labels)
	require.Empty(t, after.OwnerReferences)
	require.Equal(t, map[string]string{"mine": "yes"}, get(w, "omnichannel-retail-map", &corev1.ConfigMap{}).Data)

	t.Log("when they are gone, it goes on by itself")
	require.NoError(t, api.Delete(ctx(t), after))
	require.NoError(t, api.Delete(ctx(t), claim))
	awaitReady(w, "tills", tills)
	awaitReady(w, "omnichannel-retail", jm)
	w.checkStatuses(true)
}
