// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/argo"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("A suspended analysis", suite.Fast, func() {
	It("stays Ready, is Suspended in Argo CD, and continues when it is resumed", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		m, r := &v1alpha1.JourneyMap{}, &v1alpha1.MetricReport{}
		for _, on := range []*bool{ptr.To(true), nil} {
			change(w, "omnichannel-retail", m, func(m *v1alpha1.JourneyMap) { m.Spec.Analysis.Suspend = on })
			change(w, "retail-kpis", r, func(r *v1alpha1.MetricReport) { r.Spec.Analysis.Suspend = on })
			generation := m.Generation
			eventually(w, "omnichannel-retail", m, "Ready", func(m *v1alpha1.JourneyMap) bool {
				return m.Status.ObservedGeneration == generation && has(m, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
			})
			generation = r.Generation
			eventually(w, "retail-kpis", r, "Ready", func(r *v1alpha1.MetricReport) bool {
				return r.Status.ObservedGeneration == generation && has(r, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
			})
		}
	})
})

// healthEntry is the report entry with the healths of each kind that a spec produced.
const healthEntry = "health by Argo CD"

// healthScript returns the health script for Argo CD.
var healthScript = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("../../config/argocd/health.lua") })

// checkHealth runs Argo CD's script on every status that the operator of a spec wrote. The result must agree with kstatus, which Flux and kubectl
// use.
func (w *world) checkHealth() {
	GinkgoHelper()
	script, err := healthScript()
	Expect(err).NotTo(HaveOccurred())
	seen := map[string]bool{}
	for _, r := range w.wire.Log() {
		if !r.Status() || r.Code != 200 {
			continue
		}
		u := &unstructured.Unstructured{}
		Expect(u.UnmarshalJSON(r.Body)).To(Succeed())
		if u.GetDeletionTimestamp() != nil {
			continue // Argo CD itself reports objects that are being deleted
		}
		want, err := argo.Expected(u)
		Expect(err).NotTo(HaveOccurred())
		is, message, err := argo.Health(string(script), u)
		Expect(err).NotTo(HaveOccurred())
		Expect(is).To(Equal(want), "%s %s: %v", u.GetKind(), u.GetName(), u.Object["status"])
		Expect(message).NotTo(BeEmpty())
		seen[u.GetKind()+" "+is] = true
	}
	AddReportEntry(healthEntry, ReportEntryVisibilityNever, strings.Join(slices.Sorted(maps.Keys(seen)), "\n"))
}

// The script is tested only with the statuses that specs produce, so all specs together must produce every health of every kind.
var _ = ReportAfterSuite("Argo CD's script was run on every health", func(report Report) {
	if c := report.SuiteConfig; !report.SuiteSucceeded || c.LabelFilter != "" || len(c.FocusStrings)+len(c.SkipStrings)+len(c.FocusFiles) > 0 {
		return
	}
	seen := map[string]bool{}
	for _, spec := range report.SpecReports {
		for _, entry := range spec.ReportEntries {
			if entry.Name == healthEntry {
				for line := range strings.SplitSeq(entry.StringRepresentation(), "\n") {
					seen[line] = true
				}
			}
		}
	}
	for _, kind := range kinds {
		for _, health := range []string{argo.Healthy, argo.Progressing, argo.Degraded, argo.Suspended} {
			if health == argo.Suspended && kind == "EventStore" {
				continue // a store cannot be suspended
			}
			Expect(seen).To(HaveKey(kind+" "+health), "no spec produces the health %s of an object of the kind %s", health, kind)
		}
	}
})
