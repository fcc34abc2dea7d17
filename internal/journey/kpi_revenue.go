// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Revenue is the sum of order amounts after refunds, by the rules of AverageOrderValue. Without orders it is zero.
type Revenue Orders

// Matches lists the events that it looks at, by role.
func (r Revenue) Matches() [][]Match { return Orders(r).Matches() }

// Read notes what it needs of an event.
func (r Revenue) Read(v *Values, role uint8, h *Hit) { Orders(r).Read(v, role, h) }

// Needs marks the columns that Read looks at.
func (r Revenue) Needs(n *Needs) { Orders(r).Needs(n) }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (r Revenue) NewAccumulator(*Map, Policy) (Accumulator, error) {
	return &revenueSum{newOrderValue(r.Currency)}, nil
}

type revenueSum struct{ *orderValue }

func (r *revenueSum) Merge(other Accumulator) { r.orderValue.Merge(other.(*revenueSum).orderValue) }

func (r *revenueSum) Value() Value {
	sum, orders := r.revenue()
	d, ok := Money(sum, 1)
	return Value{Number: d, Known: ok, Unit: r.currency, Samples: orders, LeftOut: r.leftOut}
}
