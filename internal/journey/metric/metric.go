// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metric

import (
	"iter"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
)

// Metric is one sort of result that is computed next to the funnel: a number, a retention triangle, a list of paths. Each has a file of its own, with
// its sums. The engine notes for each metric the events that it asks for, as hits.
type Metric interface {
	// Matches lists the events that the metric looks at, by role; nil for none.
	Matches() [][]journey.Match
	// Read notes what the metric needs of an event in a role.
	Read(v *match.Values, role uint8, h *Hit)
	// NewSums gives empty sums over one period: Numeric ones for a KPI, Tabular ones for a table. The error says what is wrong with the metric.
	NewSums(c *Context) (Sums, error)
}

// Named is a metric with its name in a report.
type Named struct {
	// Name of the KPI or table.
	Name string
	// Metric says what is computed.
	Metric Metric
}

// Context is what a metric may know of its engine.
type Context struct {
	// Map and Policy of the plan.
	Map    *journey.Map
	Policy journey.Policy
	// Period that the sums are for.
	Period *journey.Period
	// Calendar of the plan.
	Calendar *journey.Calendar
	// Personas by number; the last one is "other".
	Personas []string
	// Texts numbers the texts of hits, channels those of events.
	Texts, Channels *journey.Texts
}

// Sums are those of one metric over one period.
type Sums interface {
	// AddPerson takes a person; it is called for each person of the scan, once for each period.
	AddPerson(v *View)
	// Merge adds the sums of the same metric over other persons. Texts may have other numbers there.
	Merge(other Sums)
}

// Numeric sums are those of a KPI.
type Numeric interface {
	Sums
	// Value of the KPI over all that was added.
	Value() Value
}

// Tabular sums are those of a table.
type Tabular interface {
	Sums
	// Grid is the result as it is shown.
	Grid() Grid
}

// Beside are the sums of a table that can show another period next to their own.
type Beside interface {
	// GridBeside is Grid with the numbers of the same table over another period; nil for none.
	GridBeside(previous Sums) Grid
}

// OfAttempts are sums of a KPI that looks at nothing but attempts: a group of a breakdown has them as well, over the attempts that count in the group.
type OfAttempts interface {
	Numeric
	// AddAttempt takes a mature attempt that counts.
	AddAttempt(a *journey.Attempt)
}

// OfEvents marks sums that count events, whoever's they are: they take those without identities as well, each as a person of one event. All others
// see persons alone.
type OfEvents interface {
	OfEvents()
}

// NoHits is part of metrics that look at attempts alone.
type NoHits struct{}

// Matches returns no events.
func (NoHits) Matches() [][]journey.Match { return nil }

// Read is never called.
func (NoHits) Read(*match.Values, uint8, *Hit) {}

// StagesOnly marks metrics that look at attempts and at events of stages alone.
type StagesOnly interface{ StagesOnly() }

// Needy is a metric that reads more than its conditions do.
type Needy interface {
	// Needs marks the columns that Read looks at.
	Needs(n *match.Needs)
}

// Historic is a metric that needs events of before the period.
type Historic interface {
	// Since is the time from which on it needs them; 0 for the whole history.
	Since(p *journey.Period, c *journey.Calendar) int64
}

// PeriodHits are the hits that lie in the time over which events are counted.
func (v *View) PeriodHits() iter.Seq[*Hit] {
	return func(yield func(*Hit) bool) {
		for i := range v.Hits {
			if h := &v.Hits[i]; v.InPeriod(h.Time) && !yield(h) {
				return
			}
		}
	}
}
