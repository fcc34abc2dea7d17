// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// namesAndColumns has the short name and the columns of kubectl get and kubectl get -o wide, by kind.
var namesAndColumns = map[string]struct {
	plural, short string
	columns       []string
	wide          []string
}{
	"EventStore": {"eventstores", "es",
		[]string{"Name", "Events", "Persons", "Used", "Available", "Ready", "Age"}, []string{"Counted", "Message"}},
	"TouchpointSource": {"touchpointsources", "tps",
		[]string{"Name", "Channel", "Accepted", "Rejected", "Last-Received", "Fresh", "Available", "Ready", "Age"},
		[]string{"Duplicates", "Without-ID", "Unidentified", "Lag", "Counted", "URL", "Message"}},
	"JourneyMap": {"journeymaps", "jm",
		[]string{"Name", "Customers", "In-Progress", "Conversion", "Worst-Stage", "Drop-Off", "As-Of", "Data-Fresh", "Map-Fresh", "Ready", "Age"}, []string{"Message"}},
	"MetricReport": {"metricreports", "mr",
		[]string{"Name", "Map", "KPIs", "Targets", "Worst", "As-Of", "Current", "Ready", "Age"}, []string{"Message"}},
}

var _ = Describe("The kinds", suite.Fast, func() {
	resources := func() (*discovery.DiscoveryClient, map[string]metav1.APIResource) {
		GinkgoHelper()
		d, err := discovery.NewDiscoveryClientForConfig(restConfig)
		Expect(err).NotTo(HaveOccurred())
		list, err := d.ServerResourcesForGroupVersion("journeyman.dev/v1alpha1")
		Expect(err).NotTo(HaveOccurred())
		found := map[string]metav1.APIResource{}
		for _, r := range list.APIResources {
			found[r.Name] = r
		}
		return d, found
	}

	It("are four, each with a status", func() {
		_, found := resources()
		Expect(found).To(HaveLen(2 * len(namesAndColumns)))
	})

	for _, kind := range slices.Sorted(maps.Keys(namesAndColumns)) {
		want := namesAndColumns[kind]
		It("have short names and columns: "+kind, func(ctx SpecContext) {
			d, found := resources()
			r := found[want.plural]
			Expect(r.Kind).To(Equal(kind))
			Expect(r.Namespaced).To(BeTrue())
			Expect(r.ShortNames).To(Equal([]string{want.short}))
			Expect(r.Categories).To(Equal([]string{"journey"}))
			Expect(found).To(HaveKey(want.plural + "/status"))
			columns, wide := table(ctx, d, want.plural)
			Expect(columns).To(Equal(want.columns))
			Expect(wide).To(Equal(want.wide))
		})
	}
})

// table returns the names of the columns that the API server prints for a resource.
func table(ctx context.Context, d *discovery.DiscoveryClient, plural string) (columns, wide []string) {
	GinkgoHelper()
	raw, err := d.RESTClient().Get().AbsPath("/apis/journeyman.dev/v1alpha1/"+plural).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(ctx).Raw()
	Expect(err).NotTo(HaveOccurred())
	var printed metav1.Table
	Expect(json.Unmarshal(raw, &printed)).To(Succeed())
	for _, c := range printed.ColumnDefinitions {
		if c.Priority > 0 {
			wide = append(wide, c.Name)
			continue
		}
		columns = append(columns, c.Name)
	}
	return columns, wide
}
