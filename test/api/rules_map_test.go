// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

var mapRules = []rule{
	{
		doc: "journeymap", field: "spec.stages", message: "at least one stage must not be optional",
		accept: []edits{{"spec.progression.order": "Any", "spec.stages.0.optional": true, "spec.stages.0.maxDropOff": nil}},
		refuse: []edits{{
			"spec.progression.order": "Any", "spec.stages.0.maxDropOff": nil,
			"spec.stages.0.optional": true, "spec.stages.1.optional": true, "spec.stages.2.optional": true,
		}},
	},
	{
		doc: "journeymap", field: "spec.stages", message: "the first stage must not be optional: it is where an attempt begins",
		refuse: []edits{{"spec.stages.0.optional": true}, {"spec.progression.order": "Strict", "spec.stages.0.optional": true}},
	},
	{
		doc: "journeymap", field: "spec.stages", message: "the last stage must not be optional: reaching it is what conversion means",
		accept: []edits{{"spec.stages.2.optional": false}},
		refuse: []edits{{"spec.stages.2.optional": true}, {"spec.progression.order": "Strict", "spec.stages.2.optional": true}},
	},
	{
		doc: "journeymap", field: "spec.stages",
		message: "the last stage cannot have maxDropOff: there is no stage after it that customers could fail to reach",
		accept:  []edits{{"spec.stages.1.maxDropOff": "0.5"}},
		refuse:  []edits{{"spec.stages.2.maxDropOff": "0.5"}},
	},
	{
		doc: "journeymap", field: "spec.stages",
		message: "maxDropOff needs stages in an order: with progression.order Any, stages have no drop-off",
		accept:  []edits{{"spec.progression.order": "Strict"}, {"spec.progression.order": "Any", "spec.stages.0.maxDropOff": nil}},
		refuse:  []edits{{"spec.progression.order": "Any"}},
	},
	{
		doc: "journeymap-rules", field: "spec.stages",
		message: "within is the time since the previous stage: remove it from the first stage and, with progression.order Any, from all stages",
		accept:  []edits{{"spec.stages.2.within": "2h"}, {"spec.progression.order": "Any", "spec.stages.1.within": nil}},
		refuse:  []edits{{"spec.stages.0.within": "1h"}, {"spec.progression.order": "Any"}},
	},
	{
		doc: "journeymap-rules", field: "spec.progression.exclusions", message: "after and before must name stages of the map",
		accept: []edits{
			{"spec.progression.exclusions.0.after": nil, "spec.progression.exclusions.0.before": nil},
			{"spec.progression.exclusions.0.before": "second"},
		},
		refuse: []edits{{"spec.progression.exclusions.0.after": "none"}, {"spec.progression.exclusions.0.before": "none"}},
	},
	{
		doc: "journeymap-grace", field: "spec.stages", message: "within cannot go with progression.grace or progression.compat",
		accept: []edits{{"spec.progression.grace": nil, "spec.stages.1.within": "1h"}},
		refuse: []edits{{"spec.stages.1.within": "1h"}, {"spec.stages.1.within": "1h", "spec.progression.grace": nil, "spec.progression.compat": []any{"SharedEvents"}}},
	},
	{
		doc: "journeymap-compat", field: "spec.stages", message: "optional stages cannot go with progression.compat",
		accept: []edits{{"spec.stages.1.optional": false}, {"spec.stages.1.optional": true, "spec.progression.compat": nil}},
		refuse: []edits{{"spec.stages.1.optional": true}},
	},
	{
		doc: "journeymap-grace", field: "spec.progression", message: "grace needs the order Ordered, and cannot go with ties Exact",
		accept: []edits{{"spec.progression.ties": "EitherOrder"}},
		refuse: []edits{{"spec.progression.ties": "Exact"}, {"spec.progression.order": "Strict"}, {"spec.progression.order": "Any"}},
	},
	{
		doc: "journeymap-compat", field: "spec.progression",
		message: "compat needs the order Ordered and the entry Best, and cannot go with exclusions, holdConstant, grace or count Entries",
		accept:  []edits{{"spec.progression.entry": "Best", "spec.progression.count": "Customers"}},
		refuse: []edits{
			{"spec.progression.order": "Strict"}, {"spec.progression.entry": "First"}, {"spec.progression.count": "Entries"},
			{"spec.progression.grace": "2s"}, {"spec.progression.holdConstant": []any{"channel"}},
			{"spec.progression.exclusions": []any{map[string]any{"match": []any{map[string]any{"event": "X"}}}}},
		},
	},
	{
		doc: "journeymap-compat", field: "spec.progression", message: "compat AllowReentry needs StrictOrder",
		accept: []edits{{"spec.progression.compat": []any{"StrictIncrease"}}},
		refuse: []edits{{"spec.progression.compat": []any{"AllowReentry", "StrictIncrease"}}},
	},
	{
		doc: "journeymap-rules", field: "spec.progression", message: "onExclusion needs exclusions",
		accept: []edits{{"spec.progression.onExclusion": nil}},
		refuse: []edits{{"spec.progression.exclusions": nil}},
	},
	{
		doc: "journeymap", field: "spec.personas[0].name", message: `the name "other" is reserved for customers that no persona fits`,
		accept: []edits{{"spec.personas.0.name": "others"}},
		refuse: []edits{{"spec.personas.0.name": "other"}},
	},
}

var analysisRules = join(analysisRulesOf("journeymap"), analysisRulesOf("metricreport"))

