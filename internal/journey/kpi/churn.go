// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// ChurnRate is the share of customers at risk who are lost at the end of the period. A customer is at risk if they were active in the
// Inactivity before the period, and lost if they were not active in the Inactivity before its end.
//
// If the Inactivity is longer than the period, the two times overlap, and a customer who was only active in the overlap cannot be lost yet.
// If that is true of all customers at risk, there is no rate: it would be 0 whatever they do.
type ChurnRate struct {
	// Event lists what counts as activity.
	Event []journey.Match
	// Inactivity is the time without activity after which a customer counts as lost, in microseconds.
	Inactivity int64
}

// Matches lists the events by role.
func (c ChurnRate) Matches() [][]journey.Match { return [][]journey.Match{c.Event} }

// Read records nothing but the time of the event.
func (ChurnRate) Read(*match.Values, uint8, *metric.Hit) {}

// Since returns the time from which the metric needs events.
func (c ChurnRate) Since(p *journey.Period, _ *journey.Calendar) int64 {
	return min(p.EventsFrom, p.EventsTo) - c.Inactivity
}

// Extent starts with the activity that puts a customer at risk.
func (c ChurnRate) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return journey.Extent{What: "events", From: c.Since(p, nil), To: p.EventsTo}
}

// NewSums returns empty sums. An error names the invalid field.
func (c ChurnRate) NewSums(*metric.Context) (metric.Sums, error) {
	if c.Inactivity <= 0 {
		return nil, fmt.Errorf("churnRate.inactivity: must be greater than 0")
	}
	return &stayers{before: c.Inactivity, after: c.Inactivity, lost: true}, nil
}

// RetentionRate is the share of the customers who were active in the period of equal length just before, and who were active in this period as well.
type RetentionRate struct {
	// Event lists what counts as activity.
	Event []journey.Match
}

// Matches lists the events by role.
func (r RetentionRate) Matches() [][]journey.Match { return [][]journey.Match{r.Event} }

// Read records nothing but the time of the event.
func (RetentionRate) Read(*match.Values, uint8, *metric.Hit) {}

// Since returns the time from which the metric needs events.
func (RetentionRate) Since(p *journey.Period, _ *journey.Calendar) int64 {
	return 2*p.EventsFrom - p.EventsTo
}

// Extent starts with the time of equal length before the period.
func (r RetentionRate) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return journey.Extent{What: "events", From: r.Since(p, nil), To: p.EventsTo}
}

// NewSums returns empty sums. An error names the invalid field.
func (RetentionRate) NewSums(*metric.Context) (metric.Sums, error) {
	return &stayers{}, nil
}

// stayers counts who was active before the period, and who of them was active at its end.
type stayers struct {
	// before and after are the lengths of the two times that are compared; 0 means the length of the period.
	before, after int64
	lost          bool
	atRisk, kept  int64
	// early counts those at risk who were active before the time in which they would have to be active again.
	early int64
}

func (s *stayers) AddPerson(v *metric.View) {
	from, to := v.Period.EventsFrom, v.Period.EventsTo
	before, after := s.before, s.after
	if before == 0 {
		before, after = to-from, to-from
	}
	was, is, early := false, false, false
	for i := range v.Hits {
		at := v.Hits[i].Time
		was = was || at >= from-before && at < from
		early = early || at >= from-before && at < min(from, to-after)
		is = is || at >= to-after && at < to
	}
	if was {
		s.atRisk++
		if early {
			s.early++
		}
		if is {
			s.kept++
		}
	}
}

func (s *stayers) Merge(other metric.Sums) {
	o := other.(*stayers)
	s.atRisk, s.kept, s.early = s.atRisk+o.atRisk, s.kept+o.kept, s.early+o.early
}

func (s *stayers) Value() metric.Value {
	if s.lost && s.atRisk > 0 && s.early == 0 {
		return metric.Value{Unit: metric.UnitRatio, Samples: s.atRisk,
			Note: "no value: the events do not reach back far enough for anybody to have been inactive that long"}
	}
	if s.lost {
		return shareWithInterval(s.atRisk-s.kept, s.atRisk)
	}
	return shareWithInterval(s.kept, s.atRisk)
}
