// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// CELExpression is an expression in the Common Expression Language over body, headers, query and now. For cloudEvents, body is
// the event in its structured form: body.type, body.subject, body.data; for the protocols of SDKs, one message or event. Transports that read also have
// message: where the document comes from. For kafka, it has topic, partition, offset, timestamp and key;
// for nats, stream, subject, sequence and timestamp; for amqp, queue, exchange, routingKey, id, type, app, redelivered and timestamp; for mqtt, topic, id, qos and duplicate;
// for sql, table, version and key, a list of texts.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
type CELExpression string

// MappingRule turns one received document into events.
//
// +kubebuilder:validation:XValidation:rule="has(self.drop) != has(self.event)",message="set exactly one of event and drop: a rule either creates an event or drops the document"
// +kubebuilder:validation:XValidation:rule="!has(self.drop) || !has(self.forEach)",message="forEach needs event: drop always drops the whole document"
type MappingRule struct {
	// when is a CEL expression of type bool. The rule applies if it is true. Default: always. Example: body.type == "order.paid"
	// +optional
	When CELExpression `json:"when,omitempty"`

	// forEach is a CEL expression of type list. The rule makes one event of each element. The other expressions call the element "item".
	// +optional
	ForEach CELExpression `json:"forEach,omitempty"`

	// drop discards the document. It is counted as dropped, not as rejected.
	// +optional
	Drop *MappingDrop `json:"drop,omitempty"`

	// event has the expressions for the fields of the event.
	// +optional
	Event *EventMapping `json:"event,omitempty"`
}

// MappingDrop has no settings.
type MappingDrop struct{}

// EventMapping computes the fields of an event by CEL expressions.
//
// +kubebuilder:validation:XValidation:rule="has(self.amount) == has(self.currency)",message="amount and currency belong together: set both or neither"
type EventMapping struct {
	// name of the event, text. Example: '"Order Completed"' or 'body.type'
	// +required
	Name CELExpression `json:"name,omitempty"`

	// id of the event, text. Events with the same id count once. An id that does not depend on item is made unique by the index in forEach. Default, and when an
	// optional such as body.?id is empty: that of the message, event or CloudEvent; else, if the event has a time of its own, a hash of the document,
	// so that only exact repeats are recognised; else a new id for each receipt.
	// +optional
	ID CELExpression `json:"id,omitempty"`

	// time of the event: a timestamp, RFC 3339 text, or a number of seconds since 1970. Default: the time of receipt.
	// +optional
	Time CELExpression `json:"time,omitempty"`

	// channel of the event, text. Default: the source's channel.
	// +optional
	Channel CELExpression `json:"channel,omitempty"`

	// initiator of the event: "customer" (default), "brand" or "system".
	// +optional
	Initiator CELExpression `json:"initiator,omitempty"`

	// identities by type, each a text or a number. Missing, empty and placeholder values are ignored. At least one must remain, unless the source
	// keeps unidentified events. Without this field, the events have no identities.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(t, size(t) <= 32)",message="identities have types of at most 32 characters, such as customerId, email or anonymousId"
	Identities map[string]CELExpression `json:"identities,omitempty"`

	// traits of the person by name. The name * adds all fields of an object; other traits of the rule replace those of the same name.
	// +optional
	// +kubebuilder:validation:MaxProperties=32
	Traits map[string]CELExpression `json:"traits,omitempty"`

	// properties of the event by name. The name * adds all fields of an object; other properties of the rule replace those of the same name.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	Properties map[string]CELExpression `json:"properties,omitempty"`

	// sessionId of the visit, text.
	// +optional
	SessionID CELExpression `json:"sessionId,omitempty"`

	// orderId of the order that the event is about, text.
	// +optional
	OrderID CELExpression `json:"orderId,omitempty"`

	// amount of money: a number, or a decimal number as text.
	// +optional
	Amount CELExpression `json:"amount,omitempty"`

	// currency of the amount, ISO 4217. Example: '"EUR"'
	// +optional
	Currency CELExpression `json:"currency,omitempty"`

	// products of the event: a list of objects with fields such as product_id, sku, name, price and quantity.
	// +optional
	Products CELExpression `json:"products,omitempty"`

	// survey answer of the event.
	// +optional
	Survey *SurveyMapping `json:"survey,omitempty"`
}

// SurveyMapping computes a survey answer.
type SurveyMapping struct {
	// kind of the question: "nps", "csat", "ces" or "rating", text.
	// +required
	Kind CELExpression `json:"kind,omitempty"`

	// score given, a number.
	// +required
	Score CELExpression `json:"score,omitempty"`

	// scale is the highest score possible, a number. Default: 10 for nps, 5 for csat and rating, 7 for ces.
	// +optional
	Scale CELExpression `json:"scale,omitempty"`
}
