// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// RepeatPurchaseRate is the share of the customers of a period who ordered at least twice in it.
type RepeatPurchaseRate struct {
	Orders
	// Calendar, if set, takes the orders of one calendar day together.
	Calendar *Calendar
}

func (r RepeatPurchaseRate) accumulator(*Map, *Progression) (Accumulator, error) {
	return &buyers{calendar: r.Calendar, purchases: newPurchases(), rate: true}, nil
}

// PurchaseFrequency is the number of orders of a period divided by the number of customers who ordered.
type PurchaseFrequency Orders

func (f PurchaseFrequency) matches() [][]Match { return Orders(f).matches() }

func (f PurchaseFrequency) read(v *values, role uint8, h *Hit) { Orders(f).read(v, role, h) }

func (f PurchaseFrequency) needs(n *Needs) { Orders(f).needs(n) }

func (f PurchaseFrequency) accumulator(*Map, *Progression) (Accumulator, error) {
	return &buyers{purchases: newPurchases()}, nil
}

// buyers counts customers with orders. Amounts do not matter to it.
type buyers struct {
	noAttempts
	calendar  *Calendar
	purchases *purchases
	rate      bool
	// customers with an order, those of them with two or more, and the orders of all.
	customers, repeaters, orders int64
}

func (*buyers) hit(*Hit) {}

func (b *buyers) person(v *View) {
	list, _ := b.purchases.of(v.Hits, v.Period.EventsFrom, v.Period.EventsTo)
	if b.calendar != nil {
		list = byDay(list, b.calendar)
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

func (b *buyers) Merge(other Accumulator) {
	o := other.(*buyers)
	b.customers, b.repeaters, b.orders = b.customers+o.customers, b.repeaters+o.repeaters, b.orders+o.orders
}

func (b *buyers) Value() Value {
	if b.rate {
		return shareWithInterval(b.repeaters, b.customers)
	}
	d, ok := Divide(b.orders, b.customers, RatioDigits)
	return Value{Number: d, Known: ok, Unit: UnitRatio, Samples: b.customers}
}
