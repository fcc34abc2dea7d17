// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/kpi"
)

// All KPIs and periods of a run share the memory for order ids.
func TestOrderIDsShareMemory(t *testing.T) {
	report := &v1alpha1.MetricReportSpec{Currency: "EUR", KPIs: []v1alpha1.KPI{
		{Name: "revenue", Measure: v1alpha1.Measure{Revenue: &v1alpha1.OrdersMeasure{}}},
		{Name: "orders", Measure: v1alpha1.Measure{AverageOrderValue: &v1alpha1.AverageOrderValueMeasure{}}},
		{Name: "share", Measure: v1alpha1.Measure{BounceRate: &v1alpha1.BounceRateMeasure{}}},
	}}
	require.Equal(t, kpi.MaxOrders/2, ordersOf(report, &eventNames{}).Room)
	report.Compare = v1alpha1.PreviousPeriod
	require.Equal(t, kpi.MaxOrders/4, ordersOf(report, &eventNames{}).Room)
	report.KPIs = report.KPIs[2:]
	require.Equal(t, kpi.MaxOrders, ordersOf(report, &eventNames{}).Room, "others keep those of one person alone")
}
