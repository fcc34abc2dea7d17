// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"errors"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// send appends events of a source to the store of the samples, like an ingestion pod.
func (w *world) send(source string, accepted int, rejected map[string]store.Rejection) {
	GinkgoHelper()
	now := time.Now().UnixMicro()
	b := store.Batch{Source: source, Counters: store.Counters{Accepted: int64(accepted), Rejected: rejected}}
	for i := range accepted {
		b.Events = append(b.Events, event.Event{
			ID: source + strconv.FormatInt(now, 10) + strconv.Itoa(i), Source: source, Channel: "web", Name: "Order Completed",
			Time: now, ReceivedAt: now, Identities: []event.Identity{{Type: "customerId", Value: strconv.Itoa(i)}},
		})
	}
	_, err := w.stores.Of(w.key("default")).Append(w.ctx, b)
	Expect(err).NotTo(HaveOccurred())
}

var _ = Describe("Health", suite.Fast, func() {
	It("of store and sources follows their state", suite.Faults, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		es, tills, jm := &v1alpha1.EventStore{}, &v1alpha1.TouchpointSource{}, &v1alpha1.JourneyMap{}
		awaitCondition(w, "tills", tills, v1alpha1.ConditionRejecting, metav1.ConditionFalse, v1alpha1.ReasonNoRejections)
		awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionDataFresh, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved)

		By("events arrive")
		for _, s := range samples("TouchpointSource") {
			w.send(s.GetName(), 10, nil)
		}
		awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionDataFresh, metav1.ConditionTrue, "")
		eventually(w, "tills", tills, "10 accepted", func(s *v1alpha1.TouchpointSource) bool { return ptr.Equal(s.Status.Accepted, new(int64(10))) })
		Expect(tills.Status.NewestReceivedTime).NotTo(BeNil())
		eventually(w, "default", es, "50 events", func(s *v1alpha1.EventStore) bool {
			return ptr.Equal(s.Status.Events, new(int64(50))) && ptr.Equal(s.Status.Persons, new(int64(10)))
		})

		By("the Secret is missing: a pod reports it, and the rejected events are counted")
		lost := store.Report{Source: "tills", Pod: "another", Missing: []store.MissingSecret{
			{For: store.SecretForSenders, Name: "tills-hmac", Key: "journeyman-secret", Problem: "the Secret or its key is missing or empty"},
		}}
		Expect(w.stores.Board(w.key("default")).Report(ctx, lost)).To(Succeed())
		w.send("tills", 0, map[string]store.Rejection{"secret-missing": {Count: 3, Example: "no Secret"}})
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
		Expect(message(tills, v1alpha1.ConditionIngestionAvailable)).To(ContainSubstring("spec.transport.webhook.secretRef (Secret tills-hmac, key "))
		awaitCondition(w, "tills", tills, v1alpha1.ConditionRejecting, metav1.ConditionTrue, v1alpha1.ReasonEventsRejected)
		Expect(has(tills, v1alpha1.ConditionReady, metav1.ConditionTrue, "")).To(BeTrue(), "health never turns Ready")
		w.send("tills", 10, nil)
		Expect(w.stores.Board(w.key("default")).Report(ctx, store.Report{Source: "tills", Pod: "another"})).To(Succeed())
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		awaitCondition(w, "tills", tills, v1alpha1.ConditionRejecting, metav1.ConditionFalse, v1alpha1.ReasonNoRejections)

		By("the volume is nearly full")
		w.stores.Volume(w.key("default"), func(h *store.Health) { h.UsedBytes, h.FreeBytes = 90<<20, 10<<20 })
		awaitCondition(w, "default", es, v1alpha1.ConditionStorageHealthy, metav1.ConditionFalse, v1alpha1.ReasonStorageLow)
		w.stores.Volume(w.key("default"), func(h *store.Health) { h.ReadOnly = "full" })
		awaitCondition(w, "default", es, v1alpha1.ConditionStorageHealthy, metav1.ConditionFalse, v1alpha1.ReasonStorageFull)
		w.stores.Volume(w.key("default"), nil)
		awaitCondition(w, "default", es, v1alpha1.ConditionStorageHealthy, metav1.ConditionTrue, v1alpha1.ReasonStorageSufficient)

		By("the memory for identities is nearly full")
		w.stores.Volume(w.key("default"), func(h *store.Health) { h.Identities, h.IdentityLinks, h.IdentityLimit = 30, 35, 100 })
		awaitCondition(w, "default", es, v1alpha1.ConditionStorageHealthy, metav1.ConditionFalse, v1alpha1.ReasonIdentityMemoryLow)
		Expect(message(es, v1alpha1.ConditionStorageHealthy)).To(ContainSubstring("65 % full; events with new identities are refused from a public source that has used its share of 70 %"))
		eventually(w, "default", es, "identities", func(s *v1alpha1.EventStore) bool { return s.Status.Identities == 65 && s.Status.IdentityLimit == 100 })
		w.stores.Volume(w.key("default"), nil)
		awaitCondition(w, "default", es, v1alpha1.ConditionStorageHealthy, metav1.ConditionTrue, v1alpha1.ReasonStorageSufficient)

		By("the store is not available")
		w.stores.Down(w.key("default"), errors.New("connection refused"))
		awaitCondition(w, "default", es, v1alpha1.ConditionAvailable, metav1.ConditionFalse, v1alpha1.ReasonStoreUnavailable)
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonStoreUnavailable)
		awaitCondition(w, "tills", tills, v1alpha1.ConditionFresh, metav1.ConditionUnknown, v1alpha1.ReasonStoreUnavailable)
		awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionDataFresh, metav1.ConditionUnknown, v1alpha1.ReasonStoreUnavailable)
		w.stores.Down(w.key("default"), nil)
		awaitCondition(w, "default", es, v1alpha1.ConditionAvailable, metav1.ConditionTrue, "")
		awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionDataFresh, metav1.ConditionTrue, "")

		By("pods are not available")
		w.setDown("tills-ingest", true)
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonRolloutIncomplete)
		Expect(has(tills, v1alpha1.ConditionReady, metav1.ConditionTrue, "")).To(BeTrue())
		w.setDown("tills-ingest", false)
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)

		By("a source receives nothing for too long, without any change of an object")
		change(w, "tills", tills, func(s *v1alpha1.TouchpointSource) { s.Spec.ExpectEvery = "2s" })
		awaitCondition(w, "tills", tills, v1alpha1.ConditionFresh, metav1.ConditionFalse, v1alpha1.ReasonSourceStale)
		awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionDataFresh, metav1.ConditionFalse, v1alpha1.ReasonSourceStale)
		Expect(message(jm, v1alpha1.ConditionDataFresh)).To(ContainSubstring("tills"))
		w.checkStatuses(false)
	})

	// The source was available for as long as expectEvery.
	It("of a source that was available and never received an event is NeverReceived", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore", "TouchpointSource")
		web := &v1alpha1.TouchpointSource{}
		awaitCondition(w, "web", web, v1alpha1.ConditionFresh, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved)
		change(w, "web", web, func(s *v1alpha1.TouchpointSource) { s.Spec.ExpectEvery = "1s" })
		awaitCondition(w, "web", web, v1alpha1.ConditionFresh, metav1.ConditionFalse, v1alpha1.ReasonNeverReceived)
	})

	// The operator reports a missing Secret of a source and of the store's policy while nobody sends events, and that it exists again.
	It("includes a missing Secret, without any traffic", suite.Faults, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		tills := &v1alpha1.TouchpointSource{}
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		say := func(pod string, missing ...store.MissingSecret) {
			Expect(w.stores.Board(w.key("default")).Report(ctx, store.Report{Source: "tills", Pod: pod, Missing: missing})).To(Succeed())
		}
		lost := store.MissingSecret{For: store.SecretForSenders, Name: "tills-hmac", Key: "journeyman-secret", Problem: "the Secret or its key is missing or empty"}
		pepper := store.MissingSecret{For: store.SecretForHashing, Name: "pepper", Key: "journeyman-pepper", Problem: "the Secret or its key is missing or empty"}

		say("tills-ingest-1", lost)
		say("tills-ingest-2", lost)
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
		Expect(message(tills, v1alpha1.ConditionIngestionAvailable)).To(ContainSubstring("spec.transport.webhook.secretRef (Secret tills-hmac, key journeyman-secret)"))
		Expect(has(tills, v1alpha1.ConditionReady, metav1.ConditionTrue, "")).To(BeTrue(), "health never turns Ready")
		awaitCondition(w, "web", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		w.quiet(2 * time.Second)

		say("tills-ingest-1")
		say("tills-ingest-2", pepper)
		eventually(w, "tills", tills, "the pepper is missing", func(s *v1alpha1.TouchpointSource) bool {
			return strings.Contains(message(s, v1alpha1.ConditionIngestionAvailable), "EventStore default spec.privacy.pepperSecretRef (Secret pepper, key journeyman-pepper)")
		})
		say("tills-ingest-2")
		awaitCondition(w, "tills", tills, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		w.quiet(2 * time.Second)
		w.checkStatuses(false)
	})

	// Otherwise, the Job would fail several times while the store starts.
	It("of the store delays the first run until the store answers", suite.Faults, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.stores.Down(w.key("default"), errors.New("starting"))
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		jm := get(w, "omnichannel-retail", &v1alpha1.JourneyMap{})
		Expect(w.firstRuns(jm)).To(BeEmpty())
		w.stores.Down(w.key("default"), nil)
		Eventually(ctx, func() bool { return len(w.firstRuns(jm)) == 1 }).Should(BeTrue())
		first := w.firstRuns(jm)[0].Name

		By("a new value of the annotation starts one more run")
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Annotations = map[string]string{v1alpha1.RunAtAnnotation: "now"} })
		Eventually(ctx, func() bool {
			jobs := w.firstRuns(jm)
			return len(jobs) == 1 && jobs[0].Name != first
		}).Should(BeTrue())
		w.checkStatuses(false)
	})
})
