// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"fmt"
	"time"
)

// Kind of an event.
type Kind uint8

const (
	// Track is an action.
	Track Kind = iota
	// Identify states the identity of somebody.
	Identify
)

// Stages of the sample map, in order. They are tags: what the simulator decided, not what a program found.
const (
	Awareness = iota
	Consideration
	Intent
	Purchase
	Loyalty
	stageCount
)

// NoStage is the stage of events that no touchpoint of the sample map matches.
const NoStage = -1

// StageNames in the order of the sample map.
var StageNames = [stageCount]string{"awareness", "consideration", "intent", "purchase", "loyalty"}

// Identities of an event; empty ones are not sent.
type Identities struct {
	CustomerID, LoyaltyID, Email, Phone, DeviceID, AnonymousID string
}

// Property of an event.
type Property struct {
	Key   string
	Value any
}

// Event is one event of the world, with the decisions behind it.
type Event struct {
	// ID is unique in the source.
	ID     string
	Source Source
	Kind   Kind
	Name   string
	// Time is the true time of the event, in whole milliseconds, because the senders' formats have that resolution.
	Time time.Time
	// Delay is the time until it is first sent: for phones without a network, and tills that report in the evening.
	Delay time.Duration
	// Brand events are actions of the shop, not of the customer.
	Brand      bool
	Identities Identities
	// Placeholder is what a careless sender writes instead of the account of an unknown customer. It is not an identity.
	Placeholder string
	// Segment is the trait in the event, or empty.
	Segment    string
	Properties []Property
	OrderID    string
	// Cents of Currency; there is no amount if Currency is empty.
	Cents    int64
	Currency string
	// Score of a survey answer.
	Score int
	// Place is the shop of the till.
	Place string
	// Skewed events come from a device whose clock is off by Skew, which can be zero. The receiver has to correct their time, so that it is known only
	// up to the duration of the sending.
	Skewed bool
	Skew   time.Duration
	// Replayed events were kept and sent again later. They still contain the time at which they were first sent. Their own time is right.
	Replayed bool

	// Stage that the event enters in the sample map, or NoStage.
	Stage int
	// Ignored events are ignored by the sample map's coverage.
	Ignored bool
	// Robot and Test events are excluded by the sample store. Future events are ahead of their receipt.
	Robot, Test, Future bool

	who     string
	via     *link
	public  bool
	address string
}

// Money formats cents as units with two decimals.
func Money(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// Who returns the person as the store can see them once it has received everything that happened up to an instant. Everything that links had revealed
// by then is one person; an unlinked device or card is another.
func (e *Event) Who(known time.Time) string {
	if e.via == nil || e.via.at.IsZero() || e.via.at.After(known) {
		return e.who
	}
	return e.via.owner
}

// Address returns the e-mail address of the customer in an event of the site, for senders that learn it later.
func (e *Event) Address() string { return e.address }

// Public reports whether nobody in particular did it: a receipt without a name at a till, or a trial of the staff. Such events are counted over all
// households together.
func (e *Event) Public() bool { return e.public }

// link is the owner of a device or card, and the time from which events reveal it.
type link struct {
	at    time.Time
	owner string
}

// tell records that an event at t named the person. The earliest one counts: a browser that two customers share belongs to the one who logged in first.
func (l *link) tell(key string, t time.Time) {
	if l.at.IsZero() || t.Before(l.at) {
		l.at, l.owner = t, key
	}
}
