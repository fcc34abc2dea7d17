// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"cmp"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Report is what one event says of an order.
type Report struct {
	// Source is the key of the order at its source.
	Source event.Key
	// Time of the event, in microseconds.
	Time int64
	// Amount in micro-units; 0 unless Valued.
	Amount          int64
	receivedAt, seq int64
	index           int32
	// Valued says that the amount is known, and in a currency that counts.
	Valued bool
	// Lack says why it is not Valued.
	Lack uint8
	// Again says that its source gave the order's id to another amount, too.
	Again  bool
	public bool
}

// ReportOf reads the hit of an order.
func ReportOf(h *metric.Hit) Report {
	r := Report{Source: h.SourceOrder, Time: h.Time, receivedAt: h.ReceivedAt, seq: h.Seq, index: h.Index, Valued: h.Usable, Lack: h.Lack, public: h.Public}
	if h.Usable {
		r.Amount = h.Amount
	}
	return r
}

// Before ranks the reports of one order; the first is its authority. One with an amount goes before one without; what a public source says,
// anybody can have sent, so it goes after what others say; of the rest the first to be received counts. Of those of one instant always the same one
// does: the order in which a preview reads its files changes no number.
func (r *Report) Before(o *Report) bool {
	switch {
	case r.Valued != o.Valued:
		return r.Valued
	case r.public != o.public:
		return o.public
	}
	return r.received(o) < 0
}

// received compares two reports by when they were received. What decides at one instant is what they say, and their place in the log comes last.
func (r *Report) received(o *Report) int {
	return cmp.Or(cmp.Compare(r.receivedAt, o.receivedAt), compareKeys(r.Source, o.Source), cmp.Compare(r.Amount, o.Amount), r.valuedFirst(o),
		cmp.Compare(r.Lack, o.Lack), cmp.Compare(r.Time, o.Time), cmp.Compare(r.seq, o.seq), cmp.Compare(r.index, o.index))
}

// valuedFirst puts a known amount of 0 before one that is not known.
func (r *Report) valuedFirst(o *Report) int {
	switch {
	case r.Valued == o.Valued:
		return 0
	case r.Valued:
		return -1
	}
	return 1
}

func compareKeys(a, b event.Key) int { return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo)) }

// Of reports whether it is the report of a hit.
func (r *Report) Of(h *metric.Hit) bool {
	return r.seq == h.Seq && r.index == h.Index && r.Time == h.Time
}

// with takes a further report of the same source in.
func (r Report) with(o Report) Report {
	again := r.Again || o.Again || r.Valued && o.Valued && r.Amount != o.Amount
	if o.Before(&r) {
		r = o
	}
	r.Again = again
	return r
}

// Book finds the authority among the reports of each order, which all numbers about orders go by. Shop, payment provider and CRM may report
// the same sale, and anybody who has the key of a page, too.
type Book struct {
	// Orders by id, as their authority reports them.
	Orders map[event.Key]Report
	// public is the number of orders that public sources are the authority of.
	public int
	// further are the reports of other sources, by source and id: another of the same source may come.
	further map[event.Key]further
}

// further is a report by a source that is not the order's authority.
type further struct {
	id event.Key
	Report
}

// NewBook returns an empty book.
func NewBook() *Book {
	return &Book{Orders: map[event.Key]Report{}, further: map[event.Key]further{}}
}

// Clear empties the book.
func (b *Book) Clear() {
	clear(b.Orders)
	b.public = 0
	clear(b.further)
}

// Add takes a report in. What comes of many does not depend on which is taken in first, as shards need it.
func (b *Book) Add(id event.Key, r Report) {
	known, ok := b.Orders[id]
	switch {
	case !ok:
		b.set(id, r)
		return
	case known.Source == r.Source:
		b.set(id, known.with(r))
		return
	}
	if f, ok := b.further[r.Source]; ok {
		r = f.with(r)
	}
	if r.Before(&known) {
		delete(b.further, r.Source)
		b.set(id, r)
		r = known
	}
	b.further[r.Source] = further{id, r}
}

// set makes a report the authority of an order.
func (b *Book) set(id event.Key, r Report) {
	if b.Orders[id].public {
		b.public--
	}
	if r.public {
		b.public++
	}
	b.Orders[id] = r
}

// HasRoom reports whether a book for so many orders can take in a report. Orders of public sources get half of it: anybody can send them, and shall not
// take the room of those that are true.
func (b *Book) HasRoom(id event.Key, r *Report, orders int) bool {
	_, known := b.Orders[id]
	return known || len(b.Orders) < orders && (!r.public || b.public < orders/2)
}

// Merge takes the reports of another book in, as far as there is room: full says of a report whether there is none.
func (b *Book) Merge(o *Book, full func(id event.Key, r *Report) bool) {
	for id, r := range o.Orders {
		if !full(id, &r) {
			b.Add(id, r)
		}
	}
	for _, f := range o.further {
		if !full(f.id, &f.Report) {
			b.Add(f.id, f.Report)
		}
	}
}
