// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"cmp"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// Report is what one event reports about an order.
type Report struct {
	// Source is the key of the order at its source.
	Source event.Key
	// Time of the event, in microseconds.
	Time int64
	// Amount in micro-units; 0 unless Valued.
	Amount          int64
	receivedAt, seq int64
	index           int32
	// Valued is set if the amount is known and in a currency that counts.
	Valued bool
	// Lack is the reason why it is not Valued.
	Lack uint8
	// Again is set if its source has also sent the order's id with another amount.
	Again  bool
	public bool
}

// ReportOf returns the report in the hit of an order.
func ReportOf(h *metric.Hit) Report {
	r := Report{Source: h.SourceOrder, Time: h.Time, receivedAt: h.ReceivedAt, seq: h.Seq, index: h.Index, Valued: h.Usable, Lack: h.Lack, public: h.Public}
	if h.Usable {
		r.Amount = h.Amount
	}
	return r
}

// Before reports whether r has priority over o among the reports of one order; the first report is the order's authority. Reports with an amount come
// before those without. Reports of public sources come after all others, because anybody can have sent them. Of the rest, the first one received
// counts. The order is total, so the order in which a preview reads its files changes no number.
func (r *Report) Before(o *Report) bool {
	switch {
	case r.Valued != o.Valued:
		return r.Valued
	case r.public != o.public:
		return o.public
	}
	return r.received(o) < 0
}

// received compares two reports by their time of receipt. If it is equal, their content decides, and their place in the log comes last.
func (r *Report) received(o *Report) int {
	return cmp.Or(cmp.Compare(r.receivedAt, o.receivedAt), compareKeys(r.Source, o.Source), cmp.Compare(r.Amount, o.Amount), r.valuedFirst(o),
		cmp.Compare(r.Time, o.Time), cmp.Compare(r.Lack, o.Lack), cmp.Compare(r.seq, o.seq), cmp.Compare(r.index, o.index))
}

// valuedFirst orders a known amount of 0 before an unknown one.
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

// Of reports whether it was made from a hit.
func (r *Report) Of(h *metric.Hit) bool {
	return r.seq == h.Seq && r.index == h.Index && r.Time == h.Time
}

// with merges another report of the same source into the report.
func (r Report) with(o Report) Report {
	again := r.Again || o.Again || r.Valued && o.Valued && r.Amount != o.Amount
	if o.Before(&r) {
		r = o
	}
	r.Again = again
	return r
}

// Book finds the authority among the reports of each order; all numbers about orders use it. A shop, a payment provider and a CRM can report the same
// sale, and so can anybody who has the write key of a public source.
type Book struct {
	// Orders by id, as reported by their authority.
	Orders map[event.Key]Report
	// public is the number of orders whose authority is a public source.
	public int
	// further holds the reports of other sources, by source and id, because another report of the same source can follow.
	further map[event.Key]further
}

// further is a report of a source that is not the order's authority.
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

// Add adds a report. The result does not depend on the order in which reports are added, as shards require.
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

// HasRoom reports whether a book for that many orders has room for a report. Orders of public sources can use half of it: anybody can send them, and
// they must not displace real ones.
func (b *Book) HasRoom(id event.Key, r *Report, orders int) bool {
	_, known := b.Orders[id]
	return known || len(b.Orders) < orders && (!r.public || b.public < orders/2)
}

// Merge adds the reports of another book as long as there is room. full reports whether there is none for a report.
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
