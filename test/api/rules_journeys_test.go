// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

// journeysRules are the rules on the tables attribution, transitions and drivers.
var journeysRules = []rule{
	{
		doc: "metricreport-journeys", field: "spec.tables[0].attribution", message: "set key for by: Property, and only for it",
		accept: []edits{{"spec.tables.0.attribution.by": "Channel", "spec.tables.0.attribution.key": nil}},
		refuse: []edits{{"spec.tables.0.attribution.key": nil}, {"spec.tables.0.attribution.by": "Touchpoint"}},
	},
	{
		doc: "metricreport-journeys", field: "spec.tables[0].attribution", message: "halfLife needs the model TimeDecay",
		accept: []edits{{"spec.tables.0.attribution.model": "Linear", "spec.tables.0.attribution.halfLife": nil}},
		refuse: []edits{{"spec.tables.0.attribution.model": "Markov"}},
	},
	{
		doc: "metricreport-journeys", field: "spec.currency",
		message: "set currency, which credit: Revenue of an attribution table needs: amounts in other currencies are left out and counted",
		accept:  []edits{{"spec.currency": nil, "spec.tables.0.attribution.credit": "Conversions"}},
		refuse:  []edits{{"spec.currency": nil}},
	},
}
