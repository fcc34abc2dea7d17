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

// CustomerLifetimeValue is the revenue of all customers from their first order until the end of the period, divided by their number: the historic
// value, which knows nothing of what is to come. Customers without a usable order do not count.
type CustomerLifetimeValue money.Orders

// Matches lists the events that it looks at, by role.
func (c CustomerLifetimeValue) Matches() [][]journey.Match { return money.Orders(c).Matches() }

// Read notes what it needs of an event.
func (c CustomerLifetimeValue) Read(v *match.Values, role uint8, h *metric.Hit) {
	money.Orders(c).Read(v, role, h)
}

// Needs marks the columns that Read looks at.
func (c CustomerLifetimeValue) Needs(n *match.Needs) { money.Orders(c).Needs(n) }

// Since is the time from which on it needs events.
func (CustomerLifetimeValue) Since(*journey.Period, *journey.Calendar) int64 { return 0 }

// Extent is all that was ever ordered.
func (CustomerLifetimeValue) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return p.EventsToDate()
}

// NewSums returns empty sums; an error names the field that is wrong.
func (c CustomerLifetimeValue) NewSums(*metric.Context) (metric.Sums, error) {
	return &lifetimeValue{currency: c.Currency, purchases: money.NewPurchases()}, nil
}

type lifetimeValue struct {
	currency  string
	purchases *money.Purchases
	// customers sums the revenue of each.
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
