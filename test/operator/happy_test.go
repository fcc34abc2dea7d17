// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("The samples", suite.Fast, func() {
	It("become Ready", suite.Versions, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()

		es := awaitCondition(w, "default", &v1alpha1.EventStore{}, v1alpha1.ConditionAvailable, metav1.ConditionTrue, v1alpha1.ReasonStoreAnswering)
		Expect(es.Status.Image).To(Equal("journeyman:test"))
		Expect(es.Status.Used).To(Equal("100 MiB of 1000 MiB"))
		Expect(has(es, v1alpha1.ConditionStorageHealthy, metav1.ConditionTrue, v1alpha1.ReasonStorageSufficient)).To(BeTrue())
		get(w, "default-store", &appsv1.StatefulSet{})
		Expect(get(w, "default-store", &corev1.PersistentVolumeClaim{}).OwnerReferences).To(BeEmpty(), "a retained claim has no owner")

		tills := awaitCondition(w, "tills", &v1alpha1.TouchpointSource{}, v1alpha1.ConditionIngestionAvailable, metav1.ConditionTrue, v1alpha1.ReasonServing)
		Expect(tills.Status.Address.URL).To(Equal("http://tills-ingest." + w.namespace + ".svc"))
		Expect(has(tills, v1alpha1.ConditionFresh, metav1.ConditionUnknown, v1alpha1.ReasonNotObserved)).To(BeTrue(), "nothing was received yet")

		jm := awaitCondition(w, "omnichannel-retail", &v1alpha1.JourneyMap{}, v1alpha1.ConditionAnalysisCurrent, metav1.ConditionUnknown, v1alpha1.ReasonNoResults)
		get(w, "omnichannel-retail-map", &batchv1.CronJob{})
		Expect(w.firstRuns(jm)).To(HaveLen(1), "a map that was accepted runs at once")
		mr := get(w, "retail-kpis", &v1alpha1.MetricReport{})
		Expect(w.firstRuns(mr)).To(HaveLen(1))

		w.quiet(2 * time.Second)
		w.checkStatuses(false)
	})
})

// awaitSamples waits until all samples are Ready.
func (w *world) awaitSamples() {
	GinkgoHelper()
	awaitReady(w, "default", &v1alpha1.EventStore{})
	for _, s := range samples("TouchpointSource") {
		awaitReady(w, s.GetName(), &v1alpha1.TouchpointSource{})
	}
	awaitReady(w, "omnichannel-retail", &v1alpha1.JourneyMap{})
	awaitReady(w, "retail-kpis", &v1alpha1.MetricReport{})
}

// firstRuns lists the Jobs that an object owns directly.
func (w *world) firstRuns(owner client.Object) []batchv1.Job {
	GinkgoHelper()
	var list batchv1.JobList
	Expect(api.List(w.ctx, &list, client.InNamespace(w.namespace))).To(Succeed())
	var out []batchv1.Job
	for _, j := range list.Items {
		if metav1.IsControlledBy(&j, owner) && j.DeletionTimestamp.IsZero() {
			out = append(out, j)
		}
	}
	return out
}
