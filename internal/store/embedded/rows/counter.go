// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rows

import (
	"math"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Counter counts the rows that a scan omits, by source, name, and whatever else the counting needs.
type Counter struct {
	query *Query
	spans []event.Span
	only  map[string]bool
	known map[event.TallyKey]int32
	list  []event.Tally
	bytes int

	// For the classes of the current block: given is 1 for those that are returned, and 0 for those that are counted at their index in list. hits are
	// the rows seen.
	given  []uint8
	late   []int64 // 1 or 0
	places []int32
	hits   []int64
}

// NewCounter returns a counter for a query with counting.
func NewCounter(q *Query) *Counter {
	c := &Counter{query: q, spans: q.request.Counting.Spans, only: map[string]bool{}, known: map[event.TallyKey]int32{}}
	for _, name := range q.request.Counting.Only {
		c.only[name] = true
	}
	return c
}

// Tallies returns what was counted so far.
func (c *Counter) Tallies() []event.Tally { return c.list }

// Take counts the rows of a block that are counted, and keeps the others.
func (c *Counter) Take(b *block.Block) { b.Keep(c.choose(b, anyTime, 0, b.Rows, nil, nil)) }

// place returns the index of a class in the list; -1 if it is returned, because it was requested or there are too many.
func (c *Counter) place(class *event.Class) int32 {
	if c.only[class.Name] {
		return -1
	}
	key := class.TallyKey()
	if n, ok := c.known[key]; ok {
		return n
	}
	if len(c.list) >= store.MaxTallies || c.bytes+len(key.Source)+len(key.Name) > store.MaxTallyBytes {
		return -1
	}
	c.bytes += len(key.Source) + len(key.Name) + 32
	n := int32(len(c.list))
	c.list = append(c.list, event.Tally{TallyKey: key, Rows: make([]int64, len(c.spans)), Late: make([]int64, len(c.spans))})
	c.known[key] = n
	return n
}

// look prepares for the classes of a block.
func (c *Counter) look(classes *block.Column) {
	c.given, c.late, c.places, c.hits = c.given[:0], c.late[:0], c.places[:0], c.hits[:0]
	for _, text := range classes.Dict {
		class := c.query.sight(text)
		place := c.place(class)
		c.given, c.places, c.hits = append(c.given, oneIf(place < 0)), append(c.places, place), append(c.hits, 0)
		c.late = append(c.late, int64(oneIf(class.Late)))
	}
}

func oneIf(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// anyTime is the bound of rows whose time is unknown.
var anyTime = event.Span{From: math.MinInt64, To: math.MaxInt64}

// choose appends the rows to return, of the list or, if that is nil, of first <= row < end, and counts the others. Their times are within bounds.
func (c *Counter) choose(b *block.Block, bounds event.Span, first, end int, list, out []int32) []int32 {
	classes, times := &b.Columns[c.query.class], b.Columns[c.query.time].Longs
	c.look(classes)
	if len(list) > 0 && c.oneStretch(times[list[0]:list[len(list)-1]+1]) {
		return c.chooseFastOf(classes.Codes, times[list[0]], list, out)
	}
	if list != nil {
		kept := out
		for _, row := range list {
			if c.given[classes.Codes[row]] != 0 {
				kept = append(kept, row)
			} else {
				c.count(times[row], classes.Codes[row])
			}
		}
		return kept
	}
	if first < end && (c.oneSpan(bounds) || c.oneStretch(times[first:end])) {
		return c.chooseFast(classes.Codes, times[first], first, end, out)
	}
	for row := first; row < end; row++ {
		if c.given[classes.Codes[row]] != 0 {
			out = append(out, int32(row))
		} else {
			c.count(times[row], classes.Codes[row])
		}
	}
	return out
}

// oneStretch reports whether all times are in the same spans.
func (c *Counter) oneStretch(times []int64) bool {
	return c.oneSpan(event.Span{From: slices.Min(times), To: slices.Max(times)})
}

// oneSpan reports whether all instants of a span are in the same spans.
func (c *Counter) oneSpan(all event.Span) bool {
	low, high := all.From, all.To
	for _, span := range c.spans {
		in := low >= span.From && high <= span.To
		if out := high < span.From || low > span.To; !in && !out {
			return false
		}
	}
	return true
}

// chooseFast counts rows whose times, of which one is given, are all in the same spans. The loop has no branches, because whether a class is returned
// is unpredictable.
func (c *Counter) chooseFast(codes []uint32, time int64, first, end int, out []int32) []int32 {
	n := len(out)
	out = slices.Grow(out, end-first+1)[:n+end-first+1]
	given, hits := c.given, c.hits
	for row, code := range codes[first:end] {
		out[n] = int32(first + row)
		n += int(given[code])
		hits[code]++
	}
	c.addHits(time)
	return out[:n]
}

// chooseFastOf does the same for the rows of a list. It can reuse the memory of the list for the result.
func (c *Counter) chooseFastOf(codes []uint32, time int64, list, out []int32) []int32 {
	n := len(out)
	out = slices.Grow(out, len(list))[:n+len(list)]
	given, hits := c.given, c.hits
	for _, row := range list {
		code := codes[row]
		out[n] = row
		n += int(given[code])
		hits[code]++
	}
	c.addHits(time)
	return out[:n]
}

// addHits adds the rows of one time to the spans that contain it.
func (c *Counter) addHits(time int64) {
	for code, hits := range c.hits {
		place := c.places[code]
		if place < 0 || hits == 0 {
			continue
		}
		late := c.late[code]
		for k, span := range c.spans {
			if time >= span.From && time <= span.To {
				c.list[place].Rows[k] += hits
				c.list[place].Late[k] += hits * late
			}
		}
	}
}

// count counts one row.
func (c *Counter) count(time int64, code uint32) {
	l := &c.list[c.places[code]]
	late := c.late[code]
	for k, span := range c.spans {
		if time >= span.From && time <= span.To {
			l.Rows[k]++
			l.Late[k] += late
		}
	}
}
