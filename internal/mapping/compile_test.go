// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
)

func eventOf(change func(*v1alpha1.EventMapping)) *v1alpha1.EventMapping {
	e := &v1alpha1.EventMapping{Name: `body.type`, Identities: map[string]v1alpha1.CELExpression{"customerId": `body.customer.id`}}
	if change != nil {
		change(e)
	}
	return e
}

func TestCompileNamesTheFieldAndTheFix(t *testing.T) {
	for name, c := range map[string]struct {
		rule           v1alpha1.MappingRule
		path, msg, fix string
	}{
		"unknown variable": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Time = `payload.at` })},
			"mapping[1].event.time", "undeclared reference to 'payload'", "use body, headers",
		},
		"unknown variable further on": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Name = `body.a + payload.b` })},
			"mapping[1].event.name", "undeclared reference to 'payload' (in container ''), at character 10", "use body, headers",
		},
		"syntax": {
			v1alpha1.MappingRule{When: `body.type ==`, Event: eventOf(nil)},
			"mapping[1].when", "Syntax error", "must be CEL",
		},
		"has of a name with blanks": {
			v1alpha1.MappingRule{When: `has(body["Refunded Amount"])`, Event: eventOf(nil)},
			"mapping[1].when", "has() macro", `"Field name" in body`,
		},
		"when is no condition": {
			v1alpha1.MappingRule{When: `"order.paid"`, Event: eventOf(nil)},
			"mapping[1].when", "returns string, expected true or false", "compare",
		},
		"forEach is no list": {
			v1alpha1.MappingRule{ForEach: `1 + 1`, Event: eventOf(nil)},
			"mapping[1].forEach", "returns int, expected a list", "body.items",
		},
		"item without forEach": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Name = `item.type` })},
			"mapping[1].event.name", "undeclared reference to 'item'", "forEach",
		},
		"time of a wrong type": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Time = `body.a == 1` })},
			"mapping[1].event.time", "returns bool", "timestamp(",
		},
		"time is a list": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Time = `[1, 2]` })},
			"mapping[1].event.time", "returns list(int)", "timestamp(",
		},
		"id of the time of receipt": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.ID = `body.type + string(now)` })},
			"mapping[1].event.id", "depends on now", "what identifies",
		},
		"identity with a bad name": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Identities["Customer Id"] = `body.x` })},
			"mapping[1].event.identities.Customer Id", "is invalid", "names must match",
		},
		"no name": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Name = "" })},
			"mapping[1].event.name", "needs a name", "Order Completed",
		},
		"amount alone": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Amount = `body.total` })},
			"mapping[1].event.amount", "belong together", "both",
		},
		"neither event nor drop": {
			v1alpha1.MappingRule{When: `true`},
			"mapping[1]", "either creates an event", "exactly one",
		},
		"wrong argument": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Name = `headers["x"] + 1` })},
			"mapping[1].event.name", "found no matching overload", "convert one side",
		},
		"survey without a score": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Survey = &v1alpha1.SurveyMapping{Kind: `"nps"`} })},
			"mapping[1].event.survey", "a kind and a score", "set both",
		},
		"survey without a kind": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Survey = &v1alpha1.SurveyMapping{Score: `9`} })},
			"mapping[1].event.survey", "a kind and a score", "set both",
		},
		"survey score of a wrong type": {
			v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) {
				e.Survey = &v1alpha1.SurveyMapping{Kind: `"nps"`, Score: `now`}
			})},
			"mapping[1].event.survey.score", "expected a number", "double(",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mapping.Compile([]v1alpha1.MappingRule{{Event: eventOf(nil)}, c.rule})
			var errs mapping.Errors
			require.ErrorAs(t, err, &errs)
			require.Len(t, errs, 1, "%v", err)
			require.Equal(t, c.path, errs[0].Path)
			require.Contains(t, errs[0].Message, c.msg)
			require.Contains(t, errs[0].Fix, c.fix)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestCompileGathersAllErrors(t *testing.T) {
	_, err := mapping.Compile([]v1alpha1.MappingRule{
		{When: `nope`, Event: eventOf(func(e *v1alpha1.EventMapping) { e.Name = `also.nope` })},
		{ForEach: `1`, Drop: &v1alpha1.MappingDrop{}},
	})
	var errs mapping.Errors
	require.ErrorAs(t, err, &errs)
	require.Len(t, errs, 3)
	require.True(t, strings.HasSuffix(err.Error(), "(and 2 more)"), err.Error())
}

func TestCompileAcceptsWhatTheDocumentationShows(t *testing.T) {
	p, err := mapping.Compile([]v1alpha1.MappingRule{
		{When: `body.type == "ping"`, Drop: &v1alpha1.MappingDrop{}},
		{
			When: `body.type.startsWith("order.") && headers["x-topic"] != ""`, ForEach: `body.?lines.orValue([])`,
			Event: &v1alpha1.EventMapping{
				Name: `"Order Completed"`, ID: `body.id + "/" + string(item.n)`, Time: `body.?at`, Channel: `query["c"]`,
				Identities: map[string]v1alpha1.CELExpression{"email": `body.customer.email.lowerAscii()`, "customerId": `[item.a, item.b]`},
				Traits:     map[string]v1alpha1.CELExpression{"tier": `body.customer.tier`},
				Properties: map[string]v1alpha1.CELExpression{"all": `item`, "total_eur": `double(item.cents) / 100.0`},
				Amount:     `item.total`, Currency: `"EUR"`,
				Survey: &v1alpha1.SurveyMapping{Kind: `"nps"`, Score: `item.score`, Scale: `10`},
			},
		},
	})
	require.NoError(t, err)
	require.Equal(t, 2, p.Rules())
}
