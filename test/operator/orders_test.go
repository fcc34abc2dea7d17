// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestAnyOrder applies the samples in all 24 orders of their kinds. No status that is ever written may be Failed by kstatus.
func TestAnyOrder(t *testing.T) {
	for _, order := range permutations(kinds) {
		t.Run(strings.Join(order, ","), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.start()
			for _, kind := range order {
				w.apply(kind)
				w.seen(kind)
			}
			w.awaitSamples()
			w.checkStatuses(false)
		})
	}
}

// seen waits until the operator has taken up the samples of a kind, so that the orders are orders for it too.
func (w *world) seen(kind string) {
	w.t.Helper()
	for _, s := range samples(w.t, kind) {
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

// TestMissingReferences looks at what each kind says while what it refers to is not there.
func TestMissingReferences(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.apply("MetricReport", "JourneyMap", "TouchpointSource")
	waiting := func(message, path string) bool { return strings.HasPrefix(message, path+": waiting for ") }
	mr := awaitCondition(w, "retail-kpis", &v1alpha1.MetricReport{}, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonDependencyNotFound)
	if !waiting(message(mr, v1alpha1.ConditionReady), "spec.journeyMapRef (JourneyMap omnichannel-retail): spec.storeRef.name") &&
		!waiting(message(mr, v1alpha1.ConditionReady), "spec.journeyMapRef.name") {
		t.Fatalf("report says %q", message(mr, v1alpha1.ConditionReady))
	}
	jm := awaitCondition(w, "omnichannel-retail", &v1alpha1.JourneyMap{}, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonDependencyNotFound)
	if !waiting(message(jm, v1alpha1.ConditionReady), "spec.storeRef.name") {
		t.Fatalf("map says %q", message(jm, v1alpha1.ConditionReady))
	}
	tills := awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonDependencyNotFound)
	if !waiting(message(tills, v1alpha1.ConditionReady), "spec.storeRef.name") {
		t.Fatalf("source says %q", message(tills, v1alpha1.ConditionReady))
	}
	w.apply("EventStore")
	w.awaitSamples()

	t.Log("a source that goes is waited for, and what was applied stays")
	if err := api.Delete(ctx(t), tills); err != nil {
		t.Fatal(err)
	}
	jm = awaitCondition(w, "omnichannel-retail", jm, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonDependencyNotFound)
	if got := message(jm, v1alpha1.ConditionReady); got != "spec.sources: waiting for TouchpointSource tills, which does not exist yet" {
		t.Fatalf("map says %q", got)
	}
	awaitReady(w, "web", &v1alpha1.TouchpointSource{})
	w.quiet(2 * time.Second)
	w.checkStatuses(false)
}
