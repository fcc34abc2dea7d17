// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// operators maps the operators of cases to those of the API.
var operators = map[string]v1alpha1.ConditionOperator{
	"eq": v1alpha1.In, "ne": v1alpha1.NotIn, "is_set": v1alpha1.Exists, "is_not_set": v1alpha1.DoesNotExist,
	"contains": v1alpha1.Contains, "not_contains": v1alpha1.NotContains, "gt": v1alpha1.GreaterThan, "lt": v1alpha1.LessThan,
	"ge": v1alpha1.GreaterOrEqual, "le": v1alpha1.LessOrEqual, "regex": v1alpha1.MatchesRegex, "wildcard": v1alpha1.MatchesWildcard,
}

// matches returns the alternatives of a condition on events, each with the filters of all levels above it.
func (s *Step) matches() ([]v1alpha1.EventMatch, error) {
	var out []v1alpha1.EventMatch
	for i := range s.AnyOf {
		a := s.AnyOf[i]
		a.Filters = append(append([]Filter(nil), a.Filters...), s.Filters...)
		matches, err := a.matches()
		if err != nil {
			return nil, err
		}
		out = append(out, matches...)
	}
	if len(s.AnyOf) > 0 {
		return out, nil
	}
	sets, err := alternativesOf(s.Filters)
	if err != nil {
		return nil, err
	}
	for _, where := range sets {
		m := v1alpha1.EventMatch{Where: where}
		if s.Event != nil {
			m.Event = *s.Event
		}
		out = append(out, m)
	}
	return out, nil
}

// alternativesOf returns the disjunctive normal form of filters that must all be true: sets of conditions, one of which must be true as a whole.
func alternativesOf(filters []Filter) ([][]v1alpha1.EventCondition, error) {
	out := [][]v1alpha1.EventCondition{nil}
	for _, f := range filters {
		var own [][]v1alpha1.EventCondition
		switch {
		case f.AllOf != nil:
			sets, err := alternativesOf(f.AllOf)
			if err != nil {
				return nil, err
			}
			own = sets
		case f.AnyOf != nil:
			for _, g := range f.AnyOf {
				sets, err := alternativesOf([]Filter{g})
				if err != nil {
					return nil, err
				}
				own = append(own, sets...)
			}
		default:
			c, err := f.condition()
			if err != nil {
				return nil, err
			}
			own = [][]v1alpha1.EventCondition{{c}}
		}
		out = product(out, own)
	}
	return out, nil
}

// clausesOf returns the conjunctive normal form of filters that must all be true, as filters of the API.
func clausesOf(filters []Filter) ([]v1alpha1.EventFilter, error) {
	var out []v1alpha1.EventFilter
	for _, f := range filters {
		switch {
		case f.AllOf != nil:
			inner, err := clausesOf(f.AllOf)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
		case f.AnyOf != nil:
			sets := [][]v1alpha1.EventCondition{nil}
			for _, g := range f.AnyOf {
				inner, err := clausesOf([]Filter{g})
				if err != nil {
					return nil, err
				}
				var own [][]v1alpha1.EventCondition
				for _, c := range inner {
					own = append(own, c.AnyOf)
				}
				sets = product(sets, own)
			}
			for _, s := range sets {
				out = append(out, v1alpha1.EventFilter{AnyOf: s})
			}
		default:
			c, err := f.condition()
			if err != nil {
				return nil, err
			}
			out = append(out, v1alpha1.EventFilter{AnyOf: []v1alpha1.EventCondition{c}})
		}
	}
	return out, nil
}

// product combines every set of one list with every set of the other.
func product(a, b [][]v1alpha1.EventCondition) [][]v1alpha1.EventCondition {
	var out [][]v1alpha1.EventCondition
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(append([]v1alpha1.EventCondition(nil), x...), y...))
		}
	}
	return out
}

// condition converts a single condition to the API.
func (f *Filter) condition() (v1alpha1.EventCondition, error) {
	op, ok := operators[f.Op]
	if !ok {
		return v1alpha1.EventCondition{}, errors.New("operator " + f.Op)
	}
	c := v1alpha1.EventCondition{Key: keyOf(f.Scope, f.Key), Operator: op}
	if op == v1alpha1.Exists || op == v1alpha1.DoesNotExist {
		return c, nil
	}
	switch v := f.Value.(type) {
	case nil:
		// equal to null means that the value is missing
		c.Operator = map[v1alpha1.ConditionOperator]v1alpha1.ConditionOperator{v1alpha1.In: v1alpha1.DoesNotExist, v1alpha1.NotIn: v1alpha1.Exists}[op]
	case []any:
		for _, x := range v {
			c.Values = append(c.Values, textOf(x))
		}
	default:
		c.Values = []string{textOf(v)}
	}
	return c, nil
}

// textOf returns a JSON value as text: strings unchanged, other values as JSON.
func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the value came from JSON
	}
	return string(b)
}

// keyOf returns the key of the API for a key in a scope: a property of the event, of the person, or of the group of a type.
func keyOf(scope, key string) string {
	if scope == "person" {
		return "traits." + key
	}
	if group, ok := strings.CutPrefix(scope, "group:"); ok {
		return "groups." + group + "." + key
	}
	return "properties." + key
}
