// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

func order(products, amount v1alpha1.CELExpression) v1alpha1.MappingRule {
	return v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `"Order Completed"`, ID: `"1"`, Identities: exprs{"customerId": `"c"`}, Products: products, Amount: amount, Currency: `body.c`,
	}}
}

func TestProductsOfAnOrder(t *testing.T) {
	rule := order(`body.items.map(i, {"sku": i.sku, ?"name": i.?title})`, `1`)
	for document, want := range map[string]string{
		`{"c":"EUR","items":[{"sku":"A","title":"Tee"},{"sku":"B"}]}`: `[{"sku":"A","name":"Tee"},{"sku":"B"}]`,
		`{"c":"EUR","items":[]}`: "",
		`{"c":"EUR"}`:            "",
	} {
		made := run(t, document, rule).Made[0]
		require.Nil(t, made.Rejection, document)
		if want == "" {
			require.Empty(t, made.Event.Items, document)
			continue
		}
		require.JSONEq(t, want, string(made.Event.Items))
	}
	for document, reason := range map[string]string{
		`{"c":"EUR","items":[1]}`:   reject.MappingError,
		`{"c":"EUR","items":"one"}`: reject.MappingError,
		`{"c":"EUR","items":[{"a":"` + strings.Repeat("x", 40<<10) + `"}]}`: reject.FieldTooLong,
	} {
		made := run(t, document, order(`body.items`, `1`)).Made[0]
		require.NotNil(t, made.Rejection, reason)
		require.Equal(t, reason, made.Rejection.Reason, reason)
	}
	_, err := mapping.Compile([]v1alpha1.MappingRule{order(`"Tee"`, `1`)})
	require.ErrorContains(t, err, "mapping[0].event.products")
}

func TestMinorUnits(t *testing.T) {
	rule := order("", `minorUnits(body.n, body.c)`)
	for document, want := range map[string]int64{
		`{"n":12990,"c":"eur"}`: 129_900_000, `{"n":"500","c":"JPY"}`: 500_000_000, `{"n":1234,"c":"KWD"}`: 1_234_000, `{"n":-5,"c":"EUR"}`: -50_000,
	} {
		made := run(t, document, rule).Made[0]
		require.Nil(t, made.Rejection, document)
		require.Equal(t, want, made.Event.Amount, document)
	}
	made := run(t, `{"n":"12.5","c":"EUR"}`, rule).Made[0]
	require.Equal(t, reject.MappingError, made.Rejection.Reason)
	require.Contains(t, made.Rejection.Message, "minorUnits failed")
	require.NotContains(t, made.Rejection.Message, "12.5")
}

func TestSum(t *testing.T) {
	rule := order("", `sum(body.n)`)
	rule.Event.Currency = `"EUR"`
	for document, want := range map[string]int64{
		`{"n":["9.90",5,"0.000001",-0.5]}`: 14_400_001, `{"n":[]}`: 0, `{"n":["-1.5","-2"]}`: -3_500_000, `{"n":[0.1,0.2]}`: 300_000,
		`{"n":["-0.25"]}`: -250_000, `{"n":[9223372036854.775807]}`: 9_223_372_036_854_775_807,
	} {
		made := run(t, document, rule).Made[0]
		require.Nil(t, made.Rejection, document)
		require.Equal(t, want, made.Event.Amount, document)
	}
	for _, document := range []string{`{"n":["nine"]}`, `{"n":["9223372036854","1"]}`, `{"n":["-9223372036854","-1"]}`, `{"n":[{}]}`, `{"n":"9"}`} {
		made := run(t, document, rule).Made[0]
		require.NotNil(t, made.Rejection, document)
		require.Equal(t, reject.MappingError, made.Rejection.Reason, document)
		require.NotContains(t, made.Rejection.Message, "9223372036854")
	}
}

func TestRulesOfAPresetHaveItsPaths(t *testing.T) {
	rules := []v1alpha1.MappingRule{order("", `body.(`), order("", `body.(`)}
	_, err := mapping.Compile(rules, "preset[x].rules[y]")
	var wrong mapping.Errors
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "mapping[0].event.amount", wrong[0].Path)
	require.Equal(t, "preset[x].rules[y].event.amount", wrong[1].Path)
	_, err = mapping.Compile(rules, "a", "b", "c")
	require.Error(t, err)
}
