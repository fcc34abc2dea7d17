// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

// customerRules are those of the measures and tables about customers.
var customerRules = []rule{
	{
		doc: "metricreport-customers", field: "spec.tables[0]", message: "set exactly one sort of table beside the name",
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
}