func analysisRulesOf(doc string) []rule {
	const at = "spec.analysis"
	return []rule{
		{
			doc: doc, field: at, message: "set at most one of every and schedule",
			accept: []edits{{at: nil}, {at: none}, {at + ".every": nil, at + ".schedule": "0 6 * * 1"}},
			refuse: []edits{{at + ".schedule": "0 6 * * 1"}},
		},
		{
			doc: doc + "-range", field: at, message: "set at most one of lookback and range",
			accept: []edits{{at + ".range": nil, at + ".lookback": "30d"}},
			refuse: []edits{{at + ".lookback": "30d"}},
		},
		{
			doc: doc + "-range", field: at, message: "asOf must be after range.from: events after asOf are not analysed",
			accept: []edits{{at + ".asOf": "2026-09-01T00:00:01Z"}, {at + ".asOf": nil}},
			refuse: []edits{{at + ".asOf": "2026-09-01T00:00:00Z"}, {at + ".asOf": "2026-08-01T00:00:00Z"}},
		},
		{
			doc: doc + "-range", field: at + ".range", message: "from must be before to",
			refuse: []edits{{at + ".range.to": "2026-09-01T00:00:00Z"}, {at + ".range.to": "2026-08-31T00:00:00Z"}},
		},
	}
}

var reportRules = []rule{
	{
		doc: "metricreport", field: "spec", message: "a report needs at least one entry in kpis, tables or breakdownBy",
		accept: []edits{
			{"spec.kpis": nil, "spec.tables": nil}, {"spec.kpis": nil, "spec.breakdownBy": nil}, {"spec.tables": nil, "spec.breakdownBy": nil},
		},
		refuse: []edits{{"spec.kpis": nil, "spec.tables": nil, "spec.breakdownBy": nil}},
	},
	{
		doc: "metricreport", field: "spec.breakdownBy[0]", message: "set keys for by: Property, and only for it",
		accept: []edits{{"spec.breakdownBy.0.keys": []any{"channel"}}},
		refuse: []edits{{"spec.breakdownBy.0.keys": nil}, {"spec.breakdownBy.0.keys": []any{}}, {"spec.breakdownBy.0.by": "Channel"}},
	},
	{
		doc: "metricreport", field: "spec.breakdownBy[0]", message: "set stage for attribution: Stage, and only for it",
		accept: []edits{{"spec.breakdownBy.0.attribution": "All", "spec.breakdownBy.0.stage": nil, "spec.breakdownBy.0.compat": nil}},
		refuse: []edits{{"spec.breakdownBy.0.stage": nil, "spec.breakdownBy.0.compat": nil}, {"spec.breakdownBy.0.attribution": "First"}, {"spec.breakdownBy.0.attribution": nil}},
	},
	{
		doc: "metricreport", field: "spec.breakdownBy[1]", message: "compat needs attribution: Stage",
		accept: []edits{{"spec.breakdownBy.1.compat": map[string]any{"stageByPosition": true}, "spec.breakdownBy.1.attribution": "Stage", "spec.breakdownBy.1.stage": "purchase"}},
		refuse: []edits{{"spec.breakdownBy.1.compat": map[string]any{"stageByPosition": true}}},
	},
	{
		doc: "metricreport", field: "spec.breakdownBy[2]", message: "a persona is evaluated at the entry: remove attribution",
		accept: []edits{{"spec.breakdownBy.2.by": "Channel", "spec.breakdownBy.2.attribution": "First"}},
		refuse: []edits{{"spec.breakdownBy.2.attribution": "First"}},
	},
	{
		doc: "metricreport", field: "spec.tables[0]",
		message: "set exactly one kind of table",
		refuse:  []edits{{"spec.tables.0.stickiness": nil}, {"spec.tables.0.paths": none}},
	},
	{
		doc: "metricreport", field: "spec.tables[1].paths.items[0]",
		message: "leaveOut takes no key and no trimSlash: the events are not on the path",
		accept:  []edits{{"spec.tables.1.paths.items.0.key": nil, "spec.tables.1.paths.items.0.trimSlash": nil, "spec.tables.1.paths.items.0.leaveOut": true}},
		refuse:  []edits{{"spec.tables.1.paths.items.0.leaveOut": true}},
	},
	{
		doc: "metricreport", field: "spec.currency",
		message: "set currency, which measures and tables of money need: amounts in other currencies are converted by rates, or left out and counted",
		accept:  []edits{{"spec.currency": nil, "spec.kpis.2.measure": map[string]any{"netPromoterScore": none}}},
		refuse:  []edits{{"spec.currency": nil}},
	},
	{
		doc: "metricreport", field: "spec.kpis[0].measure",
		message: "set exactly one measure",
		accept:  []edits{{"spec.kpis.0.measure": map[string]any{"averageOrderValue": none}}},
		refuse:  []edits{{"spec.kpis.0.measure": none}, {"spec.kpis.0.measure.netPromoterScore": none}},
	},
	{
		doc: "metricreport", field: "spec.kpis[0].measure.conversionRate", message: "from and to must be different stages",
		refuse: []edits{{"spec.kpis.0.measure.conversionRate.to": "awareness"}},
	},
	{
		doc: "metricreport", field: "spec.kpis[0].target", message: "set exactly one of atLeast and atMost",
		accept: []edits{{"spec.kpis.0.target": map[string]any{"atMost": "1"}}, {"spec.kpis.0.target": nil}},
		refuse: []edits{{"spec.kpis.0.target": none}, {"spec.kpis.0.target.atMost": "1"}},
	},
}
