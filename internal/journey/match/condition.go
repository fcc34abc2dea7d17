// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// condition is a compiled Condition.
type condition struct {
	key    Key
	op     journey.Operator
	values []string        // lower-cased for Contains and NotContains
	number number.Rational // for GreaterThan, LessThan and the like
	forms  []*regexp.Regexp
}

// Conditions is a list of compiled conditions.
type Conditions []condition

// Compile compiles a list of conditions. path is the place of the list in the spec, for errors.
func Compile(list []journey.Condition, path string) (Conditions, error) {
	out := make(Conditions, 0, len(list))
	for i, c := range list {
		compiled, err := compileCondition(c)
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", path, i, err)
		}
		out = append(out, compiled)
	}
	return out, nil
}

func compileCondition(c journey.Condition) (condition, error) {
	k, err := ParseKey(c.Key)
	if err != nil {
		return condition{}, err
	}
	out := condition{key: k, op: c.Operator, values: slices.Clone(c.Values)}
	switch c.Operator {
	case journey.In, journey.NotIn, journey.StartsWith:
	case journey.MatchesRegex, journey.MatchesWildcard:
		if out.forms, err = compileForms(c.Operator, c.Values); err != nil {
			return out, err
		}
	case journey.Contains, journey.NotContains:
		for i, v := range out.values {
			out.values[i] = strings.ToLower(v)
		}
	case journey.Exists, journey.DoesNotExist:
		return out, nil
	case journey.GreaterThan, journey.LessThan, journey.GreaterOrEqual, journey.LessOrEqual:
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

// holds tests a value; ok is false if there is none. A missing value satisfies only NotIn, NotContains and DoesNotExist.
func (c *condition) holds(value string, ok bool) bool {
	switch c.op {
	case journey.Exists:
		return ok
	case journey.DoesNotExist:
		return !ok
	case journey.NotIn:
		return !ok || !slices.Contains(c.values, value)
	case journey.NotContains:
		return !ok || !c.contained(value)
	}
	if !ok {
		return false
	}
	switch c.op {
	case journey.In:
		return slices.Contains(c.values, value)
	case journey.Contains:
		return c.contained(value)
	case journey.StartsWith:
		return slices.ContainsFunc(c.values, func(v string) bool { return strings.HasPrefix(value, v) })
	case journey.MatchesRegex, journey.MatchesWildcard:
		return slices.ContainsFunc(c.forms, func(form *regexp.Regexp) bool { return form.MatchString(value) })
	}
	return c.compares(value)
}

// contained reports whether the value contains one of the texts, ignoring case.
func (c *condition) contained(value string) bool {
	lower := strings.ToLower(value)
	return slices.ContainsFunc(c.values, func(v string) bool { return strings.Contains(lower, v) })
}

// compares compares a value as a number. A value that is not a number never passes.
func (c *condition) compares(value string) bool {
	n, ok := number.Parse(value)
	if !ok {
		return false
	}
	switch sign := n.Compare(c.number); c.op {
	case journey.GreaterThan:
		return sign > 0
	case journey.GreaterOrEqual:
		return sign >= 0
	case journey.LessOrEqual:
		return sign <= 0
	default:
		return sign < 0
	}
}

// Filters is a list of clauses. In each of them, at least one condition has to hold.
type Filters []Conditions

// CompileFilters compiles clauses. path is their place in the spec, for errors.
func CompileFilters(list []journey.Clause, path string) (Filters, error) {
	if len(list) > journey.MaxFilters {
		return nil, fmt.Errorf("%s: at most %d filters", path, journey.MaxFilters)
	}
	out := make(Filters, 0, len(list))
	for i, c := range list {
		compiled, err := Compile(c.AnyOf, fmt.Sprintf("%s[%d].anyOf", path, i))
		if err != nil {
			return nil, err
		}
		out = append(out, compiled)
	}
	return out, nil
}

// Pass reports whether at least one condition holds in every clause.
func (f Filters) Pass(v *Values) bool {
	for _, clause := range f {
		if !clause.AnyHolds(v) {
			return false
		}
	}
	return true
}

// AllHold reports whether all conditions hold for an event.
func (c Conditions) AllHold(v *Values) bool {
	for i := range c {
		if value, ok := v.Get(c[i].key); !c[i].holds(value, ok) {
			return false
		}
	}
	return true
}

// AnyHolds reports whether at least one condition holds for an event.
func (c Conditions) AnyHolds(v *Values) bool {
	for i := range c {
		if value, ok := v.Get(c[i].key); c[i].holds(value, ok) {
			return true
		}
	}
	return false
}

// ofClass reports whether the conditions use only what all rows of a class have in common: event, channel and source.
func (c Conditions) ofClass() bool {
	return !slices.ContainsFunc(c, func(c condition) bool {
		return c.key.field != fieldEvent && c.key.field != fieldChannel && c.key.field != fieldSource
	})
}
