// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mapping converts received documents to events by the CEL rules of a TouchpointSource. The operator compiles rules to find invalid ones, and
// the ingestion pods to use them. Expressions cannot access files, the network or the clock, and their cost is limited.
package mapping

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/google/cel-go/cel"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Program is a compiled mapping. It is safe for concurrent use.
type Program struct {
	rules []rule
}

// rule is a compiled MappingRule.
type rule struct {
	path          string
	when, forEach *expression
	drop          bool
	event         eventRule
}

// eventRule is a compiled EventMapping. Fields that are not set are nil.
type eventRule struct {
	name, id, time, channel, initiator, session, order, amount, currency, products *expression

	identities, traits, properties []namedExpression

	surveyKind, surveyScore, surveyScale *expression
}

// namedExpression computes one entry of a map.
type namedExpression struct {
	name string
	*expression
}

// Compile compiles the rules of a source's spec. paths are those of the last rules, which come from a preset. The error is of type Errors, with a path
// for each error.
func Compile(rules []v1alpha1.MappingRule, paths ...string) (*Program, error) {
	c := &compiler{}
	p := &Program{rules: make([]rule, len(rules))}
	own := len(rules) - len(paths)
	if own < 0 {
		return nil, fmt.Errorf("%d rules have %d paths", len(rules), len(paths))
	}
	for i := range rules {
		path := fmt.Sprintf("mapping[%d]", i)
		if i >= own {
			path = paths[i-own]
		}
		p.rules[i] = c.rule(path, &rules[i])
	}
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	return p, nil
}

// Rules returns the number of rules.
func (p *Program) Rules() int { return len(p.rules) }

// compiler collects the errors of all fields, so that users see all of them at once.
type compiler struct {
	errs Errors
}

func (c *compiler) fail(path, expression, message, fix string) {
	c.errs = append(c.errs, &Error{Path: path, Expression: expression, Message: message, Fix: fix})
}

func (c *compiler) rule(path string, r *v1alpha1.MappingRule) rule {
	env := documentEnv
	out := rule{
		path:    path,
		when:    c.expression(env, path+".when", r.When, boolean),
		forEach: c.expression(env, path+".forEach", r.ForEach, list),
		drop:    r.Drop != nil,
	}
	if out.drop == (r.Event != nil) {
		c.fail(path, "", "a rule either creates an event or drops the document", "set exactly one of event and drop")
		return out
	}
	if out.drop {
		return out
	}
	if r.ForEach != "" {
		env = itemEnv
	}
	out.event = c.event(env, path+".event", r.Event)
	return out
}

func (c *compiler) event(env *cel.Env, path string, m *v1alpha1.EventMapping) eventRule {
	e := eventRule{
		name:       c.expression(env, path+".name", m.Name, text),
		id:         c.id(env, path+".id", m.ID),
		time:       c.expression(env, path+".time", m.Time, instant),
		channel:    c.expression(env, path+".channel", m.Channel, text),
		initiator:  c.expression(env, path+".initiator", m.Initiator, text),
		session:    c.expression(env, path+".sessionId", m.SessionID, text),
		order:      c.expression(env, path+".orderId", m.OrderID, text),
		amount:     c.expression(env, path+".amount", m.Amount, amount),
		currency:   c.expression(env, path+".currency", m.Currency, text),
		products:   c.expression(env, path+".products", m.Products, list),
		identities: c.named(env, path+".identities", m.Identities, identity, identityName),
		traits:     c.named(env, path+".traits", m.Traits, anything, fieldName),
		properties: c.named(env, path+".properties", m.Properties, anything, fieldName),
	}
	if m.Name == "" {
		c.fail(path+".name", "", "an event needs a name", `set an expression, for example '"Order Completed"'`)
	}
	if (m.Amount == "") != (m.Currency == "") {
		c.fail(path+".amount", "", "amount and currency belong together", "set both, or none")
	}
	if s := m.Survey; s != nil {
		e.surveyKind = c.expression(env, path+".survey.kind", s.Kind, text)
		e.surveyScore = c.expression(env, path+".survey.score", s.Score, amount)
		e.surveyScale = c.expression(env, path+".survey.scale", s.Scale, amount)
		if s.Kind == "" || s.Score == "" {
			c.fail(path+".survey", "", "a survey answer has a kind and a score", "set both")
		}
	}
	return e
}

// id must not depend on the time of receipt, because a redelivered document would become another event.
func (c *compiler) id(env *cel.Env, path string, source v1alpha1.CELExpression) *expression {
	e := c.expression(env, path, source, text)
	if e != nil && e.usesNow {
		c.fail(path, string(source), "an id that depends on now differs with each delivery", "use what identifies the event in the document")
	}
	return e
}

var (
	identityName = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{0,31}$`)
	fieldName    = regexp.MustCompile(`^[^\s[:cntrl:]]{1,128}$`)
)

func (c *compiler) named(env *cel.Env, path string, m map[string]v1alpha1.CELExpression, t outType, allowed *regexp.Regexp) []namedExpression {
	var out []namedExpression
	for _, name := range slices.Sorted(maps.Keys(m)) {
		at := path + "." + name
		if !allowed.MatchString(name) {
			c.fail(at, "", "this name is invalid", "names must match "+allowed.String())
			continue
		}
		if m[name] == "" {
			c.fail(at, "", "the expression is empty", "set one, or remove the field")
			continue
		}
		out = append(out, namedExpression{name: name, expression: c.expression(env, at, m[name], t)})
	}
	return out
}
