// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"cmp"
	"math/big"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// MaxOrders is the number of order ids that one run keeps, in all of its KPIs and periods together. Each of them has a share, money.Orders.Room. At
// most half of it is for public sources. Any further orders are left out and counted.
const MaxOrders = 2_000_000

// AverageOrderValue is revenue divided by the number of orders.
//
// Of several reports of an order, the report of its authority counts; see money.Book. Refunds that the same source reports for a counted order
// reduce the revenue, down to zero for the order. Orders without an amount, or with one in another currency without a rate, are left out.
type AverageOrderValue money.Orders

// Matches lists the events by role.
func (a AverageOrderValue) Matches() [][]journey.Match { return money.Orders(a).Matches() }

// Read records what the metric needs of an event.
func (a AverageOrderValue) Read(v *match.Values, role uint8, h *metric.Hit) {
	money.Orders(a).Read(v, role, h)
}

// Needs marks the columns that Read uses.
func (a AverageOrderValue) Needs(n *match.Needs) { money.Orders(a).Needs(n) }

// NewSums returns empty sums. An error names the invalid field.
func (a AverageOrderValue) NewSums(*metric.Context) (metric.Sums, error) {
	return newOrderValue(money.Orders(a)), nil
}

func newOrderValue(o money.Orders) *orderValue {
	return &orderValue{currency: o.Currency, room: cmp.Or(o.Room, MaxOrders), book: money.NewBook(), refunds: map[event.Key]refund{}}
}

// refund sums the refunds of an order.
type refund struct {
	amount, events int64
	order          event.Key
}

type orderValue struct {
	currency string
	// room is the number of order ids, and separately of refunded ones, that there is room for.
	room int
	book *money.Book
	// refunds by source and order.
	refunds map[event.Key]refund
	// unnamed counts orders without an order id: each event is an order.
	unnamed        int64
	unnamedRevenue big.Int
	leftOut        int64
	// without counts what had no amount, or reduces nothing.
	without money.LeftOut
}

// OfEvents marks sums that count single events.
func (*orderValue) OfEvents() {}

func (v *orderValue) AddPerson(view *metric.View) {
	for h := range view.PeriodHits() {
		v.add(h)
	}
}

func (v *orderValue) add(h *metric.Hit) {
	switch {
	case h.Role == money.RoleOrder && h.HasOrder:
		if r := money.ReportOf(h); v.book.HasRoom(h.Order, &r, v.room) {
			v.book.Add(h.Order, r)
		} else {
			v.noRoom()
		}
	case !h.Usable:
		v.leftOut++
		if h.Role == money.RoleOrder {
			v.without.Order(h.Lack)
		} else {
			v.without.Refunds++
		}
	case h.Role == money.RoleRefund:
		v.refund(h.SourceOrder, refund{amount: h.Amount, events: 1, order: h.Order})
	default:
		v.unnamed++
		v.unnamedRevenue.Add(&v.unnamedRevenue, big.NewInt(h.Amount))
	}
}

func (v *orderValue) noRoom() {
	v.leftOut++
	v.without.Full++
}

func (v *orderValue) refund(key event.Key, r refund) {
	known, ok := v.refunds[key]
	if !ok && len(v.refunds) >= v.room {
		v.noRoom()
		return
	}
	r.amount, r.events = number.AddCapped(known.amount, r.amount), known.events+r.events
	v.refunds[key] = r
}

func (v *orderValue) Merge(other metric.Sums) {
	o := other.(*orderValue)
	v.book.Merge(o.book, func(id event.Key, r *money.Report) bool {
		full := !v.book.HasRoom(id, r, v.room)
		if full {
			v.noRoom()
		}
		return full
	})
	for key, r := range o.refunds {
		v.refund(key, r)
	}
	v.unnamed += o.unnamed
	v.unnamedRevenue.Add(&v.unnamedRevenue, &o.unnamedRevenue)
	v.leftOut += o.leftOut
	v.without.Add(o.without)
}

// revenue returns the exact sum of all orders with an amount, after refunds, and the number of those orders.
func (v *orderValue) revenue() (sum *big.Int, orders int64) {
	sum, orders = new(big.Int).Set(&v.unnamedRevenue), v.unnamed
	for _, o := range v.book.Orders {
		if o.Valued {
			orders++
			sum.Add(sum, big.NewInt(o.Amount-min(o.Amount, v.refunds[o.Source].amount)))
		}
	}
	return sum, orders
}

func (v *orderValue) Value() metric.Value {
	sum, orders := v.revenue()
	return v.valueOf(sum, orders, orders)
}

// valueOf returns a sum of orders divided by a number.
func (v *orderValue) valueOf(sum *big.Int, orders, by int64) metric.Value {
	d, ok := number.Money(sum, by)
	left := v.left()
	leftOut := v.leftOut + left.Orders - v.without.Orders
	return withoutAmounts(metric.Value{Number: d, Known: ok, Unit: v.currency, Samples: orders, LeftOut: leftOut}, left)
}

// left returns what is not part of the sum.
func (v *orderValue) left() money.LeftOut {
	left := v.without
	for _, o := range v.book.Orders {
		if o.Again {
			left.Again++
		}
		if !o.Valued {
			left.Order(o.Lack)
		}
	}
	for _, r := range v.refunds {
		if _, known := v.book.Orders[r.order]; !known {
			left.Elsewhere += r.events
		}
	}
	return left
}

// withoutAmounts notes next to the number what is not part of it. If there were orders but none has an amount that counts, there is no number: their
// value is unknown, not 0.
func withoutAmounts(v metric.Value, left money.LeftOut) metric.Value {
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
