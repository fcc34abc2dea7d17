// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// purchase is one order of a person.
type purchase struct {
	time, seq int64
	index     int32
	// amount after refunds, in micro-units; it means something only if valued.
	amount      int64
	valued      bool
	sourceOrder event.Key
}

// purchases lists the orders of one person. It is used again for the next.
type purchases struct {
	list    []purchase
	byOrder map[event.Key]int
	refunds map[event.Key]int64
}

func newPurchases() *purchases {
	return &purchases{byOrder: map[event.Key]int{}, refunds: map[event.Key]int64{}}
}

// of gives the orders from <= t < to among the hits of Orders, in the order of time. Of the events with one order id the first to be
// received is the authority; refunds of the same source and in the same time reduce its amount, down to zero. leftOut is the number of
// orders without a usable amount: they count as orders, with no value.
func (p *purchases) of(hits []Hit, from, to int64) (list []purchase, leftOut int64) {
	p.list = p.list[:0]
	clear(p.byOrder)
	clear(p.refunds)
	for i := range hits {
		h := &hits[i]
		switch {
		case h.Time < from || h.Time >= to:
		case h.Role == roleOrder:
			p.order(h)
		case h.Usable:
			p.refunds[h.SourceOrder] = addCapped(p.refunds[h.SourceOrder], h.Amount)
		}
	}
	for i := range p.list {
		o := &p.list[i]
		if !o.valued {
			leftOut++
			o.amount = 0
			continue
		}
		o.amount -= min(o.amount, p.refunds[o.sourceOrder])
	}
	slices.SortFunc(p.list, func(a, b purchase) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index))
	})
	return p.list, leftOut
}

func (p *purchases) order(h *Hit) {
	o := purchase{time: h.Time, seq: h.Seq, index: h.Index, amount: h.Amount, valued: h.Usable, sourceOrder: h.SourceOrder}
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

// byDay takes the orders of one calendar day together, at the time of the first.
func byDay(list []purchase, c *Calendar) []purchase {
	out := list[:0]
	end := int64(-1 << 62)
	for _, o := range list {
		if o.time >= end {
			end = c.Add(c.Start(o.time, Day), Day, 1)
			out = append(out, o)
			continue
		}
		last := &out[len(out)-1]
		last.amount = addCapped(last.amount, o.amount)
		last.valued = last.valued || o.valued
	}
	return out
}

// addCapped adds two amounts that are not negative; the sum stays at the greatest number when it is too large.
func addCapped(a, b int64) int64 {
	if a+b < a {
		return 1<<63 - 1
	}
	return a + b
}
