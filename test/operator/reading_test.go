// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("A source that reads", suite.Fast, func() {
	// The operator knows the brokers only from the reports of pods. The pods are available all the time.
	It("is available while one of its pods reads", suite.Faults, func(ctx SpecContext) {
		w, clock := newWorld(ctx), &sim.Clock{}
		w.setup.Clock = clock
		w.setMute() // the spec sends the reports of two pods
		w.start()
		w.apply("EventStore")
		w.create(&v1alpha1.TouchpointSource{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "orders"},
			Spec: v1alpha1.TouchpointSourceSpec{
				StoreRef: v1alpha1.LocalReference{Name: "default"}, Channel: "web",
				Transport: v1alpha1.Transport{Kafka: &v1alpha1.KafkaTransport{
					Brokers: []v1alpha1.BrokerAddress{"kafka.example.com:9092"}, Topics: []v1alpha1.KafkaTopic{"orders"}, Format: v1alpha1.MessagesCloudEvents,
				}},
			},
		})
		orders := &v1alpha1.TouchpointSource{}
		say := func(pod string, p store.PullReport) {
			GinkgoHelper()
			r := store.Report{Source: "orders", Pod: pod, Generation: orders.Generation, Pull: &p}
			Expect(w.stores.Board(w.key("default")).Report(ctx, r)).To(Succeed())
		}
		is := func(status metav1.ConditionStatus, reason, words string) {
			GinkgoHelper()
			awaitCondition(w, "orders", orders, v1alpha1.ConditionIngestionAvailable, status, reason)
			Expect(message(orders, v1alpha1.ConditionIngestionAvailable)).To(ContainSubstring(words))
		}
		later := func(d time.Duration) {
			GinkgoHelper()
			clock.Step(d)
			change(w, "orders", orders, func(s *v1alpha1.TouchpointSource) {
				s.SetAnnotations(map[string]string{"example.com/touched": d.String()})
			})
		}
		two, seven := int64(2), int64(7)
		reads := store.PullReport{Partitions: 3, Lag: &seven, LastReadAt: time.Now().UnixMicro()}
		refused := store.PullReport{Reason: pull.Unauthorized, Message: "the brokers refuse user name or password", ProblemSince: time.Now().UnixMicro()}

		By("its password is wrong from the start")
		awaitReady(w, "orders", orders)
		is(metav1.ConditionUnknown, v1alpha1.ReasonStarting, "have not read yet")
		say("a", refused)
		eventually(w, "orders", orders, "the first problem is shown at once", func(s *v1alpha1.TouchpointSource) bool {
			return message(s, v1alpha1.ConditionIngestionAvailable) == "The pods run, but have not read yet: Unauthorized: the brokers refuse user name or password."
		})
		Expect(w.warnings()).To(BeEmpty())
		later(2 * time.Minute)
		is(metav1.ConditionFalse, v1alpha1.ReasonSourceUnreadable, "Unauthorized since ")
		Expect(has(orders, v1alpha1.ConditionReady, metav1.ConditionTrue, "")).To(BeTrue(), "health never turns Ready")

		By("one of two pods reads")
		say("b", reads)
		is(metav1.ConditionTrue, v1alpha1.ReasonSourceUnreadable, "1 of 2 pods do not read: Unauthorized since ")
		Expect(orders.Status.Reading.Partitions).To(Equal(int32(3)), "the first progress is shown at once")
		Expect(orders.Status.Reading.Lag).To(BeNil(), "that of the other pod is unknown")

		By("both read")
		say("a", store.PullReport{Partitions: 1, Lag: &two})
		is(metav1.ConditionTrue, v1alpha1.ReasonServing, "The pods run.")
		later(10 * time.Minute) // counters and times have a cadence
		eventually(w, "orders", orders, "the sums", func(s *v1alpha1.TouchpointSource) bool {
			r := s.Status.Reading
			return r != nil && r.Partitions == 4 && r.Lag != nil && *r.Lag == 9 && r.LastReadTime != nil
		})
		w.checkStatuses(false)
	})
})
