// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// change edits the spec of an object, and retries after a conflict.
func change[T client.Object](w *world, name string, obj T, edit func(T)) {
	GinkgoHelper()
	Eventually(w.ctx, func() bool {
		if api.Get(w.ctx, w.key(name), obj) != nil {
			return false
		}
		edit(obj)
		return api.Update(w.ctx, obj) == nil
	}).Should(BeTrue())
}

var _ = Describe("A stalled object", suite.Fast, func() {
	It("keeps the last valid mapping", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		tills := awaitReady(w, "tills", &v1alpha1.TouchpointSource{})
		good := get(w, "tills-ingest", &corev1.ConfigMap{}).Data[podconfig.File]

		change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Mapping[0].Event.Time = "body.soldAt +" })
		tills = awaitCondition(w, "tills", tills, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidMapping)
		Expect(message(tills, v1alpha1.ConditionReady)).To(ContainSubstring("spec.mapping[0].event.time: "))
		Expect(has(tills, v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonInvalidMapping)).To(BeTrue())
		Expect(get(w, "tills-ingest", &corev1.ConfigMap{}).Data[podconfig.File]).To(Equal(good), "the pods keep the last good mapping")
		awaitReady(w, "web", &v1alpha1.TouchpointSource{})

		change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Mapping[0].Event.Time = "item.soldAt" })
		awaitReady(w, "tills", tills)
		w.checkStatuses(true)
	})

	It("reports an invalid schedule, time zone or stage", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		jm, mr := &v1alpha1.JourneyMap{}, &v1alpha1.MetricReport{}

		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) {
			m.Spec.Analysis = &v1alpha1.Analysis{Schedule: "0 25 * * *"}
		})
		awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidSchedule)
		Expect(message(jm, v1alpha1.ConditionStalled)).To(ContainSubstring("spec.analysis.schedule: "))
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) {
			m.Spec.Analysis = &v1alpha1.Analysis{Schedule: "0 5 * * *", TimeZone: "Europe/Atlantis"}
		})
		awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidTimeZone)
		Expect(message(jm, v1alpha1.ConditionStalled)).To(ContainSubstring("spec.analysis.timeZone: "))
		awaitReady(w, "retail-kpis", mr)
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Spec.Analysis.TimeZone = "Europe/Berlin" })
		awaitReady(w, "omnichannel-retail", jm)

		change(w, "retail-kpis", mr, func(r *v1alpha1.MetricReport) { r.Spec.KPIs[0].Measure.ConversionRate.To = "nirvana" })
		awaitCondition(w, "retail-kpis", mr, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidStage)
		Expect(message(mr, v1alpha1.ConditionStalled)).To(ContainSubstring("spec.kpis[0].measure.conversionRate.to: "))
		By("a change of the map can fix it, too")
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Spec.Stages[len(m.Spec.Stages)-1].Name = "nirvana" })
		awaitFixed(w, "retail-kpis", mr)
		w.checkStatuses(true)
	})

	It("does not change the objects of others", func(ctx SpecContext) {
		w := newWorld(ctx)
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
		Expect(message(tills, v1alpha1.ConditionStalled)).To(ContainSubstring("Deployment " + w.namespace + "/tills-ingest"))
		jm := awaitCondition(w, "omnichannel-retail", &v1alpha1.JourneyMap{}, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonNameConflict)
		awaitReady(w, "web", &v1alpha1.TouchpointSource{})

		after := get(w, "tills-ingest", &appsv1.Deployment{})
		Expect(after.UID).To(Equal(foreign.UID))
		Expect(after.Spec).To(Equal(foreign.Spec), "nothing of it was touched")
		Expect(after.Labels).To(Equal(foreign.Labels))
		Expect(after.OwnerReferences).To(BeEmpty())
		Expect(get(w, "omnichannel-retail-map", &corev1.ConfigMap{}).Data).To(Equal(map[string]string{"mine": "yes"}))

		By("it continues when they are removed")
		Expect(api.Delete(ctx, after)).To(Succeed())
		Expect(api.Delete(ctx, claim)).To(Succeed())
		awaitFixed(w, "tills", tills)
		awaitFixed(w, "omnichannel-retail", jm)
		w.checkStatuses(true)
	})
})
