// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxIdentities is the number of identities of one event. More are a list in the wrong field.
const maxIdentities = 16

// maker fills an event and keeps the first rejection.
type maker struct {
	vars *activation
	err  *reject.Rejection
}

func (r *eventRule) make(vars *activation, place int) Made {
	m := &maker{vars: vars}
	in := vars.input
	e := event.Event{Time: in.Time, TimeSource: in.TimeSource}
	e.Name = m.required(r.name, reject.MissingEventName)
	e.ID = m.id(r.id, place)
	m.time(r.time, &e)
	e.Channel = m.text(r.channel)
	e.Initiator = m.initiator(r.initiator)
	e.SessionID = m.text(r.session)
	e.OrderID = m.text(r.order)
	for _, x := range r.identities {
		m.identities(x, &e)
	}
	e.Traits = m.object(r.traits)
	e.Properties = m.object(r.properties)
	e.Items = m.products(r.products)
	m.money(r, &e)
	m.survey(r, &e)
	return Made{Event: e, Place: place, Rejection: m.err}
}

func (m *maker) fail(r *reject.Rejection) {
	if m.err == nil {
		m.err = r
	}
}

// eval returns nil for a missing value, and after an error.
func (m *maker) eval(x *expression) ref.Val {
	if x == nil || m.err != nil {
		return nil
	}
	v, err := x.eval(m.vars)
	if err != nil {
		m.fail(err)
		return nil
	}
	return v
}

func (m *maker) text(x *expression) string {
	v := m.eval(x)
	if v == nil {
		return ""
	}
	s, ok := value.Text(scalar(v))
	if !ok {
		m.fail(x.wrongType(text))
	}
	return s
}

func (m *maker) required(x *expression, reason string) string {
	s := m.text(x)
	if s == "" {
		m.fail(reject.New(reason, x.path, "the expression returned nothing for this document"))
	}
	return s
}

// id returns the id of the rule. An id that does not use the item would be the same for all events of the document, so their index is added. For an
// empty optional, there is no id: the event then gets one as if the rule had none.
func (m *maker) id(x *expression, place int) string {
	if x == nil {
		return ""
	}
	id := m.text(x)
	switch {
	case m.err != nil:
	case id == "" && !x.isOptional:
		m.fail(reject.New(reject.MissingID, x.path,
			"the expression returned nothing for this document; use an optional, such as body.?id, if some documents have no id"))
	case id != "" && place != NoPlace && !x.usesItem:
		return fmt.Sprintf("%s#%d", id, place)
	}
	return id
}

func (m *maker) time(x *expression, e *event.Event) {
	if x == nil || m.err != nil {
		return
	}
	v, missing, err := x.optional(m.vars)
	switch {
	case err != nil:
		m.fail(err)
	case missing:
		// The rule returns an optional, so there can be no time: the time of receipt is used.
	case v == nil:
		m.fail(reject.New(reject.BadTime, x.path,
			"the expression returned nothing for this document; use an optional, such as body.?at, to fall back to the time of receipt"))
	default:
		t, err := value.Time(scalar(v))
		if err != nil {
			m.fail(reject.New(reject.BadTime, x.path, "the value "+err.Error()))
		}
		e.Time, e.TimeSource = t, event.TimeFromEvent
		if m.ofReceipt(x, t) {
			e.TimeSource = event.TimeFromReceipt
		}
	}
}

// aside is how far now is shifted to test whether a time depends on it: more than a day, so that a time that is truncated to its day also changes.
const aside = 25 * time.Hour

// ofReceipt reports whether the time t depends on the time of receipt, so that it is not a time of the document.
func (m *maker) ofReceipt(x *expression, t int64) bool {
	if !x.usesNow {
		return false
	}
	moved := *m.vars.input
	moved.Now = moved.Now.Add(aside)
	v, err := x.eval(&activation{input: &moved, item: m.vars.item})
	if err != nil || v == nil {
		return true
	}
	again, timeErr := value.Time(scalar(v))
	return timeErr != nil || again != t
}

// optional is eval that distinguishes an empty optional from a missing field.
func (e *expression) optional(vars *activation) (v ref.Val, empty bool, _ *reject.Rejection) {
	v, err := e.eval(vars)
	return v, v == nil && err == nil && e.isOptional, err
}

var initiators = map[string]event.Initiator{"": event.Customer, "customer": event.Customer, "brand": event.Brand, "system": event.Machine}

func (m *maker) initiator(x *expression) event.Initiator {
	i, ok := initiators[m.text(x)]
	if !ok {
		m.fail(reject.New(reject.MappingError, x.path, "the value must be customer, brand or system"))
	}
	return i
}

