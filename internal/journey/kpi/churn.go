// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// ChurnRate is the share of the customers at risk who are lost at the end of the period. At risk is who was active in the Inactivity before
// the period; lost is who of them was not active in the Inactivity before its end.
//
// Where the Inactivity is longer than the period, the two times overlap, and who is only known from the overlap cannot be lost yet. When that is true of all
// at risk, there is no rate: it would be 0 whatever they do.
type ChurnRate struct {
	// Event lists what counts as activity.
	Event []journey.Match
	// Inactivity is the time without activity after which a customer counts as lost, in microseconds.
	Inactivity int64
}

// Matches lists the events that it looks at, by role.
func (c ChurnRate) Matches() [][]journey.Match { return [][]journey.Match{c.Event} }

// Read notes no more than that the event happened, and when.
func (ChurnRate) Read(*match.Values, uint8, *metric.Hit) {}

// Since is the time from which on it needs events.
func (c ChurnRate) Since(p *journey.Period, _ *journey.Calendar) int64 {
	return min(p.EventsFrom, p.EventsTo) - c.Inactivity
}

// Extent starts with the activity that puts a customer at risk.
func (c ChurnRate) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return journey.Extent{What: "events", From: c.Since(p, nil), To: p.EventsTo}
}

// NewSums returns empty sums; an error names the field that is wrong.
func (c ChurnRate) NewSums(*metric.Context) (metric.Sums, error) {
	if c.Inactivity <= 0 {
		return nil, fmt.Errorf("churnRate.inactivity: must be greater than 0")
	}
	return &stayers{before: c.Inactivity, after: c.Inactivity, lost: true}, nil
}

// RetentionRate is the share of the customers of the time of equal length just before the period who were active in the period as well.
type RetentionRate struct {
	// Event lists what counts as activity.
	Event []journey.Match
}

// Matches lists the events that it looks at, by role.
func (r RetentionRate) Matches() [][]journey.Match { return [][]journey.Match{r.Event} }

// Read notes no more than that the event happened, and when.
func (RetentionRate) Read(*match.Values, uint8, *metric.Hit) {}

// Since is the time from which on it needs events.
func (RetentionRate) Since(p *journey.Period, _ *journey.Calendar) int64 {
	return 2*p.EventsFrom - p.EventsTo
}

// Extent starts with the time of equal length before the period.
func (r RetentionRate) Extent(p *journey.Period, _ *journey.Calendar) journey.Extent {
	return journey.Extent{What: "events", From: r.Since(p, nil), To: p.EventsTo}
}

// NewSums returns empty sums; an error names the field that is wrong.
func (RetentionRate) NewSums(*metric.Context) (metric.Sums, error) {
	return &stayers{}, nil
}

// stayers counts who was there before the period, and who of them was there at its end.
type stayers struct {
	// before and after are the lengths of the two times that are compared, 0 for the length of the period.
	before, after int64
	lost          bool
	atRisk, kept  int64
	// early are those at risk who were active before the time in which they would have to be active again.
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
