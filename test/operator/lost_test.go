// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("A volume", suite.Fast, suite.Faults, func() {
	// The store is empty after a restart, and reports that it is healthy. The operator remembers its previous state, also after its own restart, until
	// somebody accepts the loss.
	It("that was lost is reported until the loss is accepted", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		awaitReady(w, "default", &v1alpha1.EventStore{})
		awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		w.send("tills", 10, nil)
		es := eventually(w, "default", &v1alpha1.EventStore{}, "one commit", func(s *v1alpha1.EventStore) bool { return s.Status.Volume.Seq == 1 && s.Status.Volume.StoreID != "" })
		was := es.Status.Volume.StoreID

		w.stores.Lose(w.key("default"))
		awaitCondition(w, "default", es, v1alpha1.ConditionStorageHealthy, metav1.ConditionFalse, v1alpha1.ReasonDataLost)
		said := message(es, v1alpha1.ConditionStorageHealthy)
		Expect(said).To(ContainSubstring("instead of " + was))
		Eventually(ctx, func() bool { return len(w.warnings()) == 1 }).Should(BeTrue(), "%v", w.warnings())
		Expect(w.warnings()[0]).To(ContainSubstring("EventStore default DataLost"))
		w.send("tills", 10, nil)
		w.send("tills", 10, nil)
		w.stop()
		w.start()
		w.quiet(2 * time.Second)
		get(w, "default", es)
		Expect(message(es, v1alpha1.ConditionStorageHealthy)).To(Equal(said), "a restart of the operator and new events change nothing")
		Expect(es.Status.Volume.StoreID).To(Equal(was))

		_, value, _ := strings.Cut(said, v1alpha1.AcceptStoreAnnotation+"=")
		change(w, "default", es, func(s *v1alpha1.EventStore) { s.Annotations = map[string]string{v1alpha1.AcceptStoreAnnotation: value} })
		awaitCondition(w, "default", es, v1alpha1.ConditionStorageHealthy, metav1.ConditionTrue, v1alpha1.ReasonStorageSufficient)
		eventually(w, "default", es, "the store that is there", func(s *v1alpha1.EventStore) bool { return s.Status.Volume.StoreID != was && s.Status.Volume.Seq == 2 })
		w.checkStatuses(false)
	})

	// A restored volume has the same id, but fewer commits or an older identity table. The results do not show this, so each loss is reported until it
	// is accepted. Accepting one loss does not accept another.
	It("that was restored to an earlier state is reported each time", func(ctx SpecContext) {
		w := newWorld(ctx)
		holds := func(seq, version int64) {
			w.stores.Volume(w.key("default"), func(h *store.Health) { h.Seq, h.IdentityVersion = seq, version })
		}
		holds(70, 9)
		w.start()
		w.apply("EventStore")
		es := eventually(w, "default", &v1alpha1.EventStore{}, "70 commits", func(s *v1alpha1.EventStore) bool {
			return s.Status.Volume.Seq == 70 && s.Status.Volume.IdentityVersion == 9
		})
		for _, step := range []struct {
			seq, version int64
			words        string
		}{
			{60, 9, "the newest commit is 60, was 70"},
			{60, 8, "the version of the identity table is 8, was 9"},
			{59, 8, "the newest commit is 59, was 60"},
		} {
			holds(step.seq, step.version)
			eventually(w, "default", es, step.words, func(s *v1alpha1.EventStore) bool {
				return has(s, v1alpha1.ConditionStorageHealthy, metav1.ConditionFalse, v1alpha1.ReasonDataLost) &&
					strings.Contains(message(s, v1alpha1.ConditionStorageHealthy), step.words)
			})
			Eventually(ctx, func() bool { // one Event, which is counted up
				return len(w.warnings()) == 1 && strings.Contains(w.warnings()[0], "EventStore default DataLost")
			}).Should(BeTrue(), "%v", w.warnings())
			w.quiet(time.Second)
			get(w, "default", es)
			Expect(has(es, v1alpha1.ConditionStorageHealthy, metav1.ConditionFalse, v1alpha1.ReasonDataLost)).To(BeTrue(), "what was accepted before accepts no later loss")
			_, value, _ := strings.Cut(message(es, v1alpha1.ConditionStorageHealthy), v1alpha1.AcceptStoreAnnotation+"=")
			change(w, "default", es, func(s *v1alpha1.EventStore) { s.Annotations = map[string]string{v1alpha1.AcceptStoreAnnotation: value} })
			awaitCondition(w, "default", es, v1alpha1.ConditionStorageHealthy, metav1.ConditionTrue, v1alpha1.ReasonStorageSufficient)
			eventually(w, "default", es, "what there is", func(s *v1alpha1.EventStore) bool {
				return s.Status.Volume.Seq == step.seq && s.Status.Volume.IdentityVersion == step.version
			})
		}
		w.checkStatuses(false)
	})
})
