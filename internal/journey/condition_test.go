// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConditions(t *testing.T) {
	row := Row{
		Name: "Order Completed", Channel: "web", Source: "shop", OrderID: "o1", Amount: 12_500_000, Currency: "EUR",
		SurveyKind: "nps", Score: 9_000_000,
		Properties: `{"n":1,"f":1.50,"s":"Ünï \"x\"","b":true,"z":null,"o":{"in":{"side":"x"},"a.b":2},"a.b.c":"whole","list":[1, 2],"e":"","p":"/blog/2026/a.html","big":123456789012345678901}`,
		Traits:     `{"tier":"gold"}`, Groups: `{"company":"acme"}`,
	}
	for _, c := range []struct {
		key    string
		op     Operator
		values []string
		want   bool
	}{
		{"properties.n", In, []string{"0", "1"}, true},
		{"properties.n", In, []string{"2"}, false},
		{"properties.f", In, []string{"1.50"}, true},
		{"properties.s", In, []string{`Ünï "x"`}, true},
		{"properties.s", Contains, []string{"ÜNÏ"}, true},
		{"properties.s", StartsWith, []string{"Ü"}, true},
		{"properties.s", StartsWith, []string{"ü"}, false},
		{"properties.b", In, []string{"true"}, true},
		{"properties.z", Exists, nil, false},
		{"properties.z", NotIn, []string{"x"}, true},
		{"properties.e", Exists, nil, true},
		{"properties.o.in.side", In, []string{"x"}, true},
		{"properties.o.a.b", In, []string{"2"}, true},
		{"properties.a.b.c", In, []string{"whole"}, true},
		{"properties.o.in.none", DoesNotExist, nil, true},
		{"properties.n.deeper", DoesNotExist, nil, true},
		{"properties.list", Contains, []string{"1, 2"}, true},
		{"properties.missing", NotIn, []string{"x"}, true},
		{"properties.missing", In, []string{""}, false},
		{"properties.f", GreaterThan, []string{"1.4999"}, true},
		{"properties.f", GreaterThan, []string{"1.5"}, false},
		{"properties.f", LessThan, []string{"1.5000001"}, true},
		{"properties.s", LessThan, []string{"5"}, false},
		{"properties.big", GreaterThan, []string{"123456789012345678900"}, true},
		{"properties.big", GreaterThan, []string{"123456789012345678901"}, false},
		{"properties.f", GreaterOrEqual, []string{"1.5"}, true},
		{"properties.f", GreaterOrEqual, []string{"1.500001"}, false},
		{"properties.f", LessOrEqual, []string{"1.50"}, true},
		{"properties.f", LessOrEqual, []string{"1.4"}, false},
		{"properties.s", GreaterOrEqual, []string{"0"}, false},
		{"properties.s", NotContains, []string{"ÜNÏ"}, false},
		{"properties.s", NotContains, []string{"y", "z"}, true},
		{"properties.missing", NotContains, []string{"x"}, true},
		{"properties.a.b.c", MatchesRegex, []string{"^x", "h.l"}, true},
		{"properties.a.b.c", MatchesRegex, []string{"^h"}, false},
		{"properties.missing", MatchesRegex, []string{".*"}, false},
		{"properties.p", MatchesWildcard, []string{"/blog/*"}, false},
		{"properties.p", MatchesWildcard, []string{"/blog/**"}, true},
		{"properties.p", MatchesWildcard, []string{"/*/2026/*.html"}, true},
		{"properties.p", MatchesWildcard, []string{"**a.html"}, true},
		{"properties.p", MatchesWildcard, []string{"blog", "/blog"}, false},
		{"properties.p", MatchesWildcard, []string{"/blog/2026/axhtml"}, false},
		{"traits.tier", In, []string{"gold"}, true},
		{"groups.company", In, []string{"acme"}, true},
		{"event", In, []string{"Order Completed"}, true},
		{"channel", NotIn, []string{"store"}, true},
		{"source", StartsWith, []string{"sh"}, true},
		{"sessionId", Exists, nil, false},
		{"orderId", Exists, nil, true},
		{"currency", In, []string{"EUR"}, true},
		{"amount", In, []string{"12.5"}, true},
		{"amount", GreaterThan, []string{"12.499999"}, true},
		{"survey.kind", In, []string{"nps"}, true},
		{"survey.score", LessThan, []string{"9.5"}, true},
	} {
		list, err := compile([]Condition{{Key: c.key, Operator: c.op, Values: c.values}}, "where")
		require.NoError(t, err)
		known := newKnown(0)
		known.Add(&row, false)
		v := NewValues(known, nil, nil)
		v.Reset(&row)
		require.Equal(t, c.want, list.allHold(v), "%s %s %q", c.key, c.op, c.values)
		require.Equal(t, c.want, list.anyHolds(v))
	}
}

