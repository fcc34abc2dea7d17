// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bytes"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/sorted"
)

// counter counts the rows that a scan leaves out, by source, name, and what the counting needs of the rest.
type counter struct {
	plan  *scanPlan
	spans []store.Span
	only  map[string]bool
	sorts map[leftSort]int32
	list  []store.Left
	bytes int

	// of the current block
	wanted []bool
	table  []int32
	hits   []int64
}

// leftSort of rows that are counted together.
type leftSort struct {
	source, event     string
	flagged, customer bool
}

// maxTable bounds the sorts that a block may have: rows of one with more are given.
const maxTable = 1 << 16

func newCounter(p *scanPlan) *counter {
	c := &counter{plan: p, spans: p.request.Counting.Spans, only: map[string]bool{}, sorts: map[leftSort]int32{}}
	for _, name := range p.request.Counting.Only {
		c.only[name] = true
	}
	return c
}

func (c *counter) left() []store.Left { return c.list }

// number of a sort, from 1 on; -1 when there are too many.
func (c *counter) number(s leftSort) int32 {
	if n, ok := c.sorts[s]; ok {
		return n
	}
	if len(c.list) >= store.MaxLeft || c.bytes+len(s.source)+len(s.event) > store.MaxLeftBytes {
		return -1
	}
	c.bytes += len(s.source) + len(s.event) + 32
	c.list = append(c.list, store.Left{
		Source: s.source, Event: s.event, Flagged: s.flagged, Customer: s.customer,
		Rows: make([]int64, len(c.spans)), Late: make([]int64, len(c.spans)),
	})
	c.hits = append(c.hits, 0)
	n := int32(len(c.list))
	c.sorts[s] = n
	return n
}

// choose appends the rows to give, of the list or, if that is nil, of first <= row < end, and counts the others.
func (c *counter) choose(b *sorted.Block, first, end int, list, out []int32) []int32 {
	events, sources := &b.Columns[c.plan.counted.event], &b.Columns[c.plan.counted.source]
	c.wanted = c.wanted[:0]
	for _, name := range events.Dict {
		c.wanted = append(c.wanted, c.only[name])
	}
	if size := 4 * len(events.Dict) * len(sources.Dict); size > maxTable {
		return all(first, end, list, out)
	} else if cap(c.table) < size {
		c.table = make([]int32, size)
	} else {
		c.table = c.table[:size]
		clear(c.table)
	}
	s := c.sight(b)
	if list == nil && s.simple(c.spans, first, end) {
		return c.chooseFast(b, s, first, end, out)
	}
	if list != nil {
		for _, row := range list {
			if c.wanted[events.Codes[row]] || !c.count(b, s, int(row)) {
				out = append(out, row)
			}
		}
		return out
	}
	for row := first; row < end; row++ {
		if c.wanted[events.Codes[row]] || !c.count(b, s, row) {
			out = append(out, int32(row))
		}
	}
	return out
}

func all(first, end int, list, out []int32) []int32 {
	if list != nil {
		return append(out, list...)
	}
	for row := first; row < end; row++ {
		out = append(out, int32(row))
	}
	return out
}

// sight is what a look at whole columns tells of a block.
type sight struct {
	times                        []int64
	kinds, initiators, flags     []uint8
	late                         []uint8
	oneKind, oneMaker, noneFlags bool
	noneLate                     bool
}

func (c *counter) sight(b *sorted.Block) *sight {
	p := &c.plan.counted
	s := &sight{
		times: b.Columns[c.plan.time].Longs, kinds: b.Columns[p.kind].Bytes, initiators: b.Columns[p.initiator].Bytes,
		flags: b.Columns[p.flags].Bytes, late: b.Columns[c.plan.late].Bytes,
	}
	s.oneKind, s.oneMaker = uniform(s.kinds), uniform(s.initiators)
	s.noneFlags = uniform(s.flags) && len(s.flags) > 0 && s.flags[0] == 0
	s.noneLate = uniform(s.late) && len(s.late) > 0 && s.late[0] == 0
	return s
}

func uniform(b []uint8) bool { return len(b) > 0 && bytes.Count(b, b[:1]) == len(b) }

// simple tells whether rows differ by source and name alone: all in the same spans, none flagged or late.
func (s *sight) simple(spans []store.Span, first, end int) bool {
	if first >= end || !s.oneKind || !s.oneMaker || !s.noneFlags || !s.noneLate {
		return false
	}
	low, high := s.times[first], s.times[first]
	for _, t := range s.times[first:end] {
		low, high = min(low, t), max(high, t)
	}
	for _, span := range spans {
		in := low >= span.From && high <= span.To
		if out := high < span.From || low > span.To; !in && !out {
			return false
		}
	}
	return true
}

func (s *sight) flagged(row int) bool {
	return event.Flags(s.flags[row])&(event.FlagTest|event.FlagBot) != 0
}

func (s *sight) customer(row int) bool {
	return event.Kind(s.kinds[row]) == event.Track && event.Initiator(s.initiators[row]) == event.Customer
}

// chooseFast counts the rows of a simple block.
func (c *counter) chooseFast(b *sorted.Block, s *sight, first, end int, out []int32) []int32 {
	events, sources := &b.Columns[c.plan.counted.event], &b.Columns[c.plan.counted.source]
	width, customer := uint32(len(events.Dict)), s.customer(first)
	clear(c.hits)
	codes, from := events.Codes[:end], sources.Codes[:end]
	for row := first; row < end; row++ {
		name := codes[row]
		if c.wanted[name] {
			out = append(out, int32(row))
			continue
		}
		at := from[row]*width + name
		n := c.table[at]
		if n == 0 {
			n = c.number(leftSort{source: sources.Dict[from[row]], event: events.Dict[name], customer: customer})
			c.table[at] = n
		}
		if n < 0 {
			out = append(out, int32(row))
			continue
		}
		c.hits[n-1]++
	}
	for k, span := range c.spans {
		if t := s.times[first]; t < span.From || t > span.To {
			continue
		}
		for n, hits := range c.hits {
			c.list[n].Rows[k] += hits
		}
	}
	return out
}

// count takes one row; false when it has to be given.
func (c *counter) count(b *sorted.Block, s *sight, row int) bool {
	events, sources := &b.Columns[c.plan.counted.event], &b.Columns[c.plan.counted.source]
	flagged, customer := s.flagged(row), s.customer(row)
	at := (sources.Codes[row]*uint32(len(events.Dict)) + events.Codes[row]) * 4
	if flagged {
		at += 2
	}
	if customer {
		at++
	}
	n := c.table[at]
	if n == 0 {
		n = c.number(leftSort{source: sources.Dict[sources.Codes[row]], event: events.Dict[events.Codes[row]], flagged: flagged, customer: customer})
		c.table[at] = n
	}
	if n < 0 {
		return false
	}
	l := &c.list[n-1]
	for k, span := range c.spans {
		if t := s.times[row]; t >= span.From && t <= span.To {
			l.Rows[k]++
			l.Late[k] += int64(s.late[row])
		}
	}
	return true
}
