// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import "time"

// Source is one of the systems that send events. Its name is that of the TouchpointSource in config/samples.
type Source string

// Sources of the world.
const (
	Web     Source = "web"
	CRM     Source = "crm-email"
	Tills   Source = "tills"
	Support Source = "support"
	Surveys Source = "surveys"
)

// Sources in the order of the sample map.
var Sources = []Source{Web, CRM, Tills, Support, Surveys}

// Channel is where the events of a source happen.
func (s Source) Channel() string { return channels[s] }

var channels = map[Source]string{Web: "web", CRM: "email", Tills: "store", Support: "support", Surveys: "survey"}

// Kind of an event.
type Kind uint8

const (
	// Track is a thing that happened.
	Track Kind = iota
	// Identify states who somebody is.
	Identify
)

// Stages of the sample map, in its order. Stages are tags: what the simulator decided, not what a program found.
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

// Identities that an event carries; empty ones are not sent.
type Identities struct {
	CustomerID, LoyaltyID, Email, Phone, DeviceID, AnonymousID string
}

// Property of an event.
type Property struct {
	Key   string
	Value any
}

// Event is one thing that happened in the world, with the decisions behind it.
type Event struct {
	// ID is unique in the source.
	ID     string
	Source Source
	Kind   Kind
	Name   string
	// Time when it truly happened, in whole milliseconds, because that is what the senders' formats carry.
	Time time.Time
	// Delay until it is sent for the first time: phones without a net, tills that report in the evening.
	Delay time.Duration
	// Brand events were done by the shop to the customer.
	Brand      bool
	Identities Identities
	// Placeholder is what a careless sender writes where the account of an unknown customer would stand. It is no identity.
	Placeholder string
	// Segment is the trait that the event states, or empty.
	Segment    string
	Properties []Property
	OrderID    string
	// Cents of Currency; there is no amount when Currency is empty.
	Cents    int64
	Currency string
	// Score of a survey answer.
	Score int
	// Place is the shop where the till stands.
	Place string
	// Skewed events come from a device whose clock is off by Skew, zero included: their time has to be corrected by the
	// receiver, so that it is known only up to the time that the sending takes.
	Skewed bool
	Skew   time.Duration
	// Replayed events come from somebody who kept them: they still say when they were sent for the first time. Their own time is right.
	Replayed bool

	// Stage that the event enters in the sample map, or NoStage.
	Stage int
	// Ignored by the sample map's coverage.
	Ignored bool
	// Robot and Test events are excluded by the sample store. Future events are ahead of their receipt.
	Robot, Test, Future bool

	who     string
	via     *link
	public  bool
	address string
}

// Who is the person as the store can see them when it has received all that happened up to the instant: all
// that links had revealed by then is one person, an unlinked device or card is another.
func (e *Event) Who(known time.Time) string {
	if e.via == nil || e.via.at.IsZero() || e.via.at.After(known) {
		return e.who
	}
	return e.via.owner
}

// Address is the e-mail address of the customer who is named by an event of the site, for senders that learn it later.
func (e *Event) Address() string { return e.address }

// Public reports whether nobody in particular did it: a receipt without a name at a till, or one of the staff's trials. They
// belong together over all households.
func (e *Event) Public() bool { return e.public }

// link tells whose device or card it is, and since when events say so.
type link struct {
	at    time.Time
	owner string
}

// tell says that an event at t named the person. The earliest telling stands: a browser that two customers share
// belongs to the one who logged in first.
func (l *link) tell(key string, t time.Time) {
	if l.at.IsZero() || t.Before(l.at) {
		l.at, l.owner = t, key
	}
}
