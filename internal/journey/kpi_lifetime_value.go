// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "github.com/journeyman-dev/journeyman/internal/stats"

// CustomerLifetimeValue is the revenue of all customers from their first order until the end of the period, divided by their number: the historic
// value, which knows nothing of what is to come. Customers without a usable order do not count.
type CustomerLifetimeValue Orders

// Matches lists the events that it looks at, by role.
func (c CustomerLifetimeValue) Matches() [][]Match { return Orders(c).Matches() }

// Read notes what it needs of an event.
func (c CustomerLifetimeValue) Read(v *Values, role uint8, h *Hit) { Orders(c).Read(v, role, h) }

// Needs marks the columns that Read looks at.
func (c CustomerLifetimeValue) Needs(n *Needs) { Orders(c).Needs(n) }

// Since is the time from which on it needs events.
func (CustomerLifetimeValue) Since(*Period) int64 { return 0 }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (c CustomerLifetimeValue) NewAccumulator(*Map, Policy) (Accumulator, error) {
	return &lifetimeValue{currency: c.Currency, purchases: NewPurchases()}, nil
}

type lifetimeValue struct {
	NoAttempts
	currency  string
	purchases *Purchases
	// customers sums the revenue of each.
	customers stats.Sums
	leftOut   int64
}

func (*lifetimeValue) AddHit(*Hit) {}

func (l *lifetimeValue) AddPerson(v *View) {
	list, leftOut := l.purchases.Of(v.Hits, Beginning, v.Period.EventsTo)
	l.leftOut += leftOut
	if int64(len(list)) == leftOut {
		return
	}
	sum := int64(0)
	for i := range list {
		sum = AddCapped(sum, list[i].Amount)
	}
	l.customers.Add(sum)
}

func (l *lifetimeValue) Merge(other Accumulator) {
	o := other.(*lifetimeValue)
	l.customers.Merge(&o.customers)
	l.leftOut += o.leftOut
}

func (l *lifetimeValue) Value() Value {
	v := meanOf(&l.customers, MoneyDigits, l.currency)
	v.LeftOut = l.leftOut
	return v
}
