// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("The order in which objects are created", suite.Slow, func() {
	// kstatus must never be Failed.
	for _, order := range permutations(kinds) {
		It("does not matter: "+strings.Join(order, ", "), func(ctx SpecContext) {
			w := newWorld(ctx)
			w.start()
			for _, kind := range order {
				w.apply(kind)
				w.seen(kind)
			}
			w.awaitSamples()
			w.checkStatuses(false)
		})
	}

	It("can be any: each kind reports a missing reference", suite.Faults, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("MetricReport", "JourneyMap", "TouchpointSource")
		waiting := func(path string) types.GomegaMatcher { return HavePrefix(path + ": waiting for ") }
		mr := awaitCondition(w, "retail-kpis", &v1alpha1.MetricReport{}, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonDependencyNotFound)
		Expect(message(mr, v1alpha1.ConditionReady)).To(Or(
			waiting("spec.journeyMapRef (JourneyMap omnichannel-retail): spec.storeRef.name"), waiting("spec.journeyMapRef.name")))
		jm := awaitCondition(w, "omnichannel-retail", &v1alpha1.JourneyMap{}, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonDependencyNotFound)
		Expect(message(jm, v1alpha1.ConditionReady)).To(waiting("spec.storeRef.name"))
		tills := awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonDependencyNotFound)
		Expect(message(tills, v1alpha1.ConditionReady)).To(waiting("spec.storeRef.name"))
		w.apply("EventStore")
		w.awaitSamples()

		By("a deleted source is waited for, and what was applied stays")
		Expect(api.Delete(ctx, tills)).To(Succeed())
		jm = awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonDependencyNotFound)
		Expect(message(jm, v1alpha1.ConditionReady)).To(Equal("spec.sources: waiting for TouchpointSource tills, which does not exist yet"))
		awaitReady(w, "web", &v1alpha1.TouchpointSource{})
		w.quiet(2 * time.Second)
		w.checkStatuses(false)
	})
})

// seen waits until the operator has reconciled the samples of a kind, so that it sees this order, too.
func (w *world) seen(kind string) {
	GinkgoHelper()
	for _, s := range samples(kind) {
		switch kind {
		case "EventStore":
			eventually(w, s.GetName(), &v1alpha1.EventStore{}, "taken up", func(o *v1alpha1.EventStore) bool { return o.Status.ObservedGeneration == 1 })
		case "TouchpointSource":
			eventually(w, s.GetName(), &v1alpha1.TouchpointSource{}, "taken up", func(o *v1alpha1.TouchpointSource) bool { return o.Status.ObservedGeneration == 1 })
		case "JourneyMap":
			eventually(w, s.GetName(), &v1alpha1.JourneyMap{}, "taken up", func(o *v1alpha1.JourneyMap) bool { return o.Status.ObservedGeneration == 1 })
		case "MetricReport":
			eventually(w, s.GetName(), &v1alpha1.MetricReport{}, "taken up", func(o *v1alpha1.MetricReport) bool { return o.Status.ObservedGeneration == 1 })
		}
	}
}

func permutations(list []string) [][]string {
	if len(list) <= 1 {
		return [][]string{append([]string(nil), list...)}
	}
	var out [][]string
	for i := range list {
		rest := append(append([]string(nil), list[:i]...), list[i+1:]...)
		for _, p := range permutations(rest) {
			out = append(out, append([]string{list[i]}, p...))
		}
	}
	return out
}
