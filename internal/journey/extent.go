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
