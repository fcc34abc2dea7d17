// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Revenue is the sum of order amounts after refunds, by the rules of AverageOrderValue. Without orders it is zero.
type Revenue Orders

func (r Revenue) matches() [][]Match { return Orders(r).matches() }

func (r Revenue) read(v *values, role uint8, h *Hit) { Orders(r).read(v, role, h) }

func (r Revenue) needs(n *Needs) { Orders(r).needs(n) }

func (r Revenue) accumulator(*Map, *Progression) (Accumulator, error) {
	return &revenueSum{newOrderValue(r.Currency)}, nil
}

type revenueSum struct{ *orderValue }

func (r *revenueSum) Merge(other Accumulator) { r.orderValue.Merge(other.(*revenueSum).orderValue) }

func (r *revenueSum) Value() Value {
	sum, orders := r.revenue()
	d, ok := money(sum, 1)
	return Value{Number: d, Known: ok, Unit: r.currency, Samples: orders, LeftOut: r.leftOut}
}
