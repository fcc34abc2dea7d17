// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// RepeatPurchaseRate is the share of the customers of a period who ordered at least twice in it.
type RepeatPurchaseRate struct {
	money.Orders
	// Calendar, if set, combines the orders of one calendar day.
	Calendar *journey.Calendar
}

// NewSums returns empty sums. An error names the invalid field.
func (r RepeatPurchaseRate) NewSums(*metric.Context) (metric.Sums, error) {
	return &buyers{calendar: r.Calendar, purchases: money.NewPurchases(), rate: true}, nil
}

// PurchaseFrequency is the number of orders of a period divided by the number of customers who ordered.
type PurchaseFrequency money.Orders

// Matches lists the events by role.
func (f PurchaseFrequency) Matches() [][]journey.Match { return money.Orders(f).Matches() }

// Read records what the metric needs of an event.
func (f PurchaseFrequency) Read(v *match.Values, role uint8, h *metric.Hit) {
	money.Orders(f).Read(v, role, h)
}

// Needs marks the columns that Read uses.
func (f PurchaseFrequency) Needs(n *match.Needs) { money.Orders(f).Needs(n) }

// NewSums returns empty sums. An error names the invalid field.
func (f PurchaseFrequency) NewSums(*metric.Context) (metric.Sums, error) {
	return &buyers{purchases: money.NewPurchases()}, nil
}

// buyers counts customers with orders. It does not use amounts.
type buyers struct {
	calendar  *journey.Calendar
	purchases *money.Purchases
	rate      bool
	// customers with an order, repeaters with two or more, and the orders of all customers.
	customers, repeaters, orders int64
}

func (b *buyers) AddPerson(v *metric.View) {
	list, _ := b.purchases.Of(v.Hits, v.Period.EventsFrom, v.Period.EventsTo)
	if b.calendar != nil {
		list = money.ByDay(list, b.calendar)
	}
	if len(list) == 0 {
		return
	}
	b.customers++
	b.orders += int64(len(list))
	if len(list) > 1 {
		b.repeaters++
	}
}

func (b *buyers) Merge(other metric.Sums) {
	o := other.(*buyers)
	b.customers, b.repeaters, b.orders = b.customers+o.customers, b.repeaters+o.repeaters, b.orders+o.orders
}

func (b *buyers) Value() metric.Value {
	if b.rate {
		return shareWithInterval(b.repeaters, b.customers)
	}
	d, ok := number.Divide(b.orders, b.customers, number.RatioDigits)
	return metric.Value{Number: d, Known: ok, Unit: metric.UnitRatio, Samples: b.customers}
}