func TestConditionsThatAreWrong(t *testing.T) {
	for want, c := range map[string]Condition{
		`where[0]: there is no key "foo"`:                                               {Key: "foo", Operator: Exists},
		`where[0]: there is no key "properties."`:                                       {Key: "properties.", Operator: Exists},
		`where[0]: there is no operator "Like"`:                                         {Key: "event", Operator: "Like", Values: []string{"x"}},
		`where[0]: operator In needs a value`:                                           {Key: "event", Operator: In},
		`where[0]: operator GreaterThan takes exactly one value`:                        {Key: "amount", Operator: GreaterThan, Values: []string{"1", "2"}},
		`where[0]: operator LessThan: "1e9_9" is not a number`:                          {Key: "amount", Operator: LessThan, Values: []string{"1e9_9"}},
		"where[0]: operator MatchesRegex: error parsing regexp: missing closing ): `(`": {Key: "amount", Operator: MatchesRegex, Values: []string{"("}},
		`where[0]: operator MatchesWildcard needs a value`:                              {Key: "amount", Operator: MatchesWildcard},
		`where[0]: operator LessThan: "0x10" is not a number`:                           {Key: "amount", Operator: LessThan, Values: []string{"0x10"}},
	} {
		_, err := compile([]Condition{c}, "where")
		require.EqualError(t, err, want)
	}
}

// TestJSONIsParsedOncePerRow looks at the parsed form: a second look does not parse again, a new row does.
func TestJSONIsParsedOncePerRow(t *testing.T) {
	v := NewValues(newKnown(0), nil, nil)
	v.Reset(&Row{Properties: `{"a":1}`})
	require.False(t, v.properties.parsed, "nobody asked yet")
	_, ok := v.Get(Key{field: fieldProperties, path: "a"})
	require.True(t, ok)
	v.properties.raw = `{"a":2}`
	text, _ := v.Get(Key{field: fieldProperties, path: "a"})
	require.Equal(t, "1", text)
	v.Reset(&Row{Properties: `{"b":2}`})
	_, ok = v.Get(Key{field: fieldProperties, path: "a"})
	require.False(t, ok, "values of the row before are gone")
}

// FuzzConditions feeds strangers' texts into every operator: nothing may panic, a missing value satisfies NotIn, NotContains
// and DoesNotExist alone, and a value is found in valid JSON alone.
func FuzzConditions(f *testing.F) {
	f.Add(`{"a":{"b":1}}`, "a.b", "1")
	f.Add(`{"a.b":"\u00e9\ud800"}`, "a.b", "é")
	f.Add(`[1]`, ".", "")
	f.Add(`{"a":1e400}`, "a", "1e400")
	f.Add(`{"a":`, "a", "x")
	f.Fuzz(func(t *testing.T, properties, path, value string) {
		v := NewValues(newKnown(0), nil, nil)
		v.Reset(&Row{Properties: properties})
		_, ok := v.Get(Key{field: fieldProperties, path: path})
		if ok && !json.Valid([]byte(properties)) {
			t.Fatalf("a value in text that is not JSON: %q", properties)
		}
		for _, op := range []Operator{In, NotIn, Exists, DoesNotExist, GreaterThan, LessThan, Contains, StartsWith,
			GreaterOrEqual, LessOrEqual, NotContains, MatchesRegex, MatchesWildcard,
		} {
			c, err := compileCondition(Condition{Key: "properties." + path, Operator: op, Values: []string{value}})
			if err != nil {
				continue
			}
			holds := conditions{c}.allHold(v)
			if !ok && holds != (op == NotIn || op == NotContains || op == DoesNotExist) {
				t.Fatalf("%s on a missing value gives %v", op, holds)
			}
		}
	})
}
