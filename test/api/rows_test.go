// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var (
	earlier = metav1.NewTime(time.Now().Add(-36 * time.Hour).Truncate(time.Second))
	ready   = said(v1alpha1.ConditionReady, metav1.ConditionTrue, "All is well.")
)

func said(condition string, status metav1.ConditionStatus, message string) metav1.Condition {
	return metav1.Condition{Type: condition, Status: status, Reason: "Tested", Message: message, LastTransitionTime: earlier}
}

// statuses as the operator and the jobs write them, with the cells that kubectl get -o wide prints for them, without name and age.
var statuses = []struct {
	plural, doc string
	object      client.Object
	fill        func(o client.Object)
	cells       []any
}{
	{"eventstores", "eventstore", &v1alpha1.EventStore{}, func(o client.Object) {
		o.(*v1alpha1.EventStore).Status = v1alpha1.EventStoreStatus{
			Events: new(int64(12)), Persons: new(int64(3)), CountersTime: &earlier, Used: "1 MiB of 10 GiB",
			Conditions: []metav1.Condition{ready, said(v1alpha1.ConditionAvailable, metav1.ConditionFalse, "")},
		}
	}, []any{12., 3., "1 MiB of 10 GiB", "False", "True", "36h", "All is well."}},
	{"touchpointsources", "touchpointsource-segment", &v1alpha1.TouchpointSource{}, func(o client.Object) {
		o.(*v1alpha1.TouchpointSource).Status = v1alpha1.TouchpointSourceStatus{
			Accepted: new(int64(12)), Duplicates: new(int64(4)), WithoutID: new(int64(5)), Unidentified: new(int64(6)),
			Reading:      &v1alpha1.ReadingStatus{Lag: new(int64(7))},
			Rejected:     new(int64(0)), // 0 is printed, not left blank
			CountersTime: &earlier, NewestReceivedTime: &earlier, Address: &v1alpha1.SourceAddress{URL: "http://a", Path: "/b/"},
			Conditions: []metav1.Condition{
				ready, said(v1alpha1.ConditionFresh, metav1.ConditionFalse, ""), said(v1alpha1.ConditionIngestionAvailable, metav1.ConditionUnknown, ""),
			},
		}
	}, []any{"web", 12., 0., "36h", "False", "Unknown", "True", 4., 5., 6., 7., "36h", "http://a", "All is well."}},
	{"journeymaps", "journeymap", &v1alpha1.JourneyMap{}, func(o client.Object) {
		o.(*v1alpha1.JourneyMap).Status = v1alpha1.JourneyMapStatus{
			Summary: &v1alpha1.JourneySummary{
				Customers: 600, Conversion: "0.375", WorstStage: "cart", WorstDropOff: "0.478",
				Display: &v1alpha1.SummaryDisplay{Conversion: "37.5%", DropOff: "47.8%"},
				Period:  &v1alpha1.ResultPeriod{AsOf: &earlier},
			},
			Provisional: &v1alpha1.ProvisionalResult{Entered: 9, InProgress: 7, Converted: 2},
			Conditions: []metav1.Condition{
				ready, said(v1alpha1.ConditionDataFresh, metav1.ConditionFalse, ""), said(v1alpha1.ConditionMapFresh, metav1.ConditionTrue, ""),
			},
		}
	}, []any{600., 7., "37.5%", "cart", "47.8%", earlier.UTC().Format(time.RFC3339), "False", "True", "True", "All is well."}},
	{"metricreports", "metricreport", &v1alpha1.MetricReport{}, func(o client.Object) {
		o.(*v1alpha1.MetricReport).Status = v1alpha1.MetricReportStatus{
			Summary:    &v1alpha1.ReportSummary{KPIs: "5/6", Targets: "2/3", Worst: "nps", Period: &v1alpha1.ResultPeriod{AsOf: &earlier}},
			Conditions: []metav1.Condition{ready, said(v1alpha1.ConditionAnalysisCurrent, metav1.ConditionFalse, "")},
		}
	}, []any{"retail", "5/6", "2/3", "nps", earlier.UTC().Format(time.RFC3339), "False", "True", "All is well."}},
}

// The JSON paths of the columns are correct.
var _ = Describe("kubectl get", suite.Fast, func() {
	for _, s := range statuses {
		It("shows the status of "+s.plural, func(ctx SpecContext) {
			d, err := discovery.NewDiscoveryClientForConfig(restConfig)
			Expect(err).NotTo(HaveOccurred())
			raw, err := yaml.Marshal(load(s.doc).Object)
			Expect(err).NotTo(HaveOccurred())
			Expect(yaml.UnmarshalStrict(raw, s.object)).To(Succeed())
			s.object.SetName("shown")
			Expect(api.Create(ctx, s.object)).To(Succeed())
			s.fill(s.object)
			Expect(api.Status().Update(ctx, s.object)).To(Succeed())
			printed, err := d.RESTClient().Get().AbsPath(fmt.Sprintf("/apis/journeyman.dev/v1alpha1/namespaces/default/%s/shown", s.plural)).
				SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(ctx).Raw()
			Expect(err).NotTo(HaveOccurred())
			Expect(cells(printed)).To(Equal(s.cells))
			Expect(api.Delete(ctx, s.object)).To(Succeed())
		})
	}
})

// cells returns the cells of the single row of a table, without the columns Name and Age.
func cells(raw []byte) []any {
	GinkgoHelper()
	var printed metav1.Table
	Expect(json.Unmarshal(raw, &printed)).To(Succeed())
	Expect(printed.Rows).To(HaveLen(1))
	var shown []any
	for i, c := range printed.ColumnDefinitions {
		if c.Name != "Name" && c.Name != "Age" {
			shown = append(shown, printed.Rows[0].Cells[i])
		}
	}
	return shown
}
