// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Extent is what a metric counts, and over which time.
type Extent struct {
	// What is counted, in a few words.
	What string
	// From and To bound it, in microseconds; a From of 0 stands for the whole past.
	From, To int64
}

// Extended is a metric that counts something else than the events of the period.
type Extended interface {
	// Extent says what, and over which time.
	Extent(p *Period, c *Calendar) Extent
}

// ExtentOf gives what a metric counts in a period.
func ExtentOf(m Metric, p *Period, c *Calendar) Extent {
	if x, ok := m.(Extended); ok {
		return x.Extent(p, c)
	}
	return Extent{What: "events", From: p.EventsFrom, To: p.EventsTo}
}

// OfEntries is part of metrics that look at mature attempts.
type OfEntries struct{}

// Extent is the time in which mature attempts begin.
func (OfEntries) Extent(p *Period, _ *Calendar) Extent { return p.Entries() }

// Entries are those of mature attempts.
func (p *Period) Entries() Extent { return Extent{What: "entries", From: p.From, To: p.To} }

// EventsToDate is the extent of what looks at the whole past, up to the end of the period.
func (p *Period) EventsToDate() Extent { return Extent{What: "events", To: p.EventsTo} }

// WholePeriods is the extent of what looks at calendar periods as a whole, given by their beginnings, the last of them up to the time of analysis.
func (p *Period) WholePeriods(starts []int64, u Unit, c *Calendar) Extent {
	if len(starts) == 0 {
		return Extent{What: "events", From: p.EventsFrom, To: p.EventsTo}
	}
	return Extent{What: "events", From: starts[0], To: min(c.Add(starts[len(starts)-1], u, 1), p.AsOf+1)}
}
