// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// RequestBudget is the total cost of mapping one request; about half a second in the worst case.
const RequestBudget = 5_000_000

// Budget is the remaining cost of a request. It is not safe for concurrent use.
type Budget struct{ left int64 }

// NewBudget returns the budget of one request.
func NewBudget() *Budget { return &Budget{left: RequestBudget} }

// Input is one received document.
type Input struct {
	// Body is the document, in the form of value.Decode.
	Body any
	// Headers of the request by lower-case name, and its Query. Neither contains credentials.
	Headers, Query map[string]string
	// Message returns where a document that was fetched comes from; it can be nil, and is called if an expression needs it.
	Message func() map[string]any
	// Now is the time of receipt.
	Now time.Time
	// Time (microseconds) and TimeSource are used if the rule sets none.
	Time       int64
	TimeSource event.TimeSource
	// Budget of the request.
	Budget *Budget
	// MaxEvents is the number of events that the document can create.
	MaxEvents int
}

// NoPlace is the place of an event that is the only one of its document.
const NoPlace = -1

// Made is one event that a rule created, or why it could not.
type Made struct {
	// Event as returned by the expressions: identities are not normalised, and lengths are not checked. It has no id if the rule sets none.
	Event event.Event
	// Place is the index of the event among those of forEach, from 0; NoPlace without forEach.
	Place int
	// Rejection is nil if there is an event.
	Rejection *reject.Rejection
}

// Outcome of a document. The zero value means that no rule matched it.
type Outcome struct {
	// Matched is set if a rule matched the document, or failed on it. Rule is the path of that rule.
	Matched bool
	Rule    string
	// Dropped is set if the rule drops it.
	Dropped bool
	// Events that were created, or could not be created; 0 if the document was dropped, or if forEach returned an empty list.
	Events int
	// Made are the events of Map.
	Made []Made
}

// Map is Each for few events: it collects them.
func (p *Program) Map(in *Input) Outcome {
	var made []Made
	o := p.Each(in, func(m *Made) bool {
		made = append(made, *m)
		return true
	})
	o.Made = made
	return o
}

// Each applies the first rule whose "when" holds, and calls yield for each event, one by one, so that only one has to be in memory. It ends if yield
// returns false. A missing field makes a "when" false.
func (p *Program) Each(in *Input, yield func(*Made) bool) Outcome {
	vars := &activation{input: in}
	for i := range p.rules {
		r := &p.rules[i]
		holds, err := r.holds(vars)
		if err != nil {
			return r.refused(err, yield)
		}
		if !holds {
			continue
		}
		if r.drop {
			return Outcome{Matched: true, Rule: r.path, Dropped: true}
		}
		return r.apply(vars, yield)
	}
	return Outcome{}
}

func (r *rule) refused(why *reject.Rejection, yield func(*Made) bool) Outcome {
	yield(&Made{Rejection: why, Place: NoPlace})
	return Outcome{Matched: true, Rule: r.path, Events: 1}
}

func (r *rule) holds(vars *activation) (bool, *reject.Rejection) {
	if r.when == nil {
		return true, nil
	}
	v, err := r.when.eval(vars)
	if err != nil {
		return false, err
	}
	if v == nil {
		return false, nil
	}
	b, ok := v.(types.Bool)
	if !ok {
		return false, r.when.wrongType(boolean)
	}
	return bool(b), nil
}

func (r *rule) apply(vars *activation, yield func(*Made) bool) Outcome {
	if r.forEach == nil {
		made := r.event.make(vars, NoPlace)
		yield(&made)
		return Outcome{Matched: true, Rule: r.path, Events: 1}
	}
	v, err := r.forEach.eval(vars)
	if err != nil {
		return r.refused(err, yield)
	}
	items, ok := v.(traits.Lister)
	if !ok {
		return r.refused(r.forEach.wrongType(list), yield)
	}
	n := int(items.Size().(types.Int))
	if n > vars.input.MaxEvents {
		return r.refused(reject.New(reject.TooManyEvents, r.forEach.path, fmt.Sprintf("gives more than %d events", vars.input.MaxEvents)), yield)
	}
	for i := range n {
		vars.item = items.Get(types.Int(i))
		made := r.event.make(vars, i)
		if !yield(&made) {
			break
		}
	}
	return Outcome{Matched: true, Rule: r.path, Events: n}
}

// activation provides the variables of expressions.
type activation struct {
	input *Input
	item  ref.Val
	// message is nil until an expression needs it.
	message map[string]any
}

// ResolveName implements cel.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case varBody:
		return a.input.Body, true
	case varHeaders:
		return a.input.Headers, true
	case varQuery:
		return a.input.Query, true
	case varNow:
		return a.input.Now, true
	case varMessage:
		if a.message == nil && a.input.Message != nil {
			a.message = a.input.Message()
		}
		return a.message, true
	case varItem:
		return a.item, a.item != nil
	}
	return nil, false
}

// Parent implements cel.Activation.
func (a *activation) Parent() cel.Activation { return nil }

// eval returns the value, or nil if it is missing: a field or element that does not exist, null, or an empty optional.
func (e *expression) eval(vars *activation) (ref.Val, *reject.Rejection) {
	budget := vars.input.Budget
	if budget.left <= 0 {
		return nil, reject.New(reject.MappingError, e.path, "the rules cost too much for this request: simplify them, or send smaller requests")
	}
	v, details, err := e.program.Eval(vars)
	if details != nil && details.ActualCost() != nil {
		budget.left -= int64(*details.ActualCost()) // at most a little more than CostLimit
	}
	if err != nil {
		if missing(err) {
			return nil, nil
		}
		return nil, reject.New(reject.MappingError, e.path, explain(err))
	}
	if o, ok := v.(*types.Optional); ok {
		if !o.HasValue() {
			return nil, nil
		}
		v = o.GetValue()
	}
	if v == types.NullValue {
		return nil, nil
	}
	return v, nil
}

func (e *expression) wrongType(want outType) *reject.Rejection {
	return reject.New(reject.MappingError, e.path, "the expression did not return "+want.name)
}

// missing reports whether an error means that a value is missing. CEL has no type for such errors, so it uses the text; a test pins it to the version in use.
func missing(err error) bool {
	s := err.Error()
	return strings.HasPrefix(s, "no such key") || strings.HasPrefix(s, "index out of bounds")
}

// explain describes an error without the values that CEL can include.
func explain(err error) string {
	s := err.Error()
	var own *functionError
	if errors.As(err, &own) {
		return own.Error()
	}
	for _, known := range []string{"no such overload", "division by zero", "integer overflow", "type conversion error"} {
		if strings.HasPrefix(s, known) {
			return "the expression failed: " + known + ", so a value has another type or range than the rule expects"
		}
	}
	if strings.Contains(s, "cost limit exceeded") {
		return "the expression costs too much for this document"
	}
	return "the expression failed on this document"
}
