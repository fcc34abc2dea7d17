// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// RepeatPurchaseRate is the share of the customers of a period who ordered at least twice in it.
type RepeatPurchaseRate struct {
	Orders
	// Calendar, if set, takes the orders of one calendar day together.
	Calendar *Calendar
}

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (r RepeatPurchaseRate) NewAccumulator(*Map, Policy) (Accumulator, error) {
	return &buyers{calendar: r.Calendar, purchases: NewPurchases(), rate: true}, nil
}

// PurchaseFrequency is the number of orders of a period divided by the number of customers who ordered.
type PurchaseFrequency Orders

// Matches lists the events that it looks at, by role.
func (f PurchaseFrequency) Matches() [][]Match { return Orders(f).Matches() }

// Read notes what it needs of an event.
func (f PurchaseFrequency) Read(v *Values, role uint8, h *Hit) { Orders(f).Read(v, role, h) }

// Needs marks the columns that Read looks at.
func (f PurchaseFrequency) Needs(n *Needs) { Orders(f).Needs(n) }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (f PurchaseFrequency) NewAccumulator(*Map, Policy) (Accumulator, error) {
	return &buyers{purchases: NewPurchases()}, nil
}

// buyers counts customers with orders. Amounts do not matter to it.
type buyers struct {
	NoAttempts
	calendar  *Calendar
	purchases *Purchases
	rate      bool
	// customers with an order, those of them with two or more, and the orders of all.
	customers, repeaters, orders int64
}

func (*buyers) AddHit(*Hit) {}

func (b *buyers) AddPerson(v *View) {
	list, _ := b.purchases.Of(v.Hits, v.Period.EventsFrom, v.Period.EventsTo)
	if b.calendar != nil {
		list = ByDay(list, b.calendar)
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
