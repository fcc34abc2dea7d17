// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "github.com/journeyman-dev/journeyman/internal/stats"

// CustomerLifetimeValue is the revenue of all customers from their first order until the end of the period, divided by their number: the historic
// value, which knows nothing of what is to come. Customers without a usable order do not count.
type CustomerLifetimeValue Orders

func (c CustomerLifetimeValue) matches() [][]Match { return Orders(c).matches() }

func (c CustomerLifetimeValue) read(v *values, role uint8, h *Hit) { Orders(c).read(v, role, h) }

func (c CustomerLifetimeValue) needs(n *Needs) { Orders(c).needs(n) }

func (CustomerLifetimeValue) since(*Period) int64 { return 0 }

func (c CustomerLifetimeValue) accumulator(*Map, *Progression) (Accumulator, error) {
	return &lifetimeValue{currency: c.Currency, purchases: newPurchases()}, nil
}

type lifetimeValue struct {
	noAttempts
	currency  string
	purchases *purchases
	// customers sums the revenue of each.
	customers stats.Sums
	leftOut   int64
}

func (*lifetimeValue) hit(*Hit) {}

func (l *lifetimeValue) person(v *View) {
	list, leftOut := l.purchases.of(v.Hits, beginning, v.Period.EventsTo)
	l.leftOut += leftOut
	if int64(len(list)) == leftOut {
		return
	}
	sum := int64(0)
	for i := range list {
		sum = addCapped(sum, list[i].amount)
	}
	l.customers.Add(sum)
}

// beginning is before all events.
const beginning int64 = -1 << 62

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
