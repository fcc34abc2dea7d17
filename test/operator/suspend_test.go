// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("The availability of a source", suite.Fast, func() {
	// A suspension reaches the pods in a file, one or two minutes after it was written, and so does its end. Senders can get 503 until every pod has
	// loaded the newest spec, so the source is not available until then.
	It("waits for all pods after a suspension", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.setMute() // the spec sends the reports of two pods
		w.start()
		w.apply("EventStore", "TouchpointSource")
		tills := &v1alpha1.TouchpointSource{}
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		say := func(pod string, generation int64, suspended bool) {
			r := store.Report{Source: "tills", Pod: pod, Generation: generation, Suspended: suspended}
			Expect(w.stores.Board(w.key("default")).Report(ctx, r)).To(Succeed())
		}
		suspend := func(on *bool) int64 {
			change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Suspend = on })
			return tills.Generation
		}
		is := func(status metav1.ConditionStatus, reason, words string) {
			GinkgoHelper()
			eventually(w, "tills", tills, words, func(s *v1alpha1.TouchpointSource) bool {
				return has(s, v1alpha1.ConditionIngestionAvailable, status, reason) && message(s, v1alpha1.ConditionIngestionAvailable) == words
			})
		}
		const (
			takesEvents = "spec.suspend is set. Pods that have not loaded the change yet still accept events, for a minute or two."
			turnsAway   = "spec.suspend is set: senders get 503."
			resumes     = "spec.suspend was unset. Pods that have not loaded the change yet, which takes a minute or two, answer 503 until then."
		)
		say("a", tills.Generation, false)
		say("b", tills.Generation, false)
		on := suspend(ptr.To(true))
		is(metav1.ConditionFalse, v1alpha1.ReasonSuspended, takesEvents)
		say("a", on, true)
		say("b", on, true)
		is(metav1.ConditionFalse, v1alpha1.ReasonSuspended, turnsAway)

		off := suspend(nil)
		is(metav1.ConditionFalse, v1alpha1.ReasonSuspended, resumes)
		Expect(has(tills, v1alpha1.ConditionFresh, metav1.ConditionUnknown, v1alpha1.ReasonSuspended)).To(BeTrue())
		Expect(has(tills, v1alpha1.ConditionReady, metav1.ConditionTrue, "")).To(BeTrue(), "health never turns Ready")
		say("a", off, false)
		w.quiet(2 * time.Second)
		is(metav1.ConditionFalse, v1alpha1.ReasonSuspended, resumes)
		w.stop()
		w.start()
		say("a", off, false)
		say("b", on, true)
		w.quiet(2 * time.Second)
		is(metav1.ConditionFalse, v1alpha1.ReasonSuspended, resumes)
		say("b", off, false)
		is(metav1.ConditionTrue, v1alpha1.ReasonServing, "The pods serve.")

		By("a report that is older than the suspension does not count")
		suspend(ptr.To(true))
		is(metav1.ConditionFalse, v1alpha1.ReasonSuspended, takesEvents)
		off = suspend(nil)
		is(metav1.ConditionFalse, v1alpha1.ReasonSuspended, resumes)
		say("a", off, false)
		say("b", off, false)
		is(metav1.ConditionTrue, v1alpha1.ReasonServing, "The pods serve.")
		Expect(w.warnings()).To(BeEmpty())
		w.checkStatuses(false)
	})

	// The pods are ready and the store answers the operator, but a NetworkPolicy blocks the connection between them. The operator notices it because the
	// store receives no reports of pods.
	It("ends when pods cannot reach the store", suite.Faults, func(ctx SpecContext) {
		w, clock := newWorld(ctx), &sim.Clock{}
		w.setup.Clock = clock
		w.start()
		w.apply("EventStore", "TouchpointSource")
		tills := &v1alpha1.TouchpointSource{}
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		w.setMute()
		for _, source := range samples("TouchpointSource") {
			leaving := store.Report{Source: source.GetName(), Pod: "played", Leaving: true}
			Expect(w.stores.Board(w.key("default")).Report(ctx, leaving)).To(Succeed())
		}
		w.quiet(2 * time.Second)
		get(w, "tills", tills)
		Expect(has(tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)).To(BeTrue(), "for a while it may be an accident")
		clock.Step(store.ReportTTL)
		poke(w, "later")
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonStoreUnavailable)
		Expect(message(tills, v1alpha1.ConditionIngestionAvailable)).To(ContainSubstring("none of them reaches EventStore default"))
		w.stop()
		w.start()
		w.quiet(2 * time.Second)
		get(w, "tills", tills)
		Expect(has(tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonStoreUnavailable)).To(BeTrue(), "a restart of the operator is no cure")
		Expect(w.stores.Board(w.key("default")).Report(ctx, store.Report{Source: "tills", Pod: "played"})).To(Succeed())
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
	})

	// An autoscaler sends Warnings about pods without metrics, so it is created when the pods have served for some time.
	It("is followed by the autoscaler, once there are metrics", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.setDown("web-ingest", true)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		awaitReady(w, "tills", &v1alpha1.TouchpointSource{})
		w.quiet(2 * time.Second)
		Expect(w.objects()).NotTo(HaveKey("HorizontalPodAutoscaler/web-ingest"))
		Expect(*get(w, "web-ingest", &appsv1.Deployment{}).Spec.Replicas).To(BeEquivalentTo(2), "the lowest number of pods does not wait for the autoscaler")
		w.setDown("web-ingest", false)
		eventually(w, "web-ingest", &autoscalingv2.HorizontalPodAutoscaler{}, "the pods have served for long", anyHPA)
		w.setDown("web-ingest", true)
		awaitCondition(w, "web", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonRolloutIncomplete)
		w.stop()
		w.start()
		w.quiet(2 * time.Second)
		Expect(w.objects()).To(HaveKey("HorizontalPodAutoscaler/web-ingest"))
	})
})
