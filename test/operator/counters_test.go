// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// poke makes the operator reconcile the store and a source.
func poke(w *world, value string) {
	GinkgoHelper()
	note := map[string]string{"example.com/touched": value}
	change(w, "default", &v1alpha1.EventStore{}, func(o *v1alpha1.EventStore) { o.SetAnnotations(note) })
	change(w, "tills", &v1alpha1.TouchpointSource{}, func(o *v1alpha1.TouchpointSource) { o.SetAnnotations(note) })
}

var _ = Describe("Counters", suite.Fast, func() {
	// Counters that change are written at intervals, with the time at which they were read. Counters that do not change keep their time, so that no
	// write updates only a time.
	It("have the time at which they were read, and are not written while they do not change", func(ctx SpecContext) {
		w, clock := newWorld(ctx), &sim.Clock{}
		w.setup.Clock = clock
		w.start()
		w.apply("EventStore", "TouchpointSource")
		es, tills := &v1alpha1.EventStore{}, &v1alpha1.TouchpointSource{}
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		counted := func(n int64) {
			GinkgoHelper()
			eventually(w, "tills", tills, "what was sent is counted", func(s *v1alpha1.TouchpointSource) bool { return s.Status.Accepted != nil && *s.Status.Accepted == n })
			Expect(tills.Status.CountersTime).NotTo(BeNil())
		}
		counted(0) // the store has no events of the source, so the counters are known to be 0
		asked := time.Now().Truncate(time.Second)
		w.send("tills", 10, nil)
		counted(10)
		Expect(tills.Status.CountersTime.Time.Before(asked)).To(BeFalse())
		w.send("tills", 10, nil)
		counted(20) // once more when they no longer change
		eventually(w, "default", es, "20 events", func(s *v1alpha1.EventStore) bool {
			return ptr.Equal(s.Status.Events, new(int64(20))) && s.Status.CountersTime != nil
		})

		By("are not written again within a minute")
		before := tills.Status.CountersTime
		mark := w.quiet(2 * time.Second)
		w.send("tills", 10, nil)
		w.writesNothing(mark, 3*time.Second) // ten polls of the store
		clock.Step(flow.CounterEvery)
		w.writesNothing(mark, time.Second) // the store was polled again
		poke(w, "a minute later")
		counted(30)
		Expect(before.Time.Before(tills.Status.CountersTime.Time)).To(BeTrue())
		eventually(w, "default", es, "30 events", func(s *v1alpha1.EventStore) bool { return ptr.Equal(s.Status.Events, new(int64(30))) })

		By("are not written while they do not change, however old they are")
		w.quiet(2 * time.Second)
		clock.Step(flow.CounterMost)
		poke(w, "much later")
		mark = w.wire.Len()
		w.writesNothing(mark, 3*time.Second)
		w.checkStatuses(false)
	})
})
