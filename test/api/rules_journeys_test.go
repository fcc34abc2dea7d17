// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

// journeysRules are those of the tables of attribution, transitions and drivers.
var journeysRules = []rule{
	{
		doc: "metricreport-journeys", field: "spec.tables[0].attribution", message: "key goes with by: Property, and only with it",
		accept: []edits{{"spec.tables.0.attribution.by": "Channel", "spec.tables.0.attribution.key": nil}},
		refuse: []edits{{"spec.tables.0.attribution.key": nil}, {"spec.tables.0.attribution.by": "Touchpoint"}},
	},
	{
		doc: "metricreport-journeys", field: "spec.tables[0].attribution", message: "halfLife is of the model TimeDecay only",
		accept: []edits{{"spec.tables.0.attribution.model": "Linear", "spec.tables.0.attribution.halfLife": nil}},
		refuse: []edits{{"spec.tables.0.attribution.model": "Markov"}},
	},
	{
		doc: "metricreport-journeys", field: "spec.currency",
		message: "currency is needed by share: Revenue of an attribution table: amounts of other currencies are left out and counted",
		accept:  []edits{{"spec.currency": nil, "spec.tables.0.attribution.share": "Conversions"}},
		refuse:  []edits{{"spec.currency": nil}},
	},
}
