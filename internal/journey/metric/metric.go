// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import (
	"iter"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// Metric is one kind of result that is computed in addition to the funnel: a number, a retention table, a list of paths. Each has its own file, with
// its sums. The engine records the events that match each metric as hits.
type Metric interface {
	// Matches lists the events that the metric needs, by role; nil for none.
	Matches() [][]journey.Match
	// Read records what the metric needs of an event in a role.
	Read(v *match.Values, role uint8, h *Hit)
	// NewSums returns empty sums over one period: Numeric for a KPI, Tabular for a table. It returns an error if the metric is invalid.
	NewSums(c *Context) (Sums, error)
}

// Named is a metric with its name in a report.
type Named struct {
	// Name of the KPI or table.
	Name string
	// Metric is what is computed.
	Metric Metric
}

// Context is what a metric can use of its engine.
type Context struct {
	// Map and Policy of the plan.
	Map    *journey.Map
	Policy journey.Policy
	// Period that the sums are for.
	Period *journey.Period
	// Calendar of the plan.
	Calendar *journey.Calendar
	// Personas in order; the last one is "other".
	Personas []string
	// Texts numbers the texts of hits, Channels those of events.
	Texts, Channels *journey.Texts
}

// Sums are the sums of one metric over one period.
type Sums interface {
	// AddPerson adds a person. It is called for each person of the scan, once for each period.
	AddPerson(v *View)
	// Merge adds the sums of the same metric over other persons. The other sums can have numbered their texts differently.
	Merge(other Sums)
}

// Numeric sums are the sums of a KPI.
type Numeric interface {
	Sums
	// Value returns the KPI over everything that was added.
	Value() Value
}

// Tabular sums are the sums of a table.
type Tabular interface {
	Sums
	// Grid returns the table to show.
	Grid() Grid
}

// Comparable sums are the sums of a table that can show another period next to its own.
type Comparable interface {
	// GridCompared returns the Grid together with the numbers of the same table over another period; nil for none.
	GridCompared(previous Sums) Grid
}

// OfAttempts are the sums of a KPI that uses only attempts. A group of a breakdown has them as well, over the attempts that count in the group.
type OfAttempts interface {
	Numeric
	// AddAttempt adds a mature attempt that counts.
	AddAttempt(a *journey.Attempt)
}

// OfEvents marks sums that count events no matter whose they are. They also get events without identities, each as a person with one event. All other
// sums get persons only.
type OfEvents interface {
	OfEvents()
}

// NoHits is embedded in metrics that use only attempts.
type NoHits struct{}

// Matches returns no events.
func (NoHits) Matches() [][]journey.Match { return nil }

// Read is never called.
func (NoHits) Read(*match.Values, uint8, *Hit) {}

// StagesOnly marks metrics that use only attempts and events of stages.
type StagesOnly interface{ StagesOnly() }

// Needy is a metric that reads more columns than its conditions do.
type Needy interface {
	// Needs marks the columns that Read uses.
	Needs(n *match.Needs)
}

// Historic is a metric that needs events before the period.
type Historic interface {
	// Since returns the time from which it needs events; 0 means the whole history.
	Since(p *journey.Period, c *journey.Calendar) int64
}

// PeriodHits returns the hits in the time over which events are counted.
func (v *View) PeriodHits() iter.Seq[*Hit] {
	return func(yield func(*Hit) bool) {
		for i := range v.Hits {
			if h := &v.Hits[i]; v.InPeriod(h.Time) && !yield(h) {
				return
			}
		}
	}
}
