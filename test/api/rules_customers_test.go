// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

// customerRules are the rules on measures and tables about customers.
var customerRules = []rule{
	{
		doc: "metricreport-customers", field: "spec.kpis[10].measure.share.event",
		message: "event must name other events than of: otherwise the share is always 1",
		accept:  []edits{{"spec.kpis.10.measure.share.event": "activity", "spec.kpis.10.measure.share.of": "order"}},
		refuse:  []edits{{"spec.kpis.10.measure.share.event": "activity"}, {"spec.kpis.10.measure.share.of": "order"}},
	},
	{
		doc: "metricreport-customers", field: "spec.tables[0]", message: "set exactly one kind of table",
		accept: []edits{{"spec.tables.0.retention": nil, "spec.tables.0.lifecycle": map[string]any{"period": "Day"}}},
		refuse: []edits{{"spec.tables.0.retention": nil}, {"spec.tables.0.lifecycle": map[string]any{"period": "Day"}}},
	},
	{
		doc: "metricreport-customers", field: "spec.tables[0].retention",
		message: "windows Rolling goes with the periods Hour, Day and Week: months differ in length",
		accept: []edits{
			{"spec.tables.0.retention.windows": "Calendar", "spec.tables.0.retention.period": "Month"},
			{"spec.tables.0.retention.windows": nil, "spec.tables.0.retention.period": "Month"},
		},
		refuse: []edits{{"spec.tables.0.retention.period": "Month"}},
	},
	{
		doc: "metricreport-customers", field: "spec.currency",
		message: "set currency, which measures and tables of money need: amounts in other currencies are converted by rates, or left out and counted",
		accept: []edits{
			{"spec.currency": nil, "spec.tables": nil, "spec.kpis": []any{map[string]any{"name": "mean", "measure": map[string]any{"value": map[string]any{"key": "properties.n", "statistic": "Mean"}}}}},
		},
		refuse: []edits{
			{"spec.currency": nil, "spec.kpis": nil},
			{"spec.currency": nil, "spec.tables": nil, "spec.kpis": []any{map[string]any{"name": "sum", "measure": map[string]any{"value": map[string]any{"key": "amount", "statistic": "Sum"}}}}},
			{"spec.currency": nil, "spec.tables": nil, "spec.kpis": []any{map[string]any{"name": "sum", "measure": map[string]any{"revenue": none}}}},
			{"spec.currency": nil, "spec.tables": nil, "spec.kpis": []any{map[string]any{"name": "sum", "measure": map[string]any{"customerLifetimeValue": none}}}},
		},
	},
}
