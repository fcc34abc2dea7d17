// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Revenue is the sum of order amounts after refunds, by the rules of AverageOrderValue. Without orders it is zero.
type Revenue Orders

func (r Revenue) matches() [][]Match { return Orders(r).matches() }

func (r Revenue) read(v *values, role uint8, h *Hit) { Orders(r).read(v, role, h) }

func (r Revenue) needs(n *Needs) { Orders(r).needs(n) }

func (r Revenue) accumulator(*Map, *Progression) (Accumulator, error) {
	return &revenue{newOrderValue(r.Currency)}, nil
}

type revenue struct{ *orderValue }

func (r *revenue) Merge(other Accumulator) { r.orderValue.Merge(other.(*revenue).orderValue) }

func (r *revenue) Value() Value {
	sum, orders := r.orderValue.revenue()
	d, ok := money(sum, 1)
	return Value{Number: d, Known: ok, Unit: r.currency, Samples: orders, LeftOut: r.leftOut}
}
