// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

func TestConditions(t *testing.T) {
	row := journey.Row{
		Name: "Order Completed", Channel: "web", Source: "shop", OrderID: "o1", Amount: 12_500_000, Currency: "EUR",
		SurveyKind: "nps", Score: 9_000_000,
		Properties: `{"n":1,"f":1.50,"s":"Ünï \"x\"","b":true,"z":null,"o":{"in":{"side":"x"},"a.b":2},"a.b.c":"whole","list":[1, 2],"e":"","p":"/blog/2026/a.html","big":123456789012345678901}`,
		Traits:     `{"tier":"gold"}`, Groups: `{"company":"acme"}`,
	}
	for _, c := range []struct {
		key    string
		op     journey.Operator
		values []string
		want   bool
	}{
		{"properties.n", journey.In, []string{"0", "1"}, true},
		{"properties.n", journey.In, []string{"2"}, false},
		{"properties.f", journey.In, []string{"1.50"}, true},
		{"properties.s", journey.In, []string{`Ünï "x"`}, true},
		{"properties.s", journey.Contains, []string{"ÜNÏ"}, true},
		{"properties.s", journey.StartsWith, []string{"Ü"}, true},
		{"properties.s", journey.StartsWith, []string{"ü"}, false},
		{"properties.b", journey.In, []string{"true"}, true},
		{"properties.z", journey.Exists, nil, false},
		{"properties.z", journey.NotIn, []string{"x"}, true},
		{"properties.e", journey.Exists, nil, true},
		{"properties.o.in.side", journey.In, []string{"x"}, true},
		{"properties.o.a.b", journey.In, []string{"2"}, true},
		{"properties.a.b.c", journey.In, []string{"whole"}, true},
		{"properties.o.in.none", journey.DoesNotExist, nil, true},
		{"properties.n.deeper", journey.DoesNotExist, nil, true},
		{"properties.list", journey.Contains, []string{"1, 2"}, true},
		{"properties.missing", journey.NotIn, []string{"x"}, true},
		{"properties.missing", journey.In, []string{""}, false},
		{"properties.f", journey.GreaterThan, []string{"1.4999"}, true},
		{"properties.f", journey.GreaterThan, []string{"1.5"}, false},
		{"properties.f", journey.LessThan, []string{"1.5000001"}, true},
		{"properties.s", journey.LessThan, []string{"5"}, false},
		{"properties.big", journey.GreaterThan, []string{"123456789012345678900"}, true},
		{"properties.big", journey.GreaterThan, []string{"123456789012345678901"}, false},
		{"properties.f", journey.GreaterOrEqual, []string{"1.5"}, true},
		{"properties.f", journey.GreaterOrEqual, []string{"1.500001"}, false},
		{"properties.f", journey.LessOrEqual, []string{"1.50"}, true},
		{"properties.f", journey.LessOrEqual, []string{"1.4"}, false},
		{"properties.s", journey.GreaterOrEqual, []string{"0"}, false},
		{"properties.s", journey.NotContains, []string{"ÜNÏ"}, false},
		{"properties.s", journey.NotContains, []string{"y", "z"}, true},
		{"properties.missing", journey.NotContains, []string{"x"}, true},
		{"properties.a.b.c", journey.MatchesRegex, []string{"^x", "h.l"}, true},
		{"properties.a.b.c", journey.MatchesRegex, []string{"^h"}, false},
		{"properties.missing", journey.MatchesRegex, []string{".*"}, false},
		{"properties.p", journey.MatchesWildcard, []string{"/blog/*"}, false},
		{"properties.p", journey.MatchesWildcard, []string{"/blog/**"}, true},
		{"properties.p", journey.MatchesWildcard, []string{"/*/2026/*.html"}, true},
		{"properties.p", journey.MatchesWildcard, []string{"**a.html"}, true},
		{"properties.p", journey.MatchesWildcard, []string{"blog", "/blog"}, false},
		{"properties.p", journey.MatchesWildcard, []string{"/blog/2026/axhtml"}, false},
		{"traits.tier", journey.In, []string{"gold"}, true},
		{"groups.company", journey.In, []string{"acme"}, true},
		{"event", journey.In, []string{"Order Completed"}, true},
		{"channel", journey.NotIn, []string{"store"}, true},
		{"source", journey.StartsWith, []string{"sh"}, true},
		{"sessionId", journey.Exists, nil, false},
		{"orderId", journey.Exists, nil, true},
		{"currency", journey.In, []string{"EUR"}, true},
		{"amount", journey.In, []string{"12.5"}, true},
		{"amount", journey.GreaterThan, []string{"12.499999"}, true},
		{"survey.kind", journey.In, []string{"nps"}, true},
		{"survey.score", journey.LessThan, []string{"9.5"}, true},
	} {
		list, err := Compile([]journey.Condition{{Key: c.key, Operator: c.op, Values: c.values}}, "where")
		require.NoError(t, err)
		known := NewKnown(0)
		known.Add(&row, false)
		v := NewValues(known, nil, nil)
		v.Reset(&row)
		require.Equal(t, c.want, list.AllHold(v), "%s %s %q", c.key, c.op, c.values)
		require.Equal(t, c.want, list.AnyHolds(v))
	}
}

