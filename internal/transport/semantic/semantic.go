// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package semantic reads the fields to which Segment's specs give a meaning: orders, money, products, survey answers, and the initiator of events
// with well-known names. The built-in mappings of the transports share it.
package semantic

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Names of events with a meaning here.
const (
	SurveyResponded = "Survey Responded"
	ProductReviewed = "Product Reviewed"
)

// byBrand are the events in the specs whose initiator is the brand, not the customer.
var byBrand = map[string]bool{
	"Email Sent": true, "Email Delivered": true, "Email Bounced": true, "SMS Sent": true, "SMS Delivered": true,
	"Push Notification Sent": true, "Push Notification Received": true, "Live Chat Message Received": true,
	"Order Fulfilled": true, "Order Shipped": true, "Support Ticket Solved": true,
}

// InitiatorOf returns the initiator of an event by its name.
func InitiatorOf(name string) event.Initiator {
	if byBrand[name] {
		return event.Brand
	}
	return event.Customer
}

// properties are the raw values that are read.
type properties struct {
	total, revenue, worth, currency, products, survey, kind, score, scale, rating []byte
}

// Describe fills e from its properties, raw valid JSON in the field with that name. The products become the event's items; the rest remains as
// properties. Fields in add are appended if the sender has none with that name.
func Describe(e *event.Event, raw []byte, field string, add []value.Field) *reject.Rejection {
	var p properties
	for k, v := range value.Fields(raw) {
		p.take(e, string(k), v)
	}
	e.Properties = raw
	if value.Kind(p.products) == '[' {
		e.Items = json.RawMessage(p.products)
		e.Properties = value.Rewrite(raw, func(name []byte) bool { return string(name) == "products" }, add)
	} else if len(add) > 0 {
		e.Properties = value.Rewrite(raw, func([]byte) bool { return false }, add)
	}
	if r := p.money(e, field); r != nil {
		return r
	}
	return p.answer(e, field)
}

func (p *properties) take(e *event.Event, name string, v []byte) {
	switch name {
	case "order_id", "orderId":
		e.OrderID = value.RawText(v)
	case "session_id", "sessionId":
		if e.SessionID == "" {
			e.SessionID = value.RawText(v)
		}
	case "total":
		p.total = v
	case "revenue":
		p.revenue = v
	case "value":
		p.worth = v
	case "currency":
		p.currency = v
	case "products":
		p.products = v
	case "survey":
		p.survey = v
	case "kind":
		p.kind = v
	case "score":
		p.score = v
	case "scale":
		p.scale = v
	case "rating":
		p.rating = v
	}
}

// money uses the first of total, revenue and value that is set. Without a currency an amount has no meaning and is left out; the property remains.
func (p *properties) money(e *event.Event, field string) *reject.Rejection {
	currency := value.RawText(p.currency)
	if currency == "" {
		return nil
	}
	for _, c := range []struct {
		name string
		raw  []byte
	}{{"total", p.total}, {"revenue", p.revenue}, {"value", p.worth}} {
		v := value.RawScalar(c.raw)
		if v == nil || v == "" {
			continue
		}
		amount, err := value.Micros(v)
		if err != nil {
			return reject.New(reject.BadAmount, field+"."+c.name, "the value "+err.Error())
		}
		e.Amount, e.Currency = amount, currency
		return nil
	}
	return nil
}

// answer reads a survey answer: the object survey {kind, score, scale} of any event, the same fields of the event Survey Responded, or the rating of a review.
func (p *properties) answer(e *event.Event, field string) *reject.Rejection {
	switch {
	case value.Kind(p.survey) == '{':
		p.kind, p.score, p.scale = value.Lookup(p.survey, "kind"), value.Lookup(p.survey, "score"), value.Lookup(p.survey, "scale")
		field += ".survey"
	case e.Name == ProductReviewed:
		p.kind, p.score = []byte(`"rating"`), p.rating
	case e.Name != SurveyResponded:
		return nil
	}
	kind, score := value.RawText(p.kind), value.RawScalar(p.score)
	if score == nil || !value.HasSurveyKind(kind) {
		return nil
	}
	s, err := value.Survey(kind, score, value.RawScalar(p.scale))
	if err != nil {
		return reject.New(reject.MappingError, field+".score", "the value "+err.Error())
	}
	e.Survey = s
	return nil
}
