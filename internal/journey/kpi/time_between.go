// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// TimeBetween is a statistic of the time from one event to the next one of another kind, such as the first response to a message or the end
// of a case.
//
// An event of From opens, and the first event of To after it closes. An opening event while something is open belongs to it. What is not
// closed within the time Within is left out and counted.
//
// Only what opened in the period, and long enough ago for Within to be over, is counted, so that short times are not preferred. With Closed, it
// is what closed or expired in the period, whenever it opened. In both cases, events up to Within before the first one that can count are
// read, so that something that is still open is not mistaken for new.
type TimeBetween struct {
	// From lists the opening events, To the closing ones.
	From, To []journey.Match
	// Key, if set, is a key with the same value on both events, such as properties.ticketId. Events without it are left out.
	Key string
	// Within is the longest time that counts, in microseconds, inclusive.
	Within int64
	// Statistic is Mean, Median or a percentile.
	Statistic Statistic
	// Closed counts what closed in the period instead of what opened in it.
	Closed bool
}

// Roles of events in a TimeBetween.
const (
	roleOpen uint8 = iota
	roleClose
)

// Matches lists the events by role.
func (t TimeBetween) Matches() [][]journey.Match { return [][]journey.Match{t.From, t.To} }

// Read records what the metric needs of an event.
func (t TimeBetween) Read(v *match.Values, _ uint8, h *metric.Hit) { readPair(v, h, t.Key) }

// Needs marks the columns that Read uses.
func (t TimeBetween) Needs(n *match.Needs) { n.AddKey(t.Key) }

// Since returns the time from which the metric needs events.
func (t TimeBetween) Since(p *journey.Period, _ *journey.Calendar) int64 {
	if t.Closed {
		return p.EventsFrom - 2*t.Within
	}
	return p.EventsFrom - t.Within
}

// readPair records the value of a key that connects events. Without a key, all events belong together.
func readPair(v *match.Values, h *metric.Hit, path string) {
	h.Usable = path == ""
	if k, err := match.ParseKey(path); err == nil {
		if text, ok := v.Get(k); ok {
			h.Usable, h.Order = true, event.KeyOf("", text)
		}
	}
}

// NewSums returns empty sums. An error names the invalid field.
func (t TimeBetween) NewSums(*metric.Context) (metric.Sums, error) {
	if t.Key != "" {
		if _, err := match.ParseKey(t.Key); err != nil {
			return nil, fmt.Errorf("timeBetween.key: %w", err)
		}
	}
	if t.Within <= 0 {
		return nil, fmt.Errorf("timeBetween.within: must be greater than 0")
	}
	if err := t.Statistic.valid(); err != nil || t.Statistic == Sum {
		return nil, fmt.Errorf("timeBetween.statistic: Mean, Median, or a percentile from P1 to P99")
	}
	return &timeBetween{table: t, open: map[event.Key]int64{}}, nil
}

type timeBetween struct {
	table TimeBetween
	// open holds the opening time of everything that is open for one person. It is reused.
	open    map[event.Key]int64
	times   number.Durations
	sums    stats.Sums
	leftOut int64
}

func (t *timeBetween) AddPerson(v *metric.View) {
	clear(t.open)
	closeFirst(v.Hits)
	since := t.table.Since(v.Period, nil)
	for i := range v.Hits {
		h := &v.Hits[i]
		if h.Time < since {
			// Other metrics can need older events. The number must not depend on them.
			continue
		}
		if !h.Usable {
			if h.Role == roleOpen && v.InPeriod(h.Time) {
				t.leftOut++
			}
			continue
		}
		opened, isOpen := t.open[h.Order]
		if isOpen && h.Time-opened > t.table.Within {
			t.expire(v, opened)
			delete(t.open, h.Order)
			isOpen = false
		}
		switch {
		case h.Role == roleClose && isOpen:
			t.close(v, opened, h.Time)
			delete(t.open, h.Order)
		case h.Role == roleOpen && !isOpen:
			t.open[h.Order] = h.Time
		}
	}
	for _, opened := range t.open {
		t.expire(v, opened)
	}
}

// closeFirst puts closing before opening if one event is both: it closes what an earlier event opened, never itself, and then opens again.
func closeFirst(hits []metric.Hit) {
	for i := 1; i < len(hits); i++ {
		a, b := &hits[i-1], &hits[i]
		if a.Role == roleOpen && b.Role == roleClose && a.Same(b) {
			*a, *b = *b, *a
		}
	}
}

// close counts what was opened and closed.
func (t *timeBetween) close(v *metric.View, opened, closed int64) {
	switch took := closed - opened; {
	case !t.counts(v, opened, closed):
	case t.table.Statistic == Mean:
		t.sums.Add(took)
	default:
		t.times.Add(took)
	}
}

// expire counts what was not closed in time. It ends just after the last instant at which it could have been closed.
func (t *timeBetween) expire(v *metric.View, opened int64) {
	if t.counts(v, opened, opened+t.table.Within+1) {
		t.leftOut++
	}
}

// counts reports whether something with these times of opening and ending belongs to the period.
func (t *timeBetween) counts(v *metric.View, opened, over int64) bool {
	if t.table.Closed {
		return v.InPeriod(over)
	}
	return v.InPeriod(opened) && opened+t.table.Within <= v.Period.AsOf
}

func (t *timeBetween) Merge(other metric.Sums) {
	o := other.(*timeBetween)
	t.times.Merge(&o.times)
	t.sums.Merge(&o.sums)
	t.leftOut += o.leftOut
}

func (t *timeBetween) Value() metric.Value {
	v := rankedValue(&t.times, t.table.Statistic, 0)
	if t.table.Statistic == Mean {
		v = meanOfSizes(&t.sums, 0, metric.UnitSeconds)
	}
	v.Unit, v.LeftOut = metric.UnitSeconds, t.leftOut
	return v
}
