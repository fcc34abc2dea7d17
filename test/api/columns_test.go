// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
)

// What people type and see: short names, the category, and the columns of kubectl get (wide ones after the bar).
func TestNamesAndColumns(t *testing.T) {
	want := map[string]struct {
		plural, short string
		columns       []string
		wide          []string
	}{
		"EventStore": {"eventstores", "es",
			[]string{"Name", "Events", "Persons", "Used", "Available", "Ready", "Age"}, []string{"Counted", "Message"}},
		"TouchpointSource": {"touchpointsources", "tps",
			[]string{"Name", "Channel", "Accepted", "Rejected", "Last-Received", "Fresh", "Available", "Ready", "Age"},
			[]string{"Duplicates", "Without-ID", "Unidentified", "Counted", "URL", "Message"}},
		"JourneyMap": {"journeymaps", "jm",
			[]string{"Name", "Customers", "In-Progress", "Conversion", "Worst-Stage", "Drop-Off", "As-Of", "Data-Fresh", "Map-Fresh", "Ready", "Age"}, []string{"Message"}},
		"MetricReport": {"metricreports", "mr",
			[]string{"Name", "Map", "KPIs", "Targets", "Worst", "As-Of", "Current", "Ready", "Age"}, []string{"Message"}},
	}
	d, err := discovery.NewDiscoveryClientForConfig(restConfig)
	require.NoError(t, err)
	list, err := d.ServerResourcesForGroupVersion("journeyman.dev/v1alpha1")
	require.NoError(t, err)
	found := map[string]metav1.APIResource{}
	for _, r := range list.APIResources {
		found[r.Name] = r
	}
	require.Len(t, found, 2*len(want), "four kinds, each with a status")
	for kind, w := range want {
		t.Run(kind, func(t *testing.T) {
			r := found[w.plural]
			require.Equal(t, kind, r.Kind)
			require.True(t, r.Namespaced)
			require.Equal(t, []string{w.short}, r.ShortNames)
			require.Equal(t, []string{"journey"}, r.Categories)
			require.Contains(t, found, w.plural+"/status")
			columns, wide := table(t, d, w.plural)
			require.Equal(t, w.columns, columns)
			require.Equal(t, w.wide, wide)
		})
	}
}

// table gives the names of the columns that the API server prints for a resource.
func table(t *testing.T, d *discovery.DiscoveryClient, plural string) (columns, wide []string) {
	t.Helper()
	raw, err := d.RESTClient().Get().AbsPath("/apis/journeyman.dev/v1alpha1/"+plural).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(t.Context()).Raw()
	require.NoError(t, err)
	var printed metav1.Table
	require.NoError(t, json.Unmarshal(raw, &printed))
	for _, c := range printed.ColumnDefinitions {
		if c.Priority > 0 {
			wide = append(wide, c.Name)
			continue
		}
		columns = append(columns, c.Name)
	}
	return columns, wide
}
