// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import "github.com/journeyman-dev/journeyman/internal/journey"

// Extended is a metric that counts something other than the events of the period.
type Extended interface {
	// Extent returns what is counted, and over what time.
	Extent(p *journey.Period, c *journey.Calendar) journey.Extent
}

// ExtentOf returns what a metric counts in a period, and over what time.
func ExtentOf(m Metric, p *journey.Period, c *journey.Calendar) journey.Extent {
	if x, ok := m.(Extended); ok {
		return x.Extent(p, c)
	}
	return journey.Extent{What: "events", From: p.EventsFrom, To: p.EventsTo}
}

// OfEntries is embedded in metrics that are about mature attempts.
type OfEntries struct{}

// Extent returns the time in which mature attempts start.
func (OfEntries) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent { return p.Entries() }
