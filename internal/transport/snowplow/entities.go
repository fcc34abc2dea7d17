// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snowplow

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/object"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// shop is what the entities of the e-commerce plugin say about an event.
type shop struct {
	products                                       []json.RawMessage
	transaction, refund, cart, step, promo, failed []byte
	customerID, email                              string
	// currency is that of the products.
	currency string
}

// context reads the entities of the event. Those of the sender's own schemas become properties, by the name of their schema.
func (m *maker) context() {
	own := map[string][]json.RawMessage{}
	for e := range value.Elements(m.entities) {
		vendor, name := schema(e)
		data := value.Lookup(e, "data")
		switch {
		case value.Kind(data) != '{' || name == "":
		case vendor == ecommerce:
			m.shop.take(name, data)
		case name == "client_session":
			m.sessionID, m.sessionUser = value.RawText(value.Lookup(data, "sessionId")), value.RawText(value.Lookup(data, "userId"))
		case name == "mobile_context":
			m.deviceID = value.RawText(value.Lookup(data, "appleIdfv"))
		case name == "web_page":
			m.o.Raw("page_view_id", value.Lookup(data, "id"))
		case !isAutomatic(vendor):
			own[name] = append(own[name], json.RawMessage(data))
		}
	}
	if len(own) == 0 {
		return
	}
	if raw, err := value.Encode(own); err == nil {
		m.o.Raw("entities", raw)
	}
}

func (s *shop) take(name string, data []byte) {
	switch name {
	case "product":
		var o object.Object
		o.Add(data, map[string]string{"id": "product_id"})
		if raw := o.JSON(); raw != nil {
			s.products = append(s.products, raw)
		}
		if s.currency == "" {
			s.currency = value.RawText(value.Lookup(data, "currency"))
		}
	case "transaction":
		s.transaction = data
	case "transaction_error":
		s.failed = data
	case "refund":
		s.refund = data
	case "cart":
		s.cart = data
	case "checkout_step":
		s.step = data
	case "promotion":
		s.promo = data
	case "user":
		s.email = value.RawText(value.Lookup(data, "email"))
		if value.Kind(value.Lookup(data, "is_guest")) != 't' {
			s.customerID = value.RawText(value.Lookup(data, "id"))
		}
	}
}

// action makes the event of an e-commerce action: the entities have its data.
func (m *maker) action(name string, data []byte) *reject.Rejection {
	kind := value.Clean(value.RawText(value.Lookup(data, "type")))
	m.e.Name = or(actions[kind], or(kind, name))
	s := &m.shop
	if kind == "checkout_step" && value.RawText(value.Lookup(s.step, "step")) == "1" {
		m.e.Name = "Checkout Started"
	}
	m.o.Raw("list", value.Lookup(data, "name"))
	m.o.Add(s.refund, map[string]string{"transaction_id": "order_id", "refund_amount": "total"})
	m.o.Add(s.transaction, map[string]string{
		"transaction_id": "order_id", "revenue": "total", "discount_amount": "discount", "discount_code": "coupon",
	})
	m.o.Add(s.cart, map[string]string{"total_value": "cart_value"})
	m.o.Add(s.step, nil)
	m.o.Add(s.promo, map[string]string{"id": "promotion_id", "creative_id": "creative", "slot": "position"})
	m.o.Add(s.failed, nil)
	m.o.Text("currency", s.currency)
	m.o.Raw("products", object.Join(s.products))
	return nil
}
