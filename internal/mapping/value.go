// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// Kind is what an expression of its own has to return.
type Kind int

const (
	// Condition is true or false.
	Condition Kind = iota
	// Text is a text or a number.
	Text
	// Texts is a list of texts and numbers.
	Texts
)

var kinds = map[Kind]outType{Condition: boolean, Text: text, Texts: list}

// Value is a compiled expression for something else than a field of an event, with the same variables and limits. It is safe for concurrent use.
type Value struct{ e *expression }

// CompileValue compiles an expression on the document. path is named in errors, which are of type Errors.
func CompileValue(path string, source v1alpha1.CELExpression, kind Kind) (*Value, error) {
	c := &compiler{}
	e := c.expression(documentEnv, path, source, kinds[kind])
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	return &Value{e}, nil
}

// Holds evaluates a Condition. What is missing makes it false.
func (v *Value) Holds(in *Input) (bool, *reject.Rejection) {
	r := rule{when: v.e}
	return r.holds(&activation{input: in})
}

// Get evaluates an expression, and returns its value in the form of value.Decode; nil if it is missing.
func (v *Value) Get(in *Input) (any, *reject.Rejection) {
	got, rejection := v.e.eval(&activation{input: in})
	if rejection != nil || got == nil || got == types.NullValue {
		return nil, rejection
	}
	out, err := written(got)
	if err != nil {
		return nil, reject.New(reject.MappingError, v.e.path, err.Error())
	}
	return out, nil
}

// Value evaluates the expression with that path on a document, so that a tool can show what a rule failed on. place is that of the event. It returns
// false if no rule has the expression, if it fails, or if its value cannot be written as JSON. If it fails, inputs are the parts of the document that
// it uses.
func (p *Program) Value(path string, in *Input, place int) (v any, ok bool, inputs map[string]any) {
	for i := range p.rules {
		r := &p.rules[i]
		x := r.find(path)
		if x == nil {
			continue
		}
		vars := &activation{input: in}
		env := documentEnv
		if x != r.when && x != r.forEach && r.forEach != nil {
			env = itemEnv
			if !r.choose(vars, place) {
				return nil, false, nil
			}
		}
		if v, rejection := x.eval(vars); rejection == nil {
			native, err := written(v)
			return native, err == nil, nil
		}
		return nil, false, x.inputs(env, vars)
	}
	return nil, false, nil
}

// written returns a value in the forms of value.Decode.
func written(v ref.Val) (any, error) {
	if v == nil {
		return nil, nil
	}
	left := room(maxObject)
	return left.native(v, maxDepth)
}

// part matches what an expression uses of a document.
var part = regexp.MustCompile(`\b(body|item|headers|query|message)(\.\??[A-Za-z_][A-Za-z0-9_]*\b|\[\??("[^"]*"|[0-9]+)\])+`)

// inputs evaluates the parts of the document in the expression. Calls of functions, such as body.name.trim(), are no parts.
func (e *expression) inputs(env *cel.Env, vars *activation) map[string]any {
	out := map[string]any{}
	for _, at := range part.FindAllStringIndex(e.source, -1) {
		text := e.source[at[0]:at[1]]
		if strings.HasPrefix(e.source[at[1]:], "(") {
			text = text[:strings.LastIndexByte(text, '.')]
		}
		x := (&compiler{}).expression(env, e.path, v1alpha1.CELExpression(text), anything)
		if x == nil {
			continue
		}
		v, rejection := x.eval(vars)
		native, err := written(v)
		if rejection == nil && err == nil && text != varBody && text != varItem {
			out[text] = native
		}
	}
	return out
}

// choose sets the item of an event.
func (r *rule) choose(vars *activation, place int) bool {
	if r.forEach == nil {
		return true
	}
	v, rejection := r.forEach.eval(vars)
	items, ok := v.(traits.Lister)
	if rejection != nil || !ok || place < 0 || place >= int(items.Size().(types.Int)) {
		return false
	}
	vars.item = items.Get(types.Int(place))
	return true
}

// find returns the expression with that path, or nil.
func (r *rule) find(path string) *expression {
	e := &r.event
	all := []*expression{
		r.when, r.forEach, e.name, e.id, e.time, e.channel, e.initiator, e.session, e.order, e.amount, e.currency, e.products,
		e.surveyKind, e.surveyScore, e.surveyScale,
	}
	for _, x := range slices.Concat(e.identities, e.traits, e.properties) {
		all = append(all, x.expression)
	}
	for _, x := range all {
		if x != nil && x.path == path {
			return x
		}
	}
	return nil
}