func TestInvalidConditions(t *testing.T) {
	for want, c := range map[string]journey.Condition{
		`where[0]: there is no key "foo"`:                                               {Key: "foo", Operator: journey.Exists},
		`where[0]: there is no key "properties."`:                                       {Key: "properties.", Operator: journey.Exists},
		`where[0]: there is no operator "Like"`:                                         {Key: "event", Operator: "Like", Values: []string{"x"}},
		`where[0]: operator In needs a value`:                                           {Key: "event", Operator: journey.In},
		`where[0]: operator GreaterThan takes exactly one value`:                        {Key: "amount", Operator: journey.GreaterThan, Values: []string{"1", "2"}},
		`where[0]: operator LessThan: "1e9_9" is not a number`:                          {Key: "amount", Operator: journey.LessThan, Values: []string{"1e9_9"}},
		"where[0]: operator MatchesRegex: error parsing regexp: missing closing ): `(`": {Key: "amount", Operator: journey.MatchesRegex, Values: []string{"("}},
		`where[0]: operator MatchesWildcard needs a value`:                              {Key: "amount", Operator: journey.MatchesWildcard},
		`where[0]: operator LessThan: "0x10" is not a number`:                           {Key: "amount", Operator: journey.LessThan, Values: []string{"0x10"}},
	} {
		_, err := Compile([]journey.Condition{c}, "where")
		require.EqualError(t, err, want)
	}
}

// Several conditions on one row parse its JSON once. A new row is parsed again.
func TestJSONIsParsedOncePerRow(t *testing.T) {
	v := NewValues(NewKnown(0), nil, nil)
	v.Reset(&journey.Row{Properties: `{"a":1}`})
	require.False(t, v.properties.parsed, "nobody asked yet")
	_, ok := v.Get(Key{field: fieldProperties, path: "a"})
	require.True(t, ok)
	v.properties.raw = `{"a":2}`
	text, _ := v.Get(Key{field: fieldProperties, path: "a"})
	require.Equal(t, "1", text)
	v.Reset(&journey.Row{Properties: `{"b":2}`})
	_, ok = v.Get(Key{field: fieldProperties, path: "a"})
	require.False(t, ok, "values of the row before are gone")
}

// FuzzConditions: no text from senders makes an operator panic, a missing value satisfies only NotIn, NotContains and DoesNotExist, and only valid
// JSON has values.
func FuzzConditions(f *testing.F) {
	f.Add(`{"a":{"b":1}}`, "a.b", "1")
	f.Add(`{"a.b":"\u00e9\ud800"}`, "a.b", "é")
	f.Add(`[1]`, ".", "")
	f.Add(`{"a":1e400}`, "a", "1e400")
	f.Add(`{"a":`, "a", "x")
	f.Fuzz(func(t *testing.T, properties, path, value string) {
		v := NewValues(NewKnown(0), nil, nil)
		v.Reset(&journey.Row{Properties: properties})
		_, ok := v.Get(Key{field: fieldProperties, path: path})
		if ok && !json.Valid([]byte(properties)) {
			t.Fatalf("a value in text that is not JSON: %q", properties)
		}
		for _, op := range []journey.Operator{journey.In, journey.NotIn, journey.Exists, journey.DoesNotExist, journey.GreaterThan, journey.LessThan, journey.Contains, journey.StartsWith,
			journey.GreaterOrEqual, journey.LessOrEqual, journey.NotContains, journey.MatchesRegex, journey.MatchesWildcard,
		} {
			c, err := compileCondition(journey.Condition{Key: "properties." + path, Operator: op, Values: []string{value}})
			if err != nil {
				continue
			}
			holds := Conditions{c}.AllHold(v)
			if !ok && holds != (op == journey.NotIn || op == journey.NotContains || op == journey.DoesNotExist) {
				t.Fatalf("%s on a missing value gives %v", op, holds)
			}
		}
	})
}
