// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package event defines the event: one thing that happened between a customer and the brand, online or
// offline; its keys, and its form as an Arrow record. Everything else in the project is about events
// in the words of this package.
package event

import "encoding/json"

// Kind says what an event does to the customer's record.
type Kind uint8

const (
	// Track is a thing that happened.
	Track Kind = iota
	// Identify states identities and traits of a person.
	Identify
	// Alias says that two identities are one person; the only way to join two customerIds.
	Alias
	// System is a record about the system, not about a customer.
	System
)

// Initiator is who made the event happen.
type Initiator uint8

const (
	// Customer did something: only these are "customer events" for coverage and strict order.
	Customer Initiator = iota
	// Brand did something to the customer, such as sending an e-mail.
	Brand
	// Machine made the event, such as a nightly import.
	Machine
)

// TimeSource says which clock an event's time came from.
type TimeSource uint8

const (
	// TimeFromEvent is the time that the sender gave for the event.
	TimeFromEvent TimeSource = iota
	// TimeFromSent is the sender's time, corrected by the difference of the clocks at sending.
	TimeFromSent
	// TimeFromReceipt is the time of receipt, because the sender gave none.
	TimeFromReceipt
)

// Flags mark events that analysis leaves out, or counts for nobody.
type Flags uint8

const (
	// FlagTest marks an event that the sender called a test.
	FlagTest Flags = 1 << iota
	// FlagBot marks an event of a robot.
	FlagBot
	// FlagFuture marks an event more than MaxAhead ahead of its receipt.
	FlagFuture
	// FlagOwn marks an event that ingestion made by itself, such as one that joins the two hashes of an identifier while the pepper is
	// rotated. What it joins is no claim of the sender.
	FlagOwn
	// FlagUnidentified marks an event that came without any identity and is kept all the same. It is of no person, so it counts where events
	// do and never where customers do. Ingestion sets it; what an erasure takes its identities from is removed, not marked.
	FlagUnidentified
)

// MaxAhead is how far the time of an event may lie ahead of its receipt, in microseconds: five minutes.
const MaxAhead int64 = 5 * 60 * 1_000_000

// MicroUnits is the number of money's micro-units in one unit of a currency.
const MicroUnits int64 = 1_000_000

// Identity is a typed identifier of a person.
type Identity struct {
	// Type is the kind of the identifier: customerId, loyaltyId, email, phone, deviceId, anonymousId, or another.
	Type string `json:"type"`
	// Value is the identifier, normalised, and hashed where the privacy policy says so.
	Value string `json:"value"`
}

// Survey is an answer to a survey's question. The zero value is no answer.
type Survey struct {
	// Kind of the question: nps, csat, ces or rating; empty for no answer.
	Kind string `json:"kind,omitempty"`
	// Score given, in micro-units, so that sums are exact.
	Score int64 `json:"score,omitempty"`
	// Scale is the highest possible score, in micro-units.
	Scale int64 `json:"scale,omitempty"`
}

// Refunded is the name of the events that take money back, as in Segment's specs.
const Refunded = "Order Refunded"

// NormalizeAmount returns a refund its one sign. Senders write what was paid back as 30 or as -30; it lowers the revenue either way.
func (e *Event) NormalizeAmount() {
	if e.Name == Refunded {
		e.Amount = max(e.Amount, -e.Amount, -(e.Amount + 1)) // The smallest number has no opposite: its neighbour has.
	}
}

// Event is one thing that happened. All times are microseconds since 1970, UTC.
type Event struct {
	// ID given by the sender, or made from the content; unique within the source.
	ID string
	// Source is the name of the TouchpointSource.
	Source string
	// Channel where it happened.
	Channel string
	// Kind of the event.
	Kind Kind
	// Initiator of the event.
	Initiator Initiator
	// Name of the event, as in Segment's specs: "Order Completed".
	Name string
	// Time when it happened.
	Time int64
	// TimeSource is the clock that Time came from.
	TimeSource TimeSource
	// ReceivedAt is when it was received.
	ReceivedAt int64
	// Identities of the person, strongest first (Normalize sorts them), no two alike. None only with FlagUnidentified.
	Identities []Identity
	// Traits of the person, a JSON object, or nil.
	Traits json.RawMessage
	// Groups that the person belongs to by type, a JSON object of texts, or nil.
	Groups json.RawMessage
	// SessionID of the visit, if known.
	SessionID string
	// OrderID of the order, if the event is about one.
	OrderID string
	// Items of the order, a JSON array, or nil.
	Items json.RawMessage
	// Amount of money in micro-units of Currency; meaningful only when Currency is not empty. Refunds are positive here.
	Amount int64
	// Currency of Amount, ISO 4217; empty when there is no amount.
	Currency string
	// Survey answer.
	Survey Survey
	// Properties of the event, a JSON object, or nil.
	Properties json.RawMessage
	// Flags that keep it out of analysis.
	Flags Flags
	// MappingGeneration is the generation of the source whose mapping made the event.
	MappingGeneration int64
}
