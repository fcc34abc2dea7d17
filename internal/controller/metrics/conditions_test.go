// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/metrics"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// is parses conditions such as "Ready=True:Succeeded".
func is(texts ...string) (list []metav1.Condition) {
	for _, text := range texts {
		kind, rest, _ := strings.Cut(text, "=")
		verdict, reason, _ := strings.Cut(rest, ":")
		list = append(list, metav1.Condition{Type: kind, Status: metav1.ConditionStatus(verdict), Reason: reason, Message: "jane@example.com"})
	}
	return list
}

// collector returns a collector for the series of some objects.
func collector(t *testing.T, objects ...client.Object) (*metrics.Collector, client.Client) {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(objects...).Build()
	return metrics.New(c, clock.RealClock{}), c
}

func TestConditionsAreSeries(t *testing.T) {
	named := metav1.ObjectMeta{Namespace: "shop", Name: "retail"}
	objects := []client.Object{
		&v1alpha1.EventStore{ObjectMeta: named, Status: v1alpha1.EventStoreStatus{
			Conditions: is("Available=Unknown:Starting", "Ready=False:ChildRefused", "Stalled=True:ChildRefused"),
		}},
		&v1alpha1.TouchpointSource{
			ObjectMeta: named, Spec: v1alpha1.TouchpointSourceSpec{Suspend: new(true)},
			Status: v1alpha1.TouchpointSourceStatus{Conditions: is("IngestionAvailable=False:Suspended", "example.com/Audited=True:Yes")},
		},
		&v1alpha1.JourneyMap{ObjectMeta: named, Status: v1alpha1.JourneyMapStatus{Conditions: is("DropOffDetected=True:DropOffUnusual")}},
		&v1alpha1.MetricReport{ObjectMeta: named, Spec: v1alpha1.MetricReportSpec{Analysis: &v1alpha1.Analysis{Suspend: new(true)}}},
	}
	all, c := collector(t, objects...)
	require.NoError(t, prometheus.NewPedanticRegistry().Register(all))
	require.NoError(t, testutil.CollectAndCompare(all, strings.NewReader(`
# HELP journeyman_condition Conditions of objects of all kinds: 1 for True, 0 for False, -1 for Unknown. A condition that is not set has no series.
# TYPE journeyman_condition gauge
journeyman_condition{kind="EventStore",name="retail",namespace="shop",reason="ChildRefused",type="Ready"} 0
journeyman_condition{kind="EventStore",name="retail",namespace="shop",reason="ChildRefused",type="Stalled"} 1
journeyman_condition{kind="EventStore",name="retail",namespace="shop",reason="Starting",type="Available"} -1
journeyman_condition{kind="JourneyMap",name="retail",namespace="shop",reason="DropOffUnusual",type="DropOffDetected"} 1
journeyman_condition{kind="TouchpointSource",name="retail",namespace="shop",reason="Suspended",type="IngestionAvailable"} 0
# HELP journeyman_suspended 1 while the spec suspends the object, else 0. EventStores have no series.
# TYPE journeyman_suspended gauge
journeyman_suspended{kind="JourneyMap",name="retail",namespace="shop"} 0
journeyman_suspended{kind="MetricReport",name="retail",namespace="shop"} 1
journeyman_suspended{kind="TouchpointSource",name="retail",namespace="shop"} 1
`), "journeyman_condition", "journeyman_suspended"))

	for _, o := range objects {
		require.NoError(t, c.Delete(t.Context(), o))
	}
	require.Zero(t, testutil.CollectAndCount(all), "the series are gone with the objects")
}

// Each condition of each kind is a series, with any status.
func TestEveryConditionOfEveryKindIsASeries(t *testing.T) {
	of := func(table status.Table) (list []metav1.Condition) {
		for _, rule := range table {
			list = append(list, is(rule.Type+"=True:Some")...)
		}
		return list
	}
	named := metav1.ObjectMeta{Namespace: "shop", Name: "retail"}
	all, _ := collector(t,
		&v1alpha1.EventStore{ObjectMeta: named, Status: v1alpha1.EventStoreStatus{Conditions: of(status.EventStore)}},
		&v1alpha1.TouchpointSource{ObjectMeta: named, Status: v1alpha1.TouchpointSourceStatus{Conditions: of(status.TouchpointSource)}},
		&v1alpha1.JourneyMap{ObjectMeta: named, Status: v1alpha1.JourneyMapStatus{Conditions: of(status.JourneyMap)}},
		&v1alpha1.MetricReport{ObjectMeta: named, Status: v1alpha1.MetricReportStatus{Conditions: of(status.MetricReport)}},
	)
	want := len(status.EventStore) + len(status.TouchpointSource) + len(status.JourneyMap) + len(status.MetricReport)
	require.Equal(t, want, testutil.CollectAndCount(all, "journeyman_condition"))
}
