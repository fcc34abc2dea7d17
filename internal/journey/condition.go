// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// condition is a compiled Condition.
type condition struct {
	key    Key
	op     Operator
	values []string        // lower-cased for Contains and NotContains
	number number.Rational // for GreaterThan, LessThan and their like
	forms  []*regexp.Regexp
}

// conditions are compiled ones.
type conditions []condition

// compile compiles a list; path says where it stands in the spec, for errors.
func compile(list []Condition, path string) (conditions, error) {
	out := make(conditions, 0, len(list))
	for i, c := range list {
		compiled, err := compileCondition(c)
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", path, i, err)
		}
		out = append(out, compiled)
	}
	return out, nil
}

func compileCondition(c Condition) (condition, error) {
	k, err := ParseKey(c.Key)
	if err != nil {
		return condition{}, err
	}
	out := condition{key: k, op: c.Operator, values: slices.Clone(c.Values)}
	switch c.Operator {
	case In, NotIn, StartsWith:
	case MatchesRegex, MatchesWildcard:
		if out.forms, err = compileForms(c.Operator, c.Values); err != nil {
			return out, err
		}
	case Contains, NotContains:
		for i, v := range out.values {
			out.values[i] = strings.ToLower(v)
		}
	case Exists, DoesNotExist:
		return out, nil
	case GreaterThan, LessThan, GreaterOrEqual, LessOrEqual:
		if len(c.Values) != 1 {
			return out, fmt.Errorf("operator %s takes exactly one value", c.Operator)
		}
		n, ok := number.Parse(c.Values[0])
		if !ok {
			return out, fmt.Errorf("operator %s: %q is not a number", c.Operator, c.Values[0])
		}
		out.number = n
	default:
		return out, fmt.Errorf("there is no operator %q", c.Operator)
	}
	if len(c.Values) == 0 {
		return out, fmt.Errorf("operator %s needs a value", c.Operator)
	}
	return out, nil
}

// holds tests a value; ok says that there is one. A missing value satisfies NotIn, NotContains and DoesNotExist only.
func (c *condition) holds(value string, ok bool) bool {
	switch c.op {
	case Exists:
		return ok
	case DoesNotExist:
		return !ok
	case NotIn:
		return !ok || !slices.Contains(c.values, value)
	case NotContains:
		return !ok || !c.contained(value)
	}
	if !ok {
		return false
	}
	switch c.op {
	case In:
		return slices.Contains(c.values, value)
	case Contains:
		return c.contained(value)
	case StartsWith:
		return slices.ContainsFunc(c.values, func(v string) bool { return strings.HasPrefix(value, v) })
	case MatchesRegex, MatchesWildcard:
		return slices.ContainsFunc(c.forms, func(form *regexp.Regexp) bool { return form.MatchString(value) })
	}
	return c.compares(value)
}

// contained says whether the value contains one of the texts, regardless of case.
func (c *condition) contained(value string) bool {
	lower := strings.ToLower(value)
	return slices.ContainsFunc(c.values, func(v string) bool { return strings.Contains(lower, v) })
}

// compares tests a value as a number; what is none never passes.
func (c *condition) compares(value string) bool {
	n, ok := number.Parse(value)
	if !ok {
		return false
	}
	switch sign := n.Compare(c.number); c.op {
	case GreaterThan:
		return sign > 0
	case GreaterOrEqual:
		return sign >= 0
	case LessOrEqual:
		return sign <= 0
	default:
		return sign < 0
	}
}

// filters are clauses, in each of which some condition has to hold.
type filters []conditions

// compileFilters compiles clauses; path says where they stand in the spec.
func compileFilters(list []Clause, path string) (filters, error) {
	if len(list) > MaxFilters {
		return nil, fmt.Errorf("%s: at most %d filters", path, MaxFilters)
	}
	out := make(filters, 0, len(list))
	for i, c := range list {
		compiled, err := compile(c.AnyOf, fmt.Sprintf("%s[%d].anyOf", path, i))
		if err != nil {
			return nil, err
		}
		out = append(out, compiled)
	}
	return out, nil
}

// pass tests whether in every clause some condition holds.
func (f filters) pass(v *Values) bool {
	for _, clause := range f {
		if !clause.anyHolds(v) {
			return false
		}
	}
	return true
}

// allHold tests all conditions on one event.
func (c conditions) allHold(v *Values) bool {
	for i := range c {
		if value, ok := v.Get(c[i].key); !c[i].holds(value, ok) {
			return false
		}
	}
	return true
}

// anyHolds says whether one of the conditions holds on the event.
func (c conditions) anyHolds(v *Values) bool {
	for i := range c {
		if value, ok := v.Get(c[i].key); c[i].holds(value, ok) {
			return true
		}
	}
	return false
}

// ofClass tells whether the conditions look at nothing but what the rows of a class have in common: event, channel and source.
func (c conditions) ofClass() bool {
	return !slices.ContainsFunc(c, func(c condition) bool {
		return c.key.field != fieldEvent && c.key.field != fieldChannel && c.key.field != fieldSource
	})
}
