// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"encoding/json"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("Reports", suite.Fast, func() {
	// The fields of analysis that a report does not set are those of its map. A change of the map starts a run of the report only if the report uses the
	// changed field.
	It("use the analysis of their map for fields that they do not set", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		jm, mr := &v1alpha1.JourneyMap{}, &v1alpha1.MetricReport{}
		change(w, "retail-kpis", mr, func(r *v1alpha1.MetricReport) { r.Spec.Analysis = nil })
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) {
			m.Spec.Analysis = &v1alpha1.Analysis{Schedule: "0 5 * * *", TimeZone: "Asia/Tokyo", Lookback: "20d"}
		})
		document := func() (doc podconfig.Analysis) {
			Expect(json.Unmarshal([]byte(get(w, "retail-kpis-report", &corev1.ConfigMap{}).Data[podconfig.File]), &doc)).To(Succeed())
			return doc
		}
		eventually(w, "retail-kpis-report", &batchv1.CronJob{}, "the schedule of the map", func(c *batchv1.CronJob) bool {
			return c.Spec.Schedule == "0 5 * * *" && c.Spec.TimeZone != nil && *c.Spec.TimeZone == "Asia/Tokyo"
		})
		Expect(document().Report.Analysis.Lookback).To(BeEquivalentTo("20d"))

		run := func() string {
			w.quiet(2 * time.Second)
			jobs := w.firstRuns(get(w, "retail-kpis", mr))
			Expect(jobs).To(HaveLen(1))
			return jobs[0].Name
		}
		before := run()
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) {
			m.Spec.Freshness = &v1alpha1.MapFreshness{ReviewedAt: "2026-11-01"}
			m.Spec.Stages[0].Touchpoints[0].PainPoints = []string{"Slow"}
		})
		Expect(run()).To(Equal(before), "words for people start no run")
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Spec.Analysis.Lookback = "21d" })
		after := run()
		Expect(after).NotTo(Equal(before), "another time does")
		Expect(document().Report.Analysis.Lookback).To(BeEquivalentTo("21d"))
		args := get(w, after, &batchv1.Job{}).Spec.Template.Spec.Containers[0].Args
		Expect(strings.Join(args, " ")).To(ContainSubstring("--map-hash " + document().MapHash))

		By("an invalid field of the map is reported as the map's")
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Spec.Analysis.TimeZone = "Asia/Atlantis" })
		awaitCondition(w, "retail-kpis", mr, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidTimeZone)
		Expect(message(mr, v1alpha1.ConditionStalled)).To(ContainSubstring("spec.journeyMapRef (JourneyMap omnichannel-retail): spec.analysis.timeZone"))
		change(w, "omnichannel-retail", jm, func(m *v1alpha1.JourneyMap) { m.Spec.Analysis.TimeZone = "" })
		awaitFixed(w, "retail-kpis", mr)
	})
})
