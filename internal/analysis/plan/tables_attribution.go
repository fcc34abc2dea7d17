// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/attribution"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// defaultHalfLife is the default of the model TimeDecay, as in Adobe Analytics and Matomo.
const defaultHalfLife = 7 * 24 * time.Hour

// attributionTable converts an attribution table to the types of the journey package.
func attributionTable(t *v1alpha1.AttributionTable, report *v1alpha1.MetricReportSpec, events *eventNames) (metric.Metric, error) {
	a := attribution.Table{
		Touch: events.of(t.Touch, "attribution.touch"), Conversion: events.of(t.Conversion, "attribution.conversion"),
		Model: attribution.Model(t.Model), HalfLife: t.HalfLife.Or(defaultHalfLife),
		Session: t.Scope == v1alpha1.SessionScope, Window: t.Window.Or(0),
	}
	switch t.By {
	case v1alpha1.CreditChannel:
		a.Key = "channel"
	case v1alpha1.CreditProperty:
		a.Key = t.Key
	case v1alpha1.CreditTouchpoint:
	default:
		return nil, fmt.Errorf("%s.attribution.by: unsupported value %q", events.path, t.By)
	}
	if t.Credit == v1alpha1.CreditedRevenue {
		orders := ordersOf(report, events)
		a.Currency, a.Rates = orders.Currency, orders.Rates
		if a.Currency == "" {
			return nil, fmt.Errorf("%s.attribution.credit: Revenue needs spec.currency", events.path)
		}
	}
	return a, events.err
}
