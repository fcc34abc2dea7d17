// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import "strings"

const (
	nameRule = "metadata.name must have at most 40 characters, only lowercase letters, digits and '-', and start with a letter: " +
		"the names of Services and Jobs are derived from it"
	valuesRule   = "set values, except for Exists and DoesNotExist"
	oneValueRule = "GreaterThan, GreaterOrEqual, LessThan and LessOrEqual take exactly one value"
)

var badNames = []edits{
	{"metadata.name": strings.Repeat("a", 41)},
	{"metadata.name": "a.b"},
	{"metadata.name": "1a"},
}

var goodNames = []edits{
	{"metadata.name": strings.Repeat("a", 40)},
	{"metadata.name": "a"},
	{"metadata.name": "a-1"},
}

// nameRules returns the rule on metadata.name for a kind.
func nameRules(doc string) rule {
	return rule{doc: doc, message: nameRule, field: "<nil>", accept: goodNames, refuse: badNames}
}

func condition(operator string, values ...any) map[string]any {
	c := map[string]any{"key": "amount", "operator": operator}
	if values != nil {
		c["values"] = values
	}
	return c
}

// conditionRules returns the rules on a condition at a path. field is the path in the form of the API server.
func conditionRules(doc, path, field string) []rule {
	at := func(operator string, values ...any) edits { return edits{path: condition(operator, values...)} }
	return []rule{
		{
			doc: doc, message: valuesRule, field: field,
			accept: []edits{
				at("In", "a"), at("NotIn", "a", "b"), at("Contains", "a"), at("NotContains", "a"), at("StartsWith", "a"),
				at("MatchesRegex", "^a"), at("MatchesWildcard", "/a/**"), at("Exists"), at("DoesNotExist"),
			},
			refuse: []edits{
				at("In"), at("NotIn"), at("Contains"), at("NotContains"), at("StartsWith"), at("MatchesRegex"), at("MatchesWildcard"),
				at("Exists", "a"), at("DoesNotExist", "a"),
			},
		},
		{
			doc: doc, message: oneValueRule, field: field,
			accept: []edits{at("GreaterThan", "1"), at("LessThan", "1.5"), at("GreaterOrEqual", "1"), at("LessOrEqual", "1")},
			refuse: []edits{
				at("GreaterThan", "1", "2"), at("LessThan", "1", "2"), at("GreaterOrEqual", "1", "2"), at("LessOrEqual", "1", "2"),
			},
		},
	}
}

// podRules returns the rules on the options of pods.
func podRules(doc string) []rule {
	long := func(field string, n int) edits {
		return edits{"spec.pod." + field: map[string]any{"a": strings.Repeat("x", n)}}
	}
	key := func(field string, n int) edits {
		return edits{"spec.pod." + field: map[string]any{strings.Repeat("k", n): "v"}}
	}
	return []rule{
		{
			doc: doc, message: "nodeSelector must be labels, with keys of at most 317 and values of at most 63 characters", field: "spec.pod.nodeSelector",
			accept: []edits{long("nodeSelector", 63), key("nodeSelector", 317)}, refuse: []edits{long("nodeSelector", 64), key("nodeSelector", 318)},
		},
		{
			doc: doc, message: "labels must have keys of at most 317 and values of at most 63 characters", field: "spec.pod.labels",
			accept: []edits{long("labels", 63), key("labels", 317)}, refuse: []edits{long("labels", 64), key("labels", 318)},
		},
		{
			doc: doc, message: "annotations must have keys of at most 317 and values of at most 1024 characters", field: "spec.pod.annotations",
			accept: []edits{long("annotations", 1024), key("annotations", 317)}, refuse: []edits{long("annotations", 1025), key("annotations", 318)},
		},
	}
}

var commonRules = join(
	[]rule{nameRules("eventstore"), nameRules("touchpointsource-hmac"), nameRules("journeymap"), nameRules("metricreport")},
	conditionRules("eventstore", "spec.exclude.0", "spec.exclude[0]"),
	conditionRules("journeymap", "spec.personas.0.where.0", "spec.personas[0].where[0]"),
	conditionRules("journeymap", "spec.stages.0.touchpoints.0.match.0.where.0", "spec.stages[0].touchpoints[0].match[0].where[0]"),
	conditionRules("metricreport", "spec.events.0.match.0.where.0", "spec.events[0].match[0].where[0]"),
	podRules("eventstore"), podRules("touchpointsource-hmac"), podRules("journeymap"), podRules("metricreport"),
)

func join(groups ...[]rule) []rule {
	var all []rule
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}
