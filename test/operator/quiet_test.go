// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// touch makes the operator look at a store, a source, a map and a report again, without a change that means anything.
func touch(w *world, value, store, source, journeyMap, report string) {
	w.t.Helper()
	note := func(o metav1.Object) { o.SetAnnotations(map[string]string{"example.com/touched": value}) }
	change(w, store, &v1alpha1.EventStore{}, func(o *v1alpha1.EventStore) { note(o) })
	change(w, source, &v1alpha1.TouchpointSource{}, func(o *v1alpha1.TouchpointSource) { note(o) })
	change(w, journeyMap, &v1alpha1.JourneyMap{}, func(o *v1alpha1.JourneyMap) { note(o) })
	change(w, report, &v1alpha1.MetricReport{}, func(o *v1alpha1.MetricReport) { note(o) })
}

// TestQuiet forces several resyncs of everything, and starts the operator anew: not one object may change.
func TestQuiet(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.apply(kinds...)
	w.awaitSamples()
	mark := w.quiet(3 * time.Second)
	for _, value := range []string{"once", "twice", "thrice"} {
		touch(w, value, "default", "web", "omnichannel-retail", "retail-kpis")
		time.Sleep(2 * time.Second) // the time in which a write that must not come would come
	}
	require.Empty(t, w.wire.Writes(mark), "a resync that changes nothing writes nothing")

	before := w.versions()
	w.stop()
	mark = w.wire.Len()
	w.start()
	w.awake(mark, "default-store", "web-ingest", "tills-ingest", "support-ingest", "surveys-ingest", "crm-email-ingest",
		"omnichannel-retail-map", "retail-kpis-report")
	w.quiet(3 * time.Second)
	require.Equal(t, before, w.versions(), "an operator that starts anew changes nothing")
}