func (m *maker) identities(x namedExpression, e *event.Event) {
	v := m.eval(x.expression)
	if v == nil {
		return
	}
	values := []ref.Val{v}
	if l, ok := v.(traits.Lister); ok {
		values = values[:0]
		// One more than allowed is read, so that a longer list is refused and not truncated.
		for it := l.Iterator(); it.HasNext() == types.True && len(values) <= maxIdentities; {
			if e := it.Next(); e != types.NullValue {
				values = append(values, e)
			}
		}
	}
	for _, v := range values {
		s, ok := value.Text(scalar(v))
		if !ok {
			m.fail(x.wrongType(identity))
			return
		}
		e.Identities = append(e.Identities, event.Identity{Type: x.name, Value: s})
	}
	if len(e.Identities) > maxIdentities {
		m.fail(reject.New(reject.MappingError, x.path, "the event has more than 16 identities"))
	}
}

// spread is the name of a field whose value is an object with further fields. Other fields of the rule come before those of the same name.
const spread = "*"

func (m *maker) object(fields []namedExpression) json.RawMessage {
	out := make(map[string]any, len(fields))
	left := room(maxObject)
	for _, x := range fields {
		v := m.eval(x.expression)
		if v == nil {
			continue
		}
		n, err := left.native(v, maxDepth)
		if errors.Is(err, errLarge) {
			m.fail(reject.New(reject.FieldTooLong, x.path, err.Error()))
			return nil
		}
		if err != nil {
			m.fail(reject.New(reject.MappingError, x.path, err.Error()))
			return nil
		}
		if x.name != spread {
			out[x.name] = n
		} else if !m.spread(x, n, out) {
			return nil
		}
	}
	if len(out) == 0 {
		return nil
	}
	raw, err := value.Encode(out)
	if err != nil {
		m.fail(reject.New(reject.MappingError, fields[0].path, "the values cannot be written as JSON"))
	}
	return raw
}

// spread adds the fields of an object. Missing values of other fields of the rule do not hide those of the same name.
func (m *maker) spread(x namedExpression, v any, out map[string]any) bool {
	object, ok := v.(map[string]any)
	if !ok {
		m.fail(x.wrongType(outType{name: "an object"}))
		return false
	}
	for name, field := range object {
		if _, set := out[name]; !set && field != nil && fieldName.MatchString(name) {
			out[name] = field
		}
	}
	return true
}

// products returns the list of an order's products, which must be objects.
func (m *maker) products(x *expression) json.RawMessage {
	v := m.eval(x)
	if v == nil {
		return nil
	}
	l, ok := v.(traits.Lister)
	if !ok {
		m.fail(x.wrongType(list))
		return nil
	}
	for it := l.Iterator(); it.HasNext() == types.True; {
		if _, ok := it.Next().(traits.Mapper); !ok {
			m.fail(reject.New(reject.MappingError, x.path, "every product must be an object"))
			return nil
		}
	}
	left := room(maxObject)
	n, err := left.native(v, maxDepth)
	switch {
	case errors.Is(err, errLarge):
		m.fail(reject.New(reject.FieldTooLong, x.path, err.Error()))
		return nil
	case err != nil:
		m.fail(reject.New(reject.MappingError, x.path, err.Error()))
		return nil
	}
	if products, ok := n.([]any); !ok || len(products) == 0 {
		return nil
	}
	raw, err := value.Encode(n)
	if err != nil {
		m.fail(reject.New(reject.MappingError, x.path, "the products cannot be written as JSON"))
	}
	return raw
}

func (m *maker) money(r *eventRule, e *event.Event) {
	v := m.eval(r.amount)
	currency := m.text(r.currency)
	if v == nil || m.err != nil {
		return
	}
	amount, err := value.Micros(scalar(v))
	if err != nil {
		m.fail(reject.New(reject.BadAmount, r.amount.path, "the value "+err.Error()))
		return
	}
	if currency == "" {
		m.fail(reject.New(reject.BadAmount, r.currency.path, "there is an amount but no currency"))
		return
	}
	e.Amount, e.Currency = amount, currency
}

func (m *maker) survey(r *eventRule, e *event.Event) {
	if r.surveyKind == nil {
		return
	}
	score := m.eval(r.surveyScore)
	if score == nil {
		return
	}
	s, err := value.Survey(m.text(r.surveyKind), scalar(score), scalar(m.eval(r.surveyScale)))
	if err != nil {
		m.fail(reject.New(reject.MappingError, r.surveyScore.path, "the value "+err.Error()))
		return
	}
	e.Survey = s
}
