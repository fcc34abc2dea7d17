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
	Time  int64
	seq   int64
	index int32
	// Amount after refunds, in micro-units; 0 unless Valued. Of orders that were taken together it is that of those with one.
	Amount int64
	// Valued says that the amount is known.
	Valued      bool
	sourceOrder event.Key
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
// received is the authority; refunds of the same source and in the same time reduce its amount, down to zero. Orders without an amount that
// counts are orders, with no value.
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
		if !o.Valued {
			left.Orders++
			o.Amount = 0
			continue
		}
		o.Amount -= min(o.Amount, p.refunds[o.sourceOrder])
	}
	slices.SortFunc(p.list, func(a, b Purchase) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index))
	})
	return p.list, left
}

func (p *Purchases) order(h *journey.Hit) {
	o := Purchase{Time: h.Time, seq: h.Seq, index: h.Index, Amount: h.Amount, Valued: h.Usable, sourceOrder: h.SourceOrder}
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
	if was := &p.list[i]; cmp.Or(cmp.Compare(o.seq, was.seq), cmp.Compare(o.index, was.index)) < 0 {
		*was = o
	}
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
