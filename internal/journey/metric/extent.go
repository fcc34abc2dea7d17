// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import "github.com/journeyman-dev/journeyman/internal/journey"

// Extended is a metric that counts something else than the events of the period.
type Extended interface {
	// Extent says what, and over which time.
	Extent(p *journey.Period, c *journey.Calendar) journey.Extent
}

// ExtentOf returns what a metric counts in a period.
func ExtentOf(m Metric, p *journey.Period, c *journey.Calendar) journey.Extent {
	if x, ok := m.(Extended); ok {
		return x.Extent(p, c)
	}
	return journey.Extent{What: "events", From: p.EventsFrom, To: p.EventsTo}
}

// OfEntries is part of metrics that look at mature attempts.
type OfEntries struct{}

// Extent is the time in which mature attempts start.
func (OfEntries) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent { return p.Entries() }
