// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"errors"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// warnings returns the Warning Events in the namespace, with object, reason and message.
func (w *world) warnings() (out []string) {
	GinkgoHelper()
	var list eventsv1.EventList
	Expect(api.List(w.ctx, &list, client.InNamespace(w.namespace))).To(Succeed())
	for _, e := range list.Items {
		// The API server sometimes repairs its IP allocations, especially after its start. This is not about Journeyman.
		if e.Type == corev1.EventTypeWarning && e.Reason != "ClusterIPNotAllocated" {
			out = append(out, e.Regarding.Kind+" "+e.Regarding.Name+" "+e.Reason+": "+e.Note)
		}
	}
	return out
}

var _ = Describe("Warnings", suite.Fast, func() {
	// Starting pods, a store that has not answered yet, maps without data, a suspended and resumed source, and a restarted operator are normal, so there
	// is no Warning about them.
	It("are not sent while an installation starts", func(ctx SpecContext) {
		w := newWorld(ctx)
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
		Expect(w.cronJobs()).To(BeEmpty(), "no schedule runs before the store has answered once")
		w.setDown("tills-ingest", false)
		awaitReady(w, "tills", tills)
		Expect(has(tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionUnknown, v1alpha1.ReasonStarting)).To(BeTrue(), "the pods serve before the store does")

		for _, name := range workloads {
			w.setDown(name, false)
		}
		w.stores.Down(w.key("default"), nil)
		w.awaitSamples()
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		Eventually(ctx, func() bool { return len(w.cronJobs()) == 2 }).Should(BeTrue())

		change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Suspend = ptr.To(true) })
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonSuspended)
		w.send("tills", 0, map[string]store.Rejection{"suspended": {Count: 70, Example: "the source is suspended"}})
		change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.Suspend = nil })
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		eventually(w, "tills", tills, "the requests that were turned away are counted", func(s *v1alpha1.TouchpointSource) bool { return ptr.Equal(s.Status.Rejected, new(int64(70))) })
		Expect(has(tills, v1alpha1.ConditionRejecting, metav1.ConditionFalse, v1alpha1.ReasonNoRejections)).To(BeTrue())
		w.stop()
		w.start()
		w.quiet(2 * time.Second)
		Expect(w.warnings()).To(BeEmpty())
		w.checkStatuses(false)

		By("failures after that are Warnings")
		w.setDown("tills-ingest", true)
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonRolloutIncomplete)
		Eventually(ctx, func() bool { return len(w.warnings()) == 1 }).Should(BeTrue(), "%v", w.warnings())
	})

	// The pods of a source serve, but every sender gets 503.
	It("are conditions of sources whose store is deleted or full", suite.Faults, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		tills := awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		es := get(w, "default", &v1alpha1.EventStore{})
		Expect(api.Delete(ctx, es)).To(Succeed())
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonStoreUnavailable)
		Expect(message(tills, v1alpha1.ConditionIngestionAvailable)).To(ContainSubstring("EventStore default does not exist"))
		Expect(has(tills, v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonDependencyNotFound)).To(BeTrue())

		By("a full store accepts nothing")
		w.apply("EventStore")
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		w.stores.Volume(w.key("default"), func(h *store.Health) { h.ReadOnly = "full" })
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonStorageFull)
	})
})

// cronJobs of the namespace.
func (w *world) cronJobs() (names []string) {
	GinkgoHelper()
	for name := range w.objects() {
		if strings.HasPrefix(name, "CronJob/") {
			names = append(names, name)
		}
	}
	return names
}
