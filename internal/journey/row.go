// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "github.com/journeyman-dev/journeyman/internal/event"

// Row is one event as a store gives it. The texts need to be valid during the call that takes the row only.
// Times are microseconds since 1970, UTC. Columns that a plan does not need may be left empty.
type Row struct {
	// Person is the number of the person in the identity version of the scan.
	Person uint64
	// Unit is the text of what is counted, when that is not the person; Person is then the unit's number in the scan.
	Unit string
	// Time, Seq and Index are the order of a person's events.
	Time  int64
	Seq   int64
	Index int32
	// Source, Channel and Name of the event.
	Source  string
	Channel string
	Name    string
	// NameCode and ChannelCode stand for Name and Channel, if they are not 0: equal codes are equal texts until Engine.NewCodes.
	NameCode    uint32
	ChannelCode uint32
	// Kind, Initiator and Flags of the event.
	Kind      event.Kind
	Initiator event.Initiator
	Flags     event.Flags
	// ReceivedAt is when it was received.
	ReceivedAt int64
	// Traits, Groups and Properties are JSON objects; empty for none.
	Traits     string
	Groups     string
	Properties string
	// SessionID and OrderID, empty for none.
	SessionID string
	OrderID   string
	// Amount in micro-units of Currency; there is none when Currency is empty.
	Amount   int64
	Currency string
	// SurveyKind, Score and Scale of an answer, in micro-units; there is none when SurveyKind is empty.
	SurveyKind string
	Score      int64
	Scale      int64
}

// ByCustomer reports whether a customer did something: only these count for coverage and break a strict
// order. Identify and alias calls are book-keeping, not things that happened.
func (r *Row) ByCustomer() bool {
	return r.Kind == event.Track && r.Initiator == event.Customer
}
