// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"math/big"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// MaxOrders is the number of order ids that one run keeps apart. Orders beyond it are left out and counted.
const MaxOrders = 2_000_000

// AverageOrderValue is revenue divided by the number of orders.
//
// Shop, payment provider and CRM may report the same sale: of the events with one order id the first to be received is
// the authority, all others are ignored. What a public source reports, anybody can have sent: it is the authority only where no other source
// reports the order. Refunds that the same source reports for a counted order reduce the revenue, down to zero for the
// order. Amounts in another currency without a rate, or without any currency, are left out.
type AverageOrderValue money.Orders

// Matches lists the events that it looks at, by role.
func (a AverageOrderValue) Matches() [][]journey.Match { return money.Orders(a).Matches() }

// Read notes what it needs of an event.
func (a AverageOrderValue) Read(v *journey.Values, role uint8, h *journey.Hit) {
	money.Orders(a).Read(v, role, h)
}

// Needs marks the columns that Read looks at.
func (a AverageOrderValue) Needs(n *journey.Needs) { money.Orders(a).Needs(n) }

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (a AverageOrderValue) NewAccumulator(*journey.Map, journey.Policy) (journey.Accumulator, error) {
	return newOrderValue(a.Currency), nil
}

func newOrderValue(currency string) *orderValue {
	return &orderValue{currency: currency, orders: map[event.Key]order{}, further: map[event.Key]further{}, refunds: map[event.Key]refund{}}
}

// order is what one source reports of an order.
type order struct {
	report money.Report
	amount int64
	// again says that the source gave the order's id to another amount, too.
	again       bool
	sourceOrder event.Key
}

// with takes a further report of the same source in.
func (o order) with(p order) order {
	again := o.again || p.again || o.amount != p.amount
	if p.report.Before(o.report) {
		o = p
	}
	o.again = again
	return o
}

// further is a report by a source that is not the order's authority.
type further struct {
	id event.Key
	order
}

// refund sums what was paid back of an order.
type refund struct {
	amount, events int64
	order          event.Key
}

type orderValue struct {
	journey.NoAttempts
	currency string
	// orders by id, as their authority reports them; further are the reports of other sources by source and id.
	orders  map[event.Key]order
	further map[event.Key]further
	// refunds by source and order.
	refunds map[event.Key]refund
	// unnamed are the orders without an order id: each event is an order.
	unnamed        int64
	unnamedRevenue big.Int
	leftOut        int64
	// without is what of this had no amount, or lowers nothing.
	without money.LeftOut
}

func (v *orderValue) AddHit(h *journey.Hit) {
	switch {
	case !h.Usable:
		v.leftOut++
		if h.Role == money.RoleOrder {
			v.without.Orders++
		} else {
			v.without.Refunds++
		}
	case h.Role == money.RoleRefund:
		v.refund(h.SourceOrder, refund{amount: h.Amount, events: 1, order: h.Order})
	case !h.HasOrder:
		v.unnamed++
		v.unnamedRevenue.Add(&v.unnamedRevenue, big.NewInt(h.Amount))
	default:
		v.order(h.Order, order{report: money.ReportOf(h), amount: h.Amount, sourceOrder: h.SourceOrder})
	}
}

// order takes a report in. What comes of many does not depend on which is taken in first, as shards need it.
func (v *orderValue) order(id event.Key, o order) {
	known, ok := v.orders[id]
	switch {
	case !ok && len(v.orders) >= MaxOrders:
		v.leftOut++
		return
	case !ok:
		v.orders[id] = o
		return
	case known.sourceOrder == o.sourceOrder:
		v.orders[id] = known.with(o)
		return
	}
	if f, ok := v.further[o.sourceOrder]; ok {
		o = f.with(o)
	}
	if o.report.Before(known.report) {
		delete(v.further, o.sourceOrder)
		v.orders[id], o = o, known
	}
	v.further[o.sourceOrder] = further{id, o}
}

func (v *orderValue) refund(key event.Key, r refund) {
	known, ok := v.refunds[key]
	if !ok && len(v.refunds) >= MaxOrders {
		v.leftOut++
		return
	}
	r.amount, r.events = number.AddCapped(known.amount, r.amount), known.events+r.events
	v.refunds[key] = r
}

func (v *orderValue) Merge(other journey.Accumulator) {
	o := other.(*orderValue)
	for key, order := range o.orders {
		v.order(key, order)
	}
	for _, f := range o.further {
		v.order(f.id, f.order)
	}
	for key, r := range o.refunds {
		v.refund(key, r)
	}
	v.unnamed += o.unnamed
	v.unnamedRevenue.Add(&v.unnamedRevenue, &o.unnamedRevenue)
	v.leftOut += o.leftOut
	v.without.Add(o.without)
}

// revenue is the exact sum of all orders after refunds, and their number.
func (v *orderValue) revenue() (sum *big.Int, orders int64) {
	sum = new(big.Int).Set(&v.unnamedRevenue)
	for _, o := range v.orders {
		sum.Add(sum, big.NewInt(o.amount-min(o.amount, v.refunds[o.sourceOrder].amount)))
	}
	return sum, v.unnamed + int64(len(v.orders))
}

func (v *orderValue) Value() journey.Value {
	sum, orders := v.revenue()
	d, ok := number.Money(sum, orders)
	return withoutAmounts(journey.Value{Number: d, Known: ok, Unit: v.currency, Samples: orders, LeftOut: v.leftOut}, v.left())
}

// left is what has no part in the sum.
func (v *orderValue) left() money.LeftOut {
	left := v.without
	for _, o := range v.orders {
		if o.again {
			left.Again++
		}
	}
	for _, r := range v.refunds {
		if _, known := v.orders[r.order]; !known {
			left.Elsewhere += r.events
		}
	}
	return left
}

// withoutAmounts says beside the number what has no part in it. Where there were orders and none had an amount to count, there is no number: what they
// were worth is not known, and not 0.
func withoutAmounts(v journey.Value, left money.LeftOut) journey.Value {
	note := left.Note("are left out")
	switch {
	case v.Samples == 0 && left.Orders > 0:
		v.Known, v.Note = false, "no value: no order has an amount in "+v.Unit+", or in a currency with a rate"
	case v.Note == "" || note == "":
		v.Note += note
	default:
		v.Note += "; " + note
	}
	return v
}
