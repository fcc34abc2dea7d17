// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// RefundEvent is the name of refund events.
const RefundEvent = event.Refunded

// Orders defines which events are orders, and the currency in which they are counted. Refunds are the events called RefundEvent.
type Orders struct {
	// Match lists the events that are orders.
	Match []journey.Match
	// Currency that counts, ISO 4217.
	Currency string
	// Rates holds the value of one unit of each other currency in Currency, in micro-units. Amounts in currencies without a rate are left out.
	Rates map[string]int64
	// Room is the number of order ids that a KPI over all orders keeps.
	Room int
}

// Roles of events in Orders.
const (
	RoleOrder uint8 = iota
	RoleRefund
)

// Matches lists the events by role.
func (o Orders) Matches() [][]journey.Match {
	return [][]journey.Match{o.Match, {{Event: RefundEvent}}}
}

// Read records what is needed of an event.
func (o Orders) Read(v *match.Values, role uint8, h *metric.Hit) {
	r := v.Row
	o.Worth(v, h)
	h.Usable = h.Usable && (role == RoleOrder || r.OrderID != "")
	if r.OrderID != "" {
		h.HasOrder, h.Order, h.SourceOrder = true, event.KeyOf("", r.OrderID), event.KeyOf(r.Source, r.OrderID)
	}
}

// Reasons why the amount of an order does not count.
const (
	// LackAmount means that there is no amount, or that it is too large.
	LackAmount uint8 = iota
	// LackSign means that the amount is below zero.
	LackSign
	// LackRate means that the currency has no rate.
	LackRate
)

// Worth records the amount of an event, or why it does not count.
func (o Orders) Worth(v *match.Values, h *metric.Hit) {
	r := v.Row
	h.Amount, h.Usable = o.Convert(r.Amount, r.Currency)
	_, rated := o.Rates[r.Currency]
	switch {
	case h.Usable || r.Currency == "":
	case r.Amount < 0:
		h.Lack = LackSign
	case r.Currency != o.Currency && !rated:
		h.Lack = LackRate
	}
}

// Needs marks the columns that Read uses.
func (Orders) Needs(n *match.Needs) { n.Money = true }

// Convert returns an amount in the currency that counts, with halves of a micro-unit rounded up. It returns false for amounts that are below zero,
// have no rate, or are too large.
func (o Orders) Convert(amount int64, currency string) (int64, bool) {
	if amount < 0 || currency == "" {
		return 0, false
	}
	if currency == o.Currency {
		return amount, true
	}
	rate, ok := o.Rates[currency]
	if !ok || rate < 0 {
		return 0, false
	}
	high, low := bits.Mul64(uint64(amount), uint64(rate))
	low, carry := bits.Add64(low, uint64(event.MicroUnits)/2, 0)
	high += carry
	if high >= uint64(event.MicroUnits) {
		return 0, false
	}
	converted, _ := bits.Div64(high, low, uint64(event.MicroUnits))
	return int64(converted), converted < 1<<63
}
