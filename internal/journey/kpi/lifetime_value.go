// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// CustomerLifetimeValue is the revenue of all customers from their first order to the end of the period, divided by their number. It is the historic
// value and contains no forecast. Customers without a usable order do not count.
type CustomerLifetimeValue money.Orders

// Matches lists the events by role.
func (c CustomerLifetimeValue) Matches() [][]journey.Match { return money.Orders(c).Matches() }

// Read records what the metric needs of an event.
func (c CustomerLifetimeValue) Read(v *match.Values, role uint8, h *metric.Hit) {
	money.Orders(c).Read(v, role, h)
}

// Needs marks the columns that Read uses.
func (c CustomerLifetimeValue) Needs(n *match.Needs) { money.Orders(c).Needs(n) }

// Since returns the time from which the metric needs events.
func (CustomerLifetimeValue) Since(*journey.Period, *journey.Calendar) int64 { return 0 }

// Extent is the whole past.
func (CustomerLifetimeValue) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return p.EventsToDate()
}

// NewSums returns empty sums. An error names the invalid field.
func (c CustomerLifetimeValue) NewSums(*metric.Context) (metric.Sums, error) {
	return &lifetimeValue{currency: c.Currency, purchases: money.NewPurchases()}, nil
}

type lifetimeValue struct {
	currency  string
	purchases *money.Purchases
	// customers sums the revenue per customer.
	customers stats.Sums
	left      money.LeftOut
}

func (l *lifetimeValue) AddPerson(v *metric.View) {
	list, left := l.purchases.Of(v.Hits, money.Beginning, v.Period.EventsTo)
	l.left.Add(left)
	if int64(len(list)) == left.Orders {
		return
	}
	sum := int64(0)
	for i := range list {
		sum = number.AddCapped(sum, list[i].Amount)
	}
	l.customers.Add(sum)
}

func (l *lifetimeValue) Merge(other metric.Sums) {
	o := other.(*lifetimeValue)
	l.customers.Merge(&o.customers)
	l.left.Add(o.left)
}

func (l *lifetimeValue) Value() metric.Value {
	v := meanOfSizes(&l.customers, number.MoneyDigits, l.currency)
	v.LeftOut = l.left.Orders + l.left.Refunds
	return withoutAmounts(v, l.left)
}
