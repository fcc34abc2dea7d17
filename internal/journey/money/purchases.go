// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Purchase is one order of a person.
type Purchase struct {
	// Time of the order, in microseconds.
	Time   int64
	report Report
	// Amount after refunds, in micro-units; 0 unless Valued. Of orders that were taken together it is that of those with one.
	Amount int64
	// Valued says that the amount is known.
	Valued bool
	// again says that its source gave the order's id to another amount, too.
	again       bool
	sourceOrder event.Key
}

// Report ranks the reports of one order: the first is its authority.
type Report struct {
	public bool
	seq    int64
	index  int32
}

// ReportOf gives the rank of an event.
func ReportOf(h *journey.Hit) Report { return Report{public: h.Public, seq: h.Seq, index: h.Index} }

// Before says whether the report goes before another one: what only a public source says, anybody can have sent; of the others the first to be
// received counts.
func (r Report) Before(o Report) bool {
	if r.public != o.public {
		return o.public
	}
	return r.received(o) < 0
}

func (r Report) received(o Report) int {
	return cmp.Or(cmp.Compare(r.seq, o.seq), cmp.Compare(r.index, o.index))
}

// Purchases lists the orders of one person. It is used again for the next.
type Purchases struct {
	list    []Purchase
	byOrder map[event.Key]int
	refunds map[event.Key]int64
}

// Beginning is before all events: the time from which Of takes all orders.
const Beginning int64 = -1 << 62

// NewPurchases gives an empty list.
func NewPurchases() *Purchases {
	return &Purchases{byOrder: map[event.Key]int{}, refunds: map[event.Key]int64{}}
}

// Of gives the orders from <= t < to among the hits of Orders, in the order of time. Of the events with one order id the first to be
// received is the authority, before all of public sources; refunds of the same source and in the same time reduce its amount, down to
// zero. Orders without an amount that counts are orders, with no value.
func (p *Purchases) Of(hits []journey.Hit, from, to int64) (list []Purchase, left LeftOut) {
	p.list = p.list[:0]
	clear(p.byOrder)
	clear(p.refunds)
	for i := range hits {
		h := &hits[i]
		switch {
		case h.Time < from || h.Time >= to:
		case h.Role == RoleOrder:
			p.order(h)
		case h.Usable:
			p.refunds[h.SourceOrder] = number.AddCapped(p.refunds[h.SourceOrder], h.Amount)
		default:
			left.Refunds++
		}
	}
	for i := range hits {
		h := &hits[i]
		if _, known := p.byOrder[h.Order]; !known && h.Role == RoleRefund && h.Usable && h.Time >= from && h.Time < to {
			left.Elsewhere++
		}
	}
	for i := range p.list {
		o := &p.list[i]
		if o.again {
			left.Again++
		}
		if !o.Valued {
			left.Orders++
			o.Amount = 0
			continue
		}
		o.Amount -= min(o.Amount, p.refunds[o.sourceOrder])
	}
	slices.SortFunc(p.list, func(a, b Purchase) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), a.report.received(b.report))
	})
	return p.list, left
}

func (p *Purchases) order(h *journey.Hit) {
	o := Purchase{Time: h.Time, report: ReportOf(h), Amount: h.Amount, Valued: h.Usable, sourceOrder: h.SourceOrder}
	if !h.HasOrder {
		p.list = append(p.list, o)
		return
	}
	i, known := p.byOrder[h.Order]
	if !known {
		p.byOrder[h.Order] = len(p.list)
		p.list = append(p.list, o)
		return
	}
	was := &p.list[i]
	again := was.again || was.sourceOrder == o.sourceOrder && was.Valued && o.Valued && was.Amount != o.Amount
	if o.report.Before(was.report) {
		again = again && was.sourceOrder == o.sourceOrder
		*was = o
	}
	was.again = again
}

// ByDay takes the orders of one calendar day together, at the time of the first.
func ByDay(list []Purchase, c *journey.Calendar) []Purchase {
	out := list[:0]
	end := int64(-1 << 62)
	for _, o := range list {
		if o.Time >= end {
			end = c.Add(o.Time, journey.Day, 1)
			out = append(out, o)
			continue
		}
		last := &out[len(out)-1]
		last.Amount = number.AddCapped(last.Amount, o.Amount)
		last.Valued = last.Valued || o.Valued
	}
	return out
}
