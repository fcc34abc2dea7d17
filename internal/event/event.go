// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package event defines the event: one thing that happened between a customer and the brand, online or offline. It also defines keys of events, and
// their form as an Arrow record. The rest of the project uses its terms.
package event

import "encoding/json"

// Kind is what an event records.
type Kind uint8

const (
	// Track is an action.
	Track Kind = iota
	// Identify states identities and traits of a person.
	Identify
	// Alias states that two identities are one person. It is the only way to join two customerIds.
	Alias
	// System is a record about the system, not about a customer.
	System
)

// Initiator is who caused the event.
type Initiator uint8

const (
	// Customer is an action of a customer. Only these count for coverage and in a strict order.
	Customer Initiator = iota
	// Brand is an action of the brand, such as sending an e-mail.
	Brand
	// Machine is an automatic action, such as a nightly import.
	Machine
)

// TimeSource is the origin of an event's time.
type TimeSource uint8

const (
	// TimeFromEvent is the time that the sender gave for the event.
	TimeFromEvent TimeSource = iota
	// TimeFromSent is the sender's time, corrected by the difference of the clocks at the time of sending.
	TimeFromSent
	// TimeFromReceipt is the time of receipt, because the sender sent no time.
	TimeFromReceipt
)

// Flags mark events that analysis leaves out, or does not count for a person.
type Flags uint8

const (
	// FlagTest marks an event that the sender marked as a test.
	FlagTest Flags = 1 << iota
	// FlagBot marks an event of a robot.
	FlagBot
	// FlagFuture marks an event whose time is more than MaxAhead after its receipt.
	FlagFuture
	// FlagOwn marks an event that ingestion created, such as one that joins the two hashes of an identifier during a rotation of the pepper. Its links
	// are trusted.
	FlagOwn
	// FlagUnidentified marks an event without any identity that is kept. It belongs to no person, so it counts where events are counted, and never where
	// customers are. Ingestion sets it. An event that loses its identities by an erasure is removed instead.
	FlagUnidentified
)

// MaxAhead is how long after its receipt the time of an event can be, in microseconds: five minutes.
const MaxAhead int64 = 5 * 60 * 1_000_000

// MicroUnits is the number of micro-units in one unit of a currency.
const MicroUnits int64 = 1_000_000

// Identity is a typed identifier of a person.
type Identity struct {
	// Type is the kind of the identifier: customerId, loyaltyId, email, phone, deviceId, anonymousId, or another.
	Type string `json:"type"`
	// Value is the identifier, normalised, and hashed if the privacy policy requires it.
	Value string `json:"value"`
}

// Survey is an answer to a survey question. The zero value means no answer.
type Survey struct {
	// Kind of the question: nps, csat, ces or rating; empty for no answer.
	Kind string `json:"kind,omitempty"`
	// Score given, in micro-units, so that sums are exact.
	Score int64 `json:"score,omitempty"`
	// Scale is the highest possible score, in micro-units.
	Scale int64 `json:"scale,omitempty"`
}

// Refunded is the name of refund events, as in Segment's specs.
const Refunded = "Order Refunded"

// NormalizeAmount makes the amount of a refund positive. Senders write a refund as 30 or as -30; it reduces revenue either way.
func (e *Event) NormalizeAmount() {
	if e.Name == Refunded {
		e.Amount = max(e.Amount, -e.Amount, -(e.Amount + 1)) // The smallest number has no positive counterpart; its neighbour has.
	}
}

// Event is one event. All times are microseconds since 1970, UTC.
type Event struct {
	// ID of the sender, or derived from the content. It is unique within the source.
	ID string
	// Source is the name of the TouchpointSource.
	Source string
	// Channel of the event.
	Channel string
	// Kind of the event.
	Kind Kind
	// Initiator of the event.
	Initiator Initiator
	// Name of the event, as in Segment's specs: "Order Completed".
	Name string
	// Time of the event.
	Time int64
	// TimeSource is the origin of Time.
	TimeSource TimeSource
	// ReceivedAt is the time of receipt.
	ReceivedAt int64
	// Identities of the person, without repeats, strongest first (Normalize sorts them). None only with FlagUnidentified.
	Identities []Identity
	// Traits of the person as a JSON object, or nil.
	Traits json.RawMessage
	// Groups of the person by type, as a JSON object of texts, or nil.
	Groups json.RawMessage
	// SessionID of the visit, if known.
	SessionID string
	// OrderID of the order, if the event is about one.
	OrderID string
	// Items of the order as a JSON array, or nil.
	Items json.RawMessage
	// Amount in micro-units of Currency. It is meaningful only if Currency is not empty. Refunds are positive.
	Amount int64
	// Currency of Amount, ISO 4217; empty if there is no amount.
	Currency string
	// Survey answer.
	Survey Survey
	// Properties of the event as a JSON object, or nil.
	Properties json.RawMessage
	// Flags that exclude it from analysis, or from persons.
	Flags Flags
	// MappingGeneration is the generation of the source whose mapping created the event.
	MappingGeneration int64
}
