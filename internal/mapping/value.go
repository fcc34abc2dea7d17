// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"github.com/google/cel-go/common/types"

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
	room := room(maxObject)
	out, err := room.native(got, maxDepth)
	if err != nil {
		return nil, reject.New(reject.MappingError, v.e.path, err.Error())
	}
	return out, nil
}
