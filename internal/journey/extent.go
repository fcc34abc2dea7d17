// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Extent is what a metric counts, and over what time.
type Extent struct {
	// What is counted, in a few words.
	What string
	// From and To limit the time, in microseconds. A From of 0 means the whole past.
	From, To int64
}

// Entries returns the extent of mature attempts.
func (p *Period) Entries() Extent { return Extent{What: "entries", From: p.From, To: p.To} }

// EventsToDate returns the extent of metrics that use the whole past, up to the end of the period.
func (p *Period) EventsToDate() Extent { return Extent{What: "events", To: p.EventsTo} }

// WholePeriods returns the extent of metrics that use whole calendar periods, given by their beginnings. The last one ends at the time of analysis.
func (p *Period) WholePeriods(starts []int64, u Unit, c *Calendar) Extent {
	if len(starts) == 0 {
		return Extent{What: "events", From: p.EventsFrom, To: p.EventsTo}
	}
	return Extent{What: "events", From: starts[0], To: min(c.Add(starts[len(starts)-1], u, 1), p.AsOf+1)}
}
