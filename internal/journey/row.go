// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "github.com/journeyman-dev/journeyman/internal/event"

// Row is one event as a store returns it. The texts have to be valid only during the call that gets the row. Times are microseconds since 1970, UTC.
// Columns that a plan does not need can be empty.
type Row struct {
	// Person is the number of the person in the identity version of the scan.
	Person uint64
	// Unit is the value that is counted, if persons are not; Person is then the number of the unit in the scan.
	Unit string
	// Time, Seq and Index define the order of a person's events.
	Time  int64
	Seq   int64
	Index int32
	// Source, Channel and Name of the event.
	Source  string
	Channel string
	Name    string
	// NameCode and ChannelCode represent Name and Channel, unless they are 0: equal codes mean equal texts until the next Engine.NewCodes.
	NameCode    uint32
	ChannelCode uint32
	// Kind, Initiator and Flags of the event.
	Kind      event.Kind
	Initiator event.Initiator
	Flags     event.Flags
	// ReceivedAt is the time of receipt.
	ReceivedAt int64
	// Traits, Groups and Properties are JSON objects, or empty.
	Traits     string
	Groups     string
	Properties string
	// SessionID and OrderID can be empty.
	SessionID string
	OrderID   string
	// Amount is in micro-units of Currency. There is no amount if Currency is empty.
	Amount   int64
	Currency string
	// SurveyKind, Score and Scale describe an answer, in micro-units. There is no answer if SurveyKind is empty.
	SurveyKind string
	Score      int64
	Scale      int64
}

// ByCustomer reports whether a customer did something. Only these events count for coverage and break a strict order. Identify and alias calls are
// not actions of a customer.
func (r *Row) ByCustomer() bool {
	return r.Kind == event.Track && r.Initiator == event.Customer
}
