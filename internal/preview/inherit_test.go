// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Map and report use the same period, whatever the map sets and the report does not.
func TestMapAndReportUseTheSamePeriod(t *testing.T) {
	var rows strings.Builder
	for day := 1; day <= 28; day++ {
		fmt.Fprintf(&rows, `{"event": "Seen", "time": "2026-02-%02dT12:00:00Z", "customerId": "c%d", "properties": {"shop": "s%d"}}`+"\n", day, day, day%3)
	}
	manifests := `
kind: JourneyMap
apiVersion: journeyman.dev/v1alpha1
metadata: {name: m}
spec:
  storeRef: {name: default}
  stages:
  - {name: see, touchpoints: [{name: t, match: [{event: Seen}]}]}
  - {name: buy, touchpoints: [{name: t, match: [{event: Bought}]}]}
  progression: {order: Ordered, window: 1d}
%s---
kind: MetricReport
apiVersion: journeyman.dev/v1alpha1
metadata: {name: r}
spec:
  journeyMapRef: {name: m}
  tables: [{name: stages, funnel: {}}]
%s`
	for name, c := range map[string]struct {
		ofMap, own string
		customers  int64
	}{
		"a range":           {"  analysis: {range: {from: \"2026-02-05T00:00:00Z\", to: \"2026-02-10T00:00:00Z\"}}\n", "", 5},
		"a lookback":        {"  analysis: {lookback: 3d}\n", "  analysis: {timeZone: Asia/Tokyo}\n", 4},
		"an asOf":           {"  analysis: {asOf: \"2026-02-10T12:00:00Z\", lookback: 4d}\n", "", 5},
		"carts, not people": {"  analysis: {lookback: 90d}\n  countBy: {key: properties.shop}\n", "", 3},
	} {
		p, err := open(t, fmt.Sprintf(manifests, c.ofMap, c.own), write(t, "events.ndjson", rows.String()))
		require.NoError(t, err, name)
		list, err := p.Objects(context.Background())
		require.NoError(t, err, name)
		of, report := list[0].Status.(*v1alpha1.JourneyMapStatus), list[1].Status.(*v1alpha1.MetricReportStatus)
		require.Equal(t, c.customers, of.Summary.Customers, name)
		require.Equal(t, fmt.Sprint(c.customers), report.Tables[0].Rows[0].Values[1], name)
		require.Equal(t, of.Summary.Period.From, report.Summary.Period.From, name)
		require.Equal(t, of.Summary.Period.To, report.Summary.Period.To, name)
		require.Equal(t, of.Summary.Period.AsOf, report.Summary.Period.AsOf, name)
		require.NotEmpty(t, report.Trace.MapHash)
	}
}
