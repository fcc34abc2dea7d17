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
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// orphan deletes an object like the garbage collector with --cascade=orphan: it removes the owner from the children first.
func (w *world) orphan(parent client.Object) {
	GinkgoHelper()
	w.stop() // it would restore the owners
	for _, obj := range w.objects() {
		if metav1.IsControlledBy(obj, parent) {
			obj.SetOwnerReferences(nil)
			Expect(api.Update(w.ctx, obj, client.FieldOwner("kube-controller-manager"))).To(Succeed())
		}
	}
	Expect(api.Delete(w.ctx, parent)).To(Succeed())
}

var _ = Describe("Orphaned children", suite.Fast, func() {
	// Children of a deleted object are adopted when the object is created again, unless somebody else has written to them.
	It("are adopted, unless somebody else has written to them", suite.Versions, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply("EventStore", "TouchpointSource", "JourneyMap")
		tills := awaitReady(w, "tills", &v1alpha1.TouchpointSource{})
		jm := awaitReady(w, "omnichannel-retail", &v1alpha1.JourneyMap{})
		before := get(w, "tills-ingest", &appsv1.Deployment{}).UID
		w.orphan(tills)
		w.orphan(jm)
		w.start()
		for _, kind := range []string{"TouchpointSource", "JourneyMap"} {
			for _, u := range samples(kind) {
				if u.GetName() == "tills" || kind == "JourneyMap" {
					w.create(u)
				}
			}
		}
		awaitReady(w, "tills", tills)
		awaitReady(w, "omnichannel-retail", jm)
		d := get(w, "tills-ingest", &appsv1.Deployment{})
		Expect(d.UID).To(Equal(before), "it is the same Deployment, so its pods continued")
		Expect(metav1.IsControlledBy(d, tills)).To(BeTrue())
		Expect(metav1.IsControlledBy(get(w, "omnichannel-retail-map", &corev1.ConfigMap{}), jm)).To(BeTrue())

		By("a child that somebody else has written to is not adopted")
		w.orphan(tills)
		change(w, "tills-ingest", &corev1.Service{}, func(s *corev1.Service) { s.Spec.Ports[0].Port = 8088 })
		w.start()
		for _, u := range samples("TouchpointSource") {
			if u.GetName() == "tills" {
				w.create(u)
			}
		}
		awaitCondition(w, "tills", tills, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonNameConflict)
		Expect(message(tills, v1alpha1.ConditionStalled)).To(ContainSubstring("Service " + w.namespace + "/tills-ingest already exists, and nobody controls it, and "))
		Expect(get(w, "tills-ingest", &corev1.Service{}).Spec.Ports[0].Port).To(BeEquivalentTo(8088))
	})
})
