// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Purchases lists the orders of one person, as reported by their authorities. It is reused for the next person.
type Purchases struct {
	list    []Report
	book    *Book
	refunds map[event.Key]int64
}

// Beginning is before all events: from it, Of returns all orders.
const Beginning int64 = -1 << 62

// NewPurchases returns an empty list.
func NewPurchases() *Purchases {
	return &Purchases{book: NewBook(), refunds: map[event.Key]int64{}}
}

// Of returns the orders from <= t < to among the hits of Orders, by time and then by receipt, each id once. Refunds of the same source and in the
// same time reduce an amount, down to zero. Orders without an amount that counts are included, with no value.
func (p *Purchases) Of(hits []metric.Hit, from, to int64) (list []Report, left LeftOut) {
	left.Refunds = p.read(hits, from, to)
	for i := range hits {
		h := &hits[i]
		if _, known := p.book.Orders[h.Order]; !known && h.Role == RoleRefund && h.Usable && h.Time >= from && h.Time < to {
			left.Elsewhere++
		}
	}
	for _, o := range p.book.Orders {
		o.Amount -= min(o.Amount, p.refunds[o.Source])
		p.list = append(p.list, o)
	}
	for i := range p.list {
		if p.list[i].Again {
			left.Again++
		}
		if !p.list[i].Valued {
			left.Order(p.list[i].Lack)
		}
	}
	slices.SortFunc(p.list, func(a, b Report) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), a.received(&b))
	})
	return p.list, left
}

// read reads the reports and the refunds among the hits, and counts the refunds that reduce nothing.
func (p *Purchases) read(hits []metric.Hit, from, to int64) (useless int64) {
	p.list = p.list[:0]
	p.book.Clear()
	clear(p.refunds)
	for i := range hits {
		h := &hits[i]
		switch {
		case h.Time < from || h.Time >= to:
		case h.Role == RoleOrder && h.HasOrder:
			p.book.Add(h.Order, ReportOf(h))
		case h.Role == RoleOrder:
			p.list = append(p.list, ReportOf(h))
		case h.Usable:
			p.refunds[h.SourceOrder] = number.AddCapped(p.refunds[h.SourceOrder], h.Amount)
		default:
			useless++
		}
	}
	return useless
}

// ByDay combines the orders of one calendar day, at the time of the first one.
func ByDay(list []Report, c *journey.Calendar) []Report {
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
