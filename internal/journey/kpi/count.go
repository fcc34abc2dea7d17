// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// EventCount is the number of events that match. An event that matches several times counts once.
type EventCount struct {
	// Match lists the events.
	Match []journey.Match
}

// Matches lists the events by role.
func (c EventCount) Matches() [][]journey.Match { return [][]journey.Match{c.Match} }

// Read records what the metric needs of an event.
func (EventCount) Read(_ *match.Values, _ uint8, h *metric.Hit) { h.Usable = true }

// NewSums returns empty sums. An error names the invalid field.
func (EventCount) NewSums(*metric.Context) (metric.Sums, error) {
	return &eventCount{}, nil
}

type eventCount struct {
	count int64
}

// OfEvents marks sums that count single events.
func (*eventCount) OfEvents() {}

func (c *eventCount) AddPerson(v *metric.View) {
	for range v.PeriodHits() {
		c.count++
	}
}

func (c *eventCount) Merge(other metric.Sums) { c.count += other.(*eventCount).count }

func (c *eventCount) Value() metric.Value {
	return metric.Value{Number: number.Decimal{Scaled: c.count}, Known: true, Unit: metric.UnitCount, Samples: c.count}
}
