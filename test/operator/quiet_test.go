// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// touch makes the operator reconcile a store, a source, a map and a report, without a relevant change.
func touch(w *world, value, store, source, journeyMap, report string) {
	GinkgoHelper()
	note := func(o metav1.Object) { o.SetAnnotations(map[string]string{"example.com/touched": value}) }
	change(w, store, &v1alpha1.EventStore{}, func(o *v1alpha1.EventStore) { note(o) })
	change(w, source, &v1alpha1.TouchpointSource{}, func(o *v1alpha1.TouchpointSource) { note(o) })
	change(w, journeyMap, &v1alpha1.JourneyMap{}, func(o *v1alpha1.JourneyMap) { note(o) })
	change(w, report, &v1alpha1.MetricReport{}, func(o *v1alpha1.MetricReport) { note(o) })
}

var _ = Describe("An operator with nothing to do", suite.Fast, func() {
	It("writes nothing during resyncs and after a restart", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		mark := w.quiet(3 * time.Second)
		for _, value := range []string{"once", "twice", "thrice"} {
			touch(w, value, "default", "web", "omnichannel-retail", "retail-kpis")
			w.writesNothing(mark, 2*time.Second) // time for writes that must not happen
		}

		before := w.versions()
		w.stop()
		mark = w.wire.Len()
		w.start()
		w.awake(mark, "default-store", "web-ingest", "tills-ingest", "support-ingest", "surveys-ingest", "crm-email-ingest",
			"omnichannel-retail-map", "retail-kpis-report")
		w.quiet(3 * time.Second)
		Expect(w.versions()).To(Equal(before), "a restarted operator changes nothing")
	})
})
